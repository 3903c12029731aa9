"""Who calls, and in which transaction: what the routes of this service for staff have in common."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from services.person.commands import Staff
from services.person.vault import Vault
from shared.auth import Principal, Role, allow
from shared.database import Connection, Database
from shared.idempotency import reading, transaction


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
Logged = Annotated[Connection, Depends(_logged, scope="function")]


def staff(who: Principal) -> Staff:
    """A case manager."""
    return Staff(who.subject, Role.CASE_MANAGER)
