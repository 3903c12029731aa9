"""Who calls, and in which transaction: what the routes of this service for staff have in common."""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from services.person.commands import Staff
from services.person.duplicates import VersionMissing
from services.person.vault import Vault
from shared import versions
from shared.auth import Principal, Role, allow
from shared.database import Connection
from shared.idempotency import logged, reading, transaction


def _version(if_match: Annotated[str | None, Header(description="The ETag of what was read")] = None) -> str:
    """Raises VersionMissing, Invalid."""
    return versions.seen(if_match, versions.HASHED, VersionMissing)


def _vault(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


CaseManager = Annotated[Principal, allow(Role.CASE_MANAGER)]
Administrator = Annotated[Principal, allow(Role.ADMINISTRATOR)]
OfVault = Annotated[Vault, Depends(_vault)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]
Version = Annotated[str, Depends(_version)]
Logged = Annotated[Connection, logged()]


def tag(version: str, response: Response) -> None:
    """What `Version` has to be of whoever changes what they were given."""
    versions.tag(version, response)


def staff(who: Principal) -> Staff:
    """A case manager."""
    return Staff(who.subject, Role.CASE_MANAGER)
