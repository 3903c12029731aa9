"""Person, case, scheduling and interpreter behind each other: every event that one tells, the others hear.

Each has its own database and its real reactions; only the broker between them is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.case import commands as case_commands
from services.case import store_managers
from services.case.manager import CaseManager
from services.case.talks import TalkWish
from services.interpreter import commands as interpreter_commands
from services.interpreter import commands_offers, commands_profiles, offers, store_rankings
from services.interpreter.domain import Availability, Interpreter
from services.person import commands as person_commands
from services.person import conflicts
from services.person.commands import Staff
from services.person.vault import Vault
from services.scheduling import commands as scheduling_commands
from services.scheduling import store as bookings
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking, State
from services.scheduling.resources import Kind, Resource
from services.scheduling.windows import Window
from shared.clock import now
from shared.contracts.intake import EnquiryAccepted
from shared.contracts.interpreter import AvailabilityWindow
from shared.contracts.vocabulary import Mode, Topic
from shared.database import Database
from shared.dispatcher import Dispatcher
from shared.envelope import attributes
from shared.ids import new_id
from shared.inbox import Incoming
from shared.outbox import append, paired
from tests.interpreter.people import DINSLAKEN, TODAY, interpreter

WORKING_DAYS = range(5)


@dataclass
class Chain:
    databases: dict[str, Database]
    dispatchers: dict[str, Dispatcher]
    vault: Vault
    manager: UUID = field(default_factory=new_id)
    heard: dict[str, int] = field(default_factory=dict)
    """Service -> the last row of its outbox that all others have heard."""

    async def open_office(self) -> None:
        """One case manager, who speaks German, and one room."""
        windows = tuple(Window(day, time(9), time(16)) for day in WORKING_DAYS)
        async with self.databases["scheduling"].transaction() as conn:
            await resources.put(conn, Resource(self.manager, Kind.CASE_MANAGER, windows=windows))
            await resources.put(conn, Resource(new_id(), Kind.ROOM, ags=(DINSLAKEN,), windows=windows))
        async with self.databases["case"].transaction() as conn:
            places, spoken = frozenset({DINSLAKEN}), frozenset({"de"})
            await store_managers.put(conn, CaseManager(self.manager, Decimal(1), places, spoken, frozenset(Topic)))

    async def knows(self, **changed: Any) -> Interpreter:
        """An interpreter who can come whenever the office is open."""
        given = interpreter(**changed)
        week = tuple(AvailabilityWindow(weekday=day, starts=time(9), ends=time(16)) for day in WORKING_DAYS)
        async with self.databases["interpreter"].transaction() as conn:
            await commands_profiles.put_interpreter(conn, given)
            await interpreter_commands.put_availability(conn, given.id, Availability(week))
        await self.settle()
        return given

    async def accept(self, **changed: Any) -> UUID:
        """An enquiry that is accepted; whatever follows by itself has followed. Returns its id."""
        wanted = {"languages": ["ti"], "topics": [Topic.HOUSING], "mode": Mode.IN_PERSON}
        enquiry = EnquiryAccepted(enquiry_id=new_id(), ags=DINSLAKEN, accepted_on=TODAY, **(wanted | changed))
        async with self.databases["person"].transaction() as conn:
            await person_commands.expect(conn, enquiry.enquiry_id, [], now())
            await append(conn, enquiry)
        await self.settle()
        return enquiry.enquiry_id

    async def states_conflicts(self, enquiry_id: UUID, *named: tuple[str, str]) -> None:
        """The case manager tells person; case and interpreter hear of tokens."""
        async with self.databases["person"].transaction() as conn:
            staff = Staff(str(self.manager), "case_manager")
            await conflicts.of_participant(conn, self.vault, staff, enquiry_id, named)
        await self.settle()

    async def states_conflicts_of(self, who: UUID, *named: tuple[str, str]) -> None:
        async with self.databases["person"].transaction() as conn:
            await conflicts.of_interpreter(conn, self.vault, who, named)
        await self.settle()

    async def asks_for_another_talk(self, enquiry_id: UUID) -> None:
        async with self.databases["case"].transaction() as conn:
            case_id = await conn.fetchval("select id from case_file where enquiry_id = $1", enquiry_id)
            await case_commands.request_talk(conn, case_id, self.manager, TalkWish())
        await self.settle()

    async def booking(self, enquiry_id: UUID) -> Booking:
        """The last one of the enquiry."""
        async with self.databases["scheduling"].read() as conn:
            return (await bookings.of_enquiry(conn, enquiry_id))[-1]

    async def ranked(self, enquiry_id: UUID) -> list[UUID]:
        """For the first slot of the last booking, best first."""
        return list((await self.booking(enquiry_id)).candidates[0].interpreters)

    async def choose(self, enquiry_id: UUID) -> Booking:
        """The participant takes the first slot that is proposed."""
        booking = await self.booking(enquiry_id)
        assert booking.state is State.PROPOSED, booking.state
        async with self.databases["scheduling"].transaction() as conn:
            await scheduling_commands.choose(conn, booking.booking_id, booking.candidates[0].slot_id)
        await self.settle()
        return await self.booking(enquiry_id)

    async def agrees(self, who: UUID) -> None:
        """The interpreter accepts the one offer that is open."""
        async with self.databases["interpreter"].transaction() as conn:
            offer_id = await conn.fetchval("select id from offer where interpreter_id = $1 and state = 'open'", who)
            await commands_offers.answer_offer(conn, offers.accept, offer_id, who)
        await self.settle()

    async def asked(self) -> list[UUID]:
        """Everybody who was ever asked, in order."""
        rows = await self.databases["interpreter"].pool.fetch("select interpreter_id from offer order by id")
        return [row["interpreter_id"] for row in rows]

    async def open_requests(self) -> int:
        async with self.databases["interpreter"].read() as conn:
            return len(await store_rankings.open_requests(conn))

    async def settle(self) -> None:
        """Until nobody has anything to tell any more."""
        while told := await self._untold():
            for record in told:
                for dispatcher in self.dispatchers.values():
                    await dispatcher.handle([record])

    async def _untold(self) -> Sequence[Incoming]:
        records = []
        for name, database in self.databases.items():
            rows = await database.pool.fetch(
                "select id, topic, record_key, headers, value from outbox where id > $1 order by id",
                self.heard.get(name, 0),
            )
            self.heard[name] = rows[-1]["id"] if rows else self.heard.get(name, 0)
            records += [_incoming(row) for row in rows]
        return records


def _incoming(row: Any) -> Incoming:
    headers = paired(row["headers"])
    known = attributes(dict(headers))
    return Incoming(row["topic"], 0, 0, row["record_key"], known["type"], known["subject"], headers, row["value"])
