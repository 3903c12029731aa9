"""Scheduling as the tests drive it, with a clock of their own: people and rooms, requests, and what was told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar
from uuid import UUID

from services.scheduling import commands, commands_cases, commands_series, commands_waiting, store, store_series
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking
from services.scheduling.resources import Kind, Resource
from services.scheduling.rules import Rule
from services.scheduling.series_views import SeriesInput, SeriesView
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.contracts.base import Event
from shared.contracts.case import CaseAssigned, CaseUnassigned, CounsellingRequested
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.vocabulary import CancelledBy, Mode, Phase, Topic
from shared.database import Database
from shared.ids import new_id
from tests.told import told

DINSLAKEN, MOERS = "05170008", "05170024"
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
"""10:00 in Berlin; no holiday follows for three weeks."""
OFFICE_HOURS = tuple(Window(day, time(9), time(12)) for day in range(5))
E = TypeVar("E", bound=Event)


def asked(**changed: Any) -> CounsellingRequested:
    """A talk of an hour in Dinslaken, in Tigrinya."""
    good = {
        "case_id": new_id(),
        "enquiry_id": new_id(),
        "ags": DINSLAKEN,
        "counselling_id": new_id(),
        "case_manager_id": new_id(),
        "languages": ["ti"],
        "interpreter_needed": True,
        "topics": [Topic.HOUSING],
        "mode": Mode.IN_PERSON,
        "duration_minutes": 60,
        "requested_on": MONDAY.date(),
    }
    return CounsellingRequested.model_validate(good | changed)


@dataclass
class World:
    database: Database
    now: datetime = MONDAY
    manager: UUID = field(default_factory=new_id)
    room: UUID = field(default_factory=new_id)

    def pass_time(self, span: timedelta) -> None:
        self.now += span

    async def open_office(self, windows: Sequence[Window] = OFFICE_HOURS) -> None:
        """One case manager and one room in Dinslaken."""
        await self.put(Resource(self.manager, Kind.CASE_MANAGER, windows=tuple(windows)))
        await self.put(Resource(self.room, Kind.ROOM, ags=(DINSLAKEN,), windows=tuple(windows)))

    async def put(self, resource: Resource) -> None:
        async with self.database.transaction() as conn:
            await resources.put(conn, resource)

    async def interpreter(
        self,
        *languages: str,
        windows: Sequence[Window] = OFFICE_HOURS,
        rules: Sequence[Rule] = (),
        stands_in_for: Sequence[str] = (),
        serves: str = DINSLAKEN,
    ) -> UUID:
        """One who is there in office hours, unless told otherwise."""
        id, instead = new_id(), tuple(stands_in_for)
        profile = Resource(id, Kind.INTERPRETER, ags=(serves,), languages=languages or ("ti",), stands_in_for=instead)
        async with self.database.transaction() as conn:
            await resources.learn_profile(conn, profile, self.now)
            await resources.learn_windows(conn, id, windows, self.now, rules)
        return id

    async def request(self, **changed: Any) -> Booking:
        changed.setdefault("case_manager_id", self.manager)
        async with self.database.transaction() as conn:
            return await commands.request(conn, asked(**changed))

    async def rank(self, booking: Booking, *interpreters: UUID, at_once: int = 1) -> Booking:
        """Interpreter's answer: the same order for every slot, so many asked in one round."""
        slots = [
            RankedSlot(
                slot_id=candidate.slot_id,
                interpreter_ids=list(interpreters),
                language=booking.languages[0] if interpreters else None,
                ask_at_once=at_once,
            )
            for candidate in booking.candidates
        ]
        async with self.database.transaction() as conn:
            return await commands.rank(conn, CandidatesRanked(booking_id=booking.booking_id, slots=slots))

    async def choose(self, booking: Booking, slot: int = 0) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.choose(conn, booking.booking_id, booking.candidates[slot].slot_id)

    async def accept(self, booking: Booking, interpreter: UUID) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.accept(conn, booking.booking_id, interpreter)

    async def refuse(self, booking: Booking, interpreter: UUID) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.swap(conn, booking.booking_id, interpreter)

    async def cancel(self, booking: Booking, by: CancelledBy = CancelledBy.PARTICIPANT) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.cancel(conn, booking.booking_id, by)

    async def move(self, booking: Booking) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.move(conn, booking.booking_id)

    async def assign(self, booking: Booking, manager: UUID, *, speaks_language: bool = True) -> None:
        """The case goes to that case manager."""
        told = CaseAssigned(
            **_case_of(booking),
            case_manager_id=manager,
            speaks_language=speaks_language,
            phase=Phase.ASSESSMENT,
            assigned_on=self.now.date(),
        )
        async with self.database.transaction() as conn:
            await commands_cases.assigned(conn, told)

    async def unassign(self, booking: Booking) -> None:
        """The case goes to nobody."""
        told = CaseUnassigned(**_case_of(booking), unassigned_on=self.now.date())
        async with self.database.transaction() as conn:
            await commands_cases.unassigned(conn, told)

    async def others_of(self, known: Sequence[Booking]) -> list[Booking]:
        """The bookings of the same enquiries that scheduling began by itself."""
        ids = {each.booking_id for each in known}
        async with self.database.read() as conn:
            found = [await store.of_enquiry(conn, enquiry) for enquiry in {each.enquiry_id for each in known}]
        return [each for some in found for each in some if each.booking_id not in ids]

    async def check_in(self, booking: Booking, *, attended: bool) -> Booking:
        async with self.database.transaction() as conn:
            return await commands.check_in(conn, booking.booking_id, attended=attended)

    async def begin(self, booking: Booking) -> None:
        """As if the chosen slot had begun a moment ago, where the clock cannot be moved."""
        await self.database.pool.execute(
            "update proposed_slot set starts_at = least(starts_at, $2), ends_at = $3 where id = $1",
            *(booking.slot_id, self.now - timedelta(minutes=1), self.now + timedelta(hours=1)),
        )

    async def expire(self) -> int:
        async with self.database.transaction() as conn:
            return await commands.expire_one(conn)

    async def remind(self, *, ahead: timedelta = timedelta(days=1), crash: bool = False) -> int:
        """`crash`: the connection is lost before the commit."""
        async with self.database.transaction() as conn:
            told = await commands.remind_one(conn, ahead)
            if crash:
                raise ConnectionError
            return told

    async def search_again(self) -> int:
        async with self.database.transaction() as conn:
            return await commands.search_one_again(conn)

    async def offer_freed(self, *, crash: bool = False) -> int:
        """All freed times, until nobody who waits can use one. `crash`: the connection is lost before a commit."""
        looked = 0
        while True:
            async with self.database.transaction() as conn:
                more = await commands_waiting.offer_freed_one(conn)
                if crash:
                    raise ConnectionError
            looked += more
            if not more:
                return looked

    async def begin_series(self, like: Booking, starts: datetime, rrule: str, *, whole: bool = False) -> UUID:
        """`starts`: by the clocks of Berlin, without offset."""
        asked = SeriesInput(starts=starts, rrule=rrule, whole=whole).series(new_id(), like)
        async with self.database.transaction() as conn:
            await commands_series.begin(conn, like, asked)
        return asked.series_id

    async def end_series(self, series_id: UUID) -> None:
        async with self.database.transaction() as conn:
            await commands_series.end(conn, series_id)

    async def settle_series(self) -> int:
        async with self.database.transaction() as conn:
            return await commands_series.settle_one(conn)

    async def series(self, like: Booking, series_id: UUID) -> SeriesView:
        async with self.database.read() as conn:
            found, gaps = await store_series.look(conn, series_id), await store_series.gaps(conn, series_id)
        return SeriesView.of(found, await self.of(like.enquiry_id), gaps)

    async def look_again(self) -> int:
        async with self.database.transaction() as conn:
            return await commands_waiting.look_again_one(conn)

    async def of(self, enquiry_id: UUID) -> list[Booking]:
        """All bookings of an enquiry, the oldest first."""
        async with self.database.read() as conn:
            return await store.of_enquiry(conn, enquiry_id)

    async def waiting(self) -> set[UUID]:
        """The bookings of those who wait."""
        return {row["booking_id"] for row in await self.database.pool.fetch("select booking_id from waiting_talk")}

    async def stored(self, booking: Booking) -> Booking:
        async with self.database.read() as conn:
            return await store.look(conn, booking.booking_id)

    async def reserved(self, booking: Booking, state: str) -> set[UUID]:
        """The resources that the booking has in that state."""
        rows = await self.database.pool.fetch(
            "select resource_id from reservation where booking_id = $1 and state = $2", booking.booking_id, state
        )
        return {row["resource_id"] for row in rows}

    async def told(self) -> list[Event]:
        """Every event so far, in order."""
        return await told(self.database)

    async def last(self, event: type[E]) -> E:
        return [each for each in await self.told() if isinstance(each, event)][-1]

    async def names(self) -> list[str]:
        return [type(each).__name__ for each in await self.told()]


def _case_of(booking: Booking) -> dict[str, Any]:
    return {"case_id": booking.case_id, "enquiry_id": booking.enquiry_id, "ags": booking.ags}


def span(booking: Booking) -> Span:
    """Of the chosen slot."""
    assert booking.chosen
    return Span(booking.chosen.starts_at, booking.chosen.ends_at)
