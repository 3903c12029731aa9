"""Joint slot search in a full office, against the bare query of the same busy rows; and bookings under contention.

Ours is all of `planning.find_slots`: resources, hours, absences, busy rows, and the search over 20 working days.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

from bench.calendars import Office, fill
from bench.figures import REPEATS, Asked, Figure, Spread, compare, percentiles
from bench.world import World
from services.scheduling import commands, planning
from services.scheduling.app import SCHEMA
from services.scheduling.booking import Booking
from services.scheduling.refusals import SlotTaken
from shared.clock import now
from shared.contracts.case import CounsellingRequested
from shared.contracts.vocabulary import Mode, Topic
from shared.database import Database
from shared.ids import new_id

_BARE = """
    select resource_id, during, place from reservation
    where resource_id = any($1) and upper(during) > $2
        and (state = 'confirmed' or state = 'held' and expires_at > $2)
"""
_DOUBLE = """
    select count(*) from reservation a join reservation b
    on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
    where a.state in ('held', 'confirmed') and b.state in ('held', 'confirmed')
"""


@dataclass(frozen=True)
class Sizes:
    case_managers: int = 16
    interpreters: int = 500
    rooms: int = 40
    searches: int = 20
    """Of one repeat: with so few, p99 is no more than the slowest of them."""
    rivals: int = 60


async def slots(world: World, sizes: Sizes = Sizes()) -> list[Figure]:
    url = await world.database_url(SCHEMA)
    office = await fill(url, sizes.case_managers, sizes.interpreters, sizes.rooms, datetime.now(UTC).date())
    db = await Database.connect(url, transaction_timeout=60, most=16)
    try:
        return [*await _searches(db, office, sizes), *await _contention(db, office, sizes)]
    finally:
        await db.close()


async def _searches(db: Database, office: Office, sizes: Sizes) -> list[Figure]:
    ids = [*office.interpreters, *office.rooms, office.case_managers[0], new_id()]

    async def ours(manager: UUID) -> None:
        async with db.read() as conn:
            await planning.find_slots(conn, _booking(office.ags, manager), now())

    async def bare(_: UUID) -> None:
        async with db.read() as conn:
            await conn.fetch(_BARE, ids, now())

    async def run(read: Callable[[UUID], Awaitable[None]]) -> Sequence[float]:
        managers = office.case_managers
        return percentiles([await _timed(read(managers[n % len(managers)])) for n in range(sizes.searches)])

    what = f"{sizes.case_managers} case managers, {sizes.interpreters} interpreters, {sizes.rooms} rooms, 80 % busy"
    asked = [Asked(f"joint slots, {what}, {name}", "ms", "at most 5") for name in ("p50", "p99")]
    return await compare(asked, lambda: run(ours), lambda: run(bare), __doc__.splitlines()[-1])


async def _contention(db: Database, office: Office, sizes: Sizes) -> list[Figure]:
    """All rivals choose at once, several of each case manager, each the first of their slots that is still free."""
    rates = [await _bookings_per_second(db, office, sizes) for _ in range(REPEATS)]
    doubles = await db.pool.fetchval(_DOUBLE)
    return [
        Figure(Asked(f"choices under contention, {sizes.rivals} rivals", "bookings/s", "-"), Spread.of(rates)),
        Figure(Asked("double bookings among them", "pairs", "0"), Spread.of([doubles])),
    ]


async def _bookings_per_second(db: Database, office: Office, sizes: Sizes) -> float:
    managers = office.case_managers
    rivals = [await _requested(db, office.ags, managers[n % len(managers)]) for n in range(sizes.rivals)]
    began = perf_counter()
    won = sum(await asyncio.gather(*(_chosen(db, rival) for rival in rivals)))
    return won / (perf_counter() - began)


async def _chosen(db: Database, booking: Booking) -> bool:
    for candidate in booking.candidates:
        try:
            async with db.transaction() as conn:
                await commands.choose(conn, booking.booking_id, candidate.slot_id)
        except SlotTaken:
            continue
        return True
    return False


async def _requested(db: Database, ags: str, manager: UUID) -> Booking:
    asked = CounsellingRequested.model_validate(
        {**_talk(ags, manager), "counselling_id": new_id(), "requested_on": now().date()}
    )
    async with db.transaction() as conn:
        return await commands.request(conn, asked.model_copy(update={"interpreter_needed": False}))


def _booking(ags: str, manager: UUID) -> Booking:
    return Booking.model_validate({**_talk(ags, manager), "booking_id": new_id(), "counselling_id": new_id()})


def _talk(ags: str, manager: UUID) -> dict[str, object]:
    return {
        "case_id": new_id(),
        "enquiry_id": new_id(),
        "ags": ags,
        "case_manager_id": manager,
        "languages": ("ti",),
        "topics": (Topic.HOUSING,),
        "mode": Mode.IN_PERSON,
        "interpreter_needed": True,
        "duration_minutes": 60,
    }


async def _timed(work: Awaitable[None]) -> float:
    began = perf_counter()
    await work
    return perf_counter() - began
