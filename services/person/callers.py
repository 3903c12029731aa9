"""Who calls, and in which transaction: what the routes of this service for staff have in common."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from services.person.commands import Staff
from services.person.duplicates import VersionMissing
from services.person.vault import Vault
from shared.auth import Principal, Role, allow
from shared.database import Connection, Database
from shared.errors import Invalid
from shared.idempotency import reading, transaction

_ETAG = re.compile(r'"([0-9a-f]{32})"')


def _version(if_match: Annotated[str | None, Header(description="The ETag of what was read")] = None) -> str:
    """Raises VersionMissing, Invalid."""
    if if_match is None:
        raise VersionMissing("If-Match")
    if not (found := _ETAG.fullmatch(if_match)):
        raise Invalid("If-Match")
    return found[1]


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


async def _logged(request: Request) -> AsyncIterator[Connection]:
    """A transaction whose answer is never kept to be replayed: each reading is a reading, with its log row."""
    database: Database = request.app.state.database
    async with database.transaction() as conn:
        yield conn


CaseManager = Annotated[Principal, allow(Role.CASE_MANAGER)]
Administrator = Annotated[Principal, allow(Role.ADMINISTRATOR)]
OfVault = Annotated[Vault, Depends(_vault)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]
Version = Annotated[str, Depends(_version)]
Logged = Annotated[Connection, Depends(_logged, scope="function")]


def tag(version: str, response: Response) -> None:
    """What `Version` has to be of whoever changes what they were given."""
    response.headers["ETag"] = f'"{version}"'


def staff(who: Principal) -> Staff:
    """A case manager."""
    return Staff(who.subject, Role.CASE_MANAGER)
