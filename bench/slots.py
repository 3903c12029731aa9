"""Joint slot search in a full office, against a bare query of the busy rows; and bookings under contention."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from uuid import UUID

from bench.calendars import Office, fill
from bench.figures import REPEATS, Asked, Figure, Spread, compare, percentiles
from bench.world import World
from services.scheduling import commands, finding
from services.scheduling import store_calendars as calendars
from services.scheduling import store_resources as resources
from services.scheduling.app import SCHEMA
from services.scheduling.booking import Booking
from services.scheduling.refusals import SlotTaken
from services.scheduling.store_calendars import Near
from shared.clock import now
from shared.contracts.case import CounsellingRequested
from shared.contracts.vocabulary import Mode, Topic
from shared.database import Connection, Database
from shared.ids import new_id

_WHAT = "all of find_slots: resources, hours, absences, busy rows, and the search over 20 working days."
_BUSY = """
    from reservation
    where resource_id = any($1) and upper(during) > $2
        and (state = 'confirmed' or state = 'held' and expires_at > $2)
"""
_BARE = f"select resource_id, during, place {_BUSY}"
_NEAR = "($3::tstzmultirange is null or during && $3 and (during && $4::tstzmultirange or place <> $5))"
_READ = f"select id {_BUSY} and {_NEAR}"
_BY_ID = "select resource_id, during, place from reservation where id = any($1)"
_DOUBLE = """
    select count(*) from reservation a join reservation b
    on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
    where a.state in ('held', 'confirmed') and b.state in ('held', 'confirmed')
"""
SPOKEN, UNKNOWN = "ti", "qaa"
"""A language that one in 27 interprets, and one that nobody does: then everybody is looked at."""


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
    everybody = [*office.interpreters, *office.rooms, office.case_managers[0]]
    client = new_id()
    async with db.transaction() as conn:
        await resources.add_client(conn, client)

    def booking(manager: UUID, language: str = SPOKEN) -> Booking:
        return _booking(office.ags, manager, client, language)

    async def ours(conn: Connection, manager: UUID) -> None:
        _require((await finding.find_slots(conn, booking(manager), now()))[0])

    async def for_nobody(conn: Connection, manager: UUID) -> None:
        _require((await finding.find_slots(conn, booking(manager, UNKNOWN), now()))[0])

    async def all_rows(conn: Connection, _: UUID) -> None:
        await conn.fetch(_BARE, everybody, now())

    async def rows_read(conn: Connection, manager: UUID) -> None:
        await conn.fetch(_BY_ID, read[manager])

    async def run(work: Callable[[Connection, UUID], Awaitable[None]], times: int) -> Sequence[float]:
        managers = office.case_managers
        return percentiles([await _timed(db, work, managers[n % len(managers)]) for n in range(times)])

    async with db.read() as conn:
        read = {manager: await _rows_read(conn, booking(manager)) for manager in office.case_managers}
    what = f"{sizes.case_managers} case managers, {sizes.interpreters} interpreters, {sizes.rooms} rooms, 80 % busy"
    few = max(sizes.searches // 4, 3)
    rows = sum(map(len, read.values())) // len(read)
    return [
        *await compare(
            _asked(f"joint slots, {what}"), lambda: run(ours, sizes.searches), lambda: run(all_rows, few),
            f"joint slots: {_WHAT} Bare: one query of all busy rows of these people and rooms.",
        ),
        *await compare(
            _asked("joint slots, against the few rows that are read", "-"),
            lambda: run(ours, sizes.searches), lambda: run(rows_read, sizes.searches),
            f"rows that are read: the search asks for what the step before leaves open ({rows} rows). "
            "Bare: one query of just these, by their primary keys.",
        ),
        *await compare(
            _asked("joint slots, a language that nobody speaks"),
            lambda: run(for_nobody, few), lambda: run(all_rows, few),
        ),
    ]  # fmt: skip


def _asked(what: str, reach: str = "at most 5") -> list[Asked]:
    return [Asked(f"{what}, {name}", "ms", reach) for name in ("p50", "p99")]


def _require(found: object) -> None:
    """A search that finds nothing is no measurement."""
    if not found:
        raise RuntimeError("no slots: the generated office is too small")


async def _rows_read(conn: Connection, booking: Booking) -> list[UUID]:
    """Ids of the busy rows that the search reads, step by step."""
    at, read = now(), []
    search = await finding.search_for(conn, booking, at)
    try:
        need = next(search)
        while True:
            near = Near(need.spans, booking.place)
            read += [row["id"] for row in await conn.fetch(_READ, need.ids, at, *near.ranges)]
            need = search.send(await calendars.calendars(conn, need.ids, at, near))
    except StopIteration:
        return read


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


def _booking(ags: str, manager: UUID, client: UUID, language: str) -> Booking:
    ids = {"booking_id": new_id(), "counselling_id": new_id(), "enquiry_id": client, "requested_at": now()}
    return Booking.model_validate({**_talk(ags, manager), **ids, "languages": (language,)})


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


async def _timed(db: Database, work: Callable[[Connection, UUID], Awaitable[None]], manager: UUID) -> float:
    """Seconds, on a connection that is there already."""
    async with db.read() as conn:
        began = perf_counter()
        await work(conn, manager)
        return perf_counter() - began
