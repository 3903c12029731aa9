"""A town whose people ask more than once: registered, with their case managers, and compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from services.person import commands, store
from services.person.vault import Vault
from shared.database import Database
from shared.sealing import SealedContact
from tests.person.caller import Caller, Callers, Registered
from tests.person.people import CONTACT, hear_assignment, hear_enquiry

TWICE = CONTACT.model_copy(update={"birth_year": 1991})


@dataclass
class Town:
    database: Database
    vault: Vault
    callers: Callers

    async def asks(self, manager: UUID | None, contact: SealedContact = TWICE) -> Registered:
        """Somebody asks, and has that case manager."""
        enquiry_id = await hear_enquiry(self.database)
        async with self.database.transaction() as conn:
            assert await commands.register(conn, self.vault, enquiry_id, contact)
            person_id = await store.person_of(conn, enquiry_id)
        if manager:
            await hear_assignment(self.database, enquiry_id, manager)
        subject = manager or UUID(int=0)
        staff = self.callers.role("case_manager", subject)
        return Registered(enquiry_id, person_id, subject, staff, self.callers.participant(enquiry_id))

    async def state(self) -> Mapping[str, list[str]]:
        """Every row of the vault but for what was told and who looked."""
        tables = ("person", "enquiry", "consent", "responsibility", "blind_index", "duplicate_candidate", "merge")
        found = {}
        for table in tables:
            rows = await self.database.pool.fetch(f"select t::text as row from {table} as t order by 1")  # noqa: S608
            found[table] = [row["row"] for row in rows]
        return found


def path(person: Registered, what: str = "duplicates") -> str:
    return f"/persons/by-enquiry/{person.enquiry_id}/{what}"


async def look(person: Registered, by: Caller | None = None) -> Any:
    found = await (by or person.case_manager).get(path(person))
    assert found.is_success, found.text
    return found.json()


async def decide(person: Registered, what: str, other: Registered, by: Caller | None = None) -> httpx.Response:
    """With the version that there is now."""
    caller = by or person.case_manager
    version = (await caller.get(path(person))).headers.get("etag", '"' + "0" * 32 + '"')
    return await caller.post(path(person, what), {"person_id": str(other.person_id)}, **{"If-Match": version})
