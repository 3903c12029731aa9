"""Who is erased leaves nothing in scheduling: no booking, no place on the waiting list, no series."""

import re
from datetime import datetime, time, timedelta
from uuid import UUID

from services.scheduling import store_erasure, store_export
from services.scheduling.booking import Booking
from services.scheduling.windows import Window
from shared.contracts.erasure import SchedulingErased
from shared.database import RUNTIME_SCHEMA, Database
from shared.erasure import Erasing
from shared.ids import new_id
from tests.person.people import found_in_tables
from tests.scheduling.hearing import Hearing
from tests.scheduling.test_consents import expired
from tests.scheduling.test_reactions import withdrawn
from tests.scheduling.test_waiting import asks, full, offers
from tests.scheduling.world import World

DAYS = tuple(Window(day, time(9), time(10)) for day in (3, 4))
FRIDAY = datetime(2026, 11, 13, 9)  # noqa: DTZ001 -- by the clocks of Berlin
ERASING = Erasing(store_erasure.erase, store_erasure.known, SchedulingErased, timedelta(seconds=1))
_RUNTIME = {
    name
    for script in RUNTIME_SCHEMA.glob("*.sql")
    for name in re.findall(r"create table (\w+)", script.read_text(encoding="utf-8"))
}


async def known_well(hearing: Hearing) -> tuple[list[UUID], Booking]:
    """Enquiries of somebody of whom every table knows something, and a talk of somebody else."""
    world = hearing.world
    first, *others, last = await full(world)
    await world.cancel(last)
    late = await world.choose(await asks(world))
    await world.cancel(first)
    await world.offer_freed()
    assert len(await offers(world, late)) == 1, "asked about freed time, and waiting"
    await world.open_office(DAYS)
    await world.begin_series(late, FRIDAY, "FREQ=WEEKLY;BYDAY=TH,FR;COUNT=6")
    interrupted = await world.choose(await asks(world))
    await world.unassign(interrupted)
    gone = new_id()
    await hearing.hear(expired(gone), withdrawn(gone))
    await _with_hours_of_their_own(world.database, late.enquiry_id)
    return [late.enquiry_id, interrupted.enquiry_id, gone], others[0]


async def _with_hours_of_their_own(database: Database, client: UUID) -> None:
    await database.pool.execute("insert into availability_window values ($1, 0, '09:00', '12:00')", client)
    await database.pool.execute("insert into availability_rule values ($1, '2026-11-02 09:00', 60)", client)
    await database.pool.execute("insert into absence values ($1, tstzrange(now(), now() + interval '1 day'))", client)


async def traces(database: Database, enquiries: list[UUID]) -> list[str]:
    """Every id by which these enquiries could be known."""
    rows = await database.pool.fetch(
        """
        select unnest(array[b.id, counselling_id, case_id, enquiry_id, series_id, s.id, slot_id]) as id
        from booking b left join proposed_slot s on s.booking_id = b.id where enquiry_id = any($1)
        """,
        enquiries,
    )
    return [str(id) for id in {*enquiries, *(row["id"] for row in rows if row["id"])}]


async def test_nothing_is_left_of_who_is_erased_and_nobody_else_loses_anything(hearing: Hearing) -> None:
    world = hearing.world
    enquiries, other = await known_well(hearing)
    ids = await traces(world.database, enquiries)
    known = set(await found_in_tables(world.database, *ids))
    assert {portion.table for portion in store_export.PORTIONS.given} <= known
    async with world.database.transaction() as conn:
        await ERASING.erase(conn, enquiries)
    assert set(await found_in_tables(world.database, *ids)) <= _RUNTIME
    assert await world.stored(other) == other
    assert await world.reserved(other, "confirmed") == other.resources
    async with world.database.read() as conn:
        assert set(enquiries).isdisjoint(await store_erasure.known(conn))


async def test_the_time_of_who_is_erased_is_offered_to_who_waits(world: World) -> None:
    first, *_ = await full(world)
    waiting = await asks(world)
    async with world.database.transaction() as conn:
        await ERASING.erase(conn, [first.enquiry_id])
    await world.offer_freed()
    [offer] = await offers(world, waiting)
    assert offer.candidates[0].starts_at == (first.chosen and first.chosen.starts_at)


async def test_whatever_is_known_of_somebody_is_found_again_after_a_restore(hearing: Hearing) -> None:
    enquiries, _ = await known_well(hearing)
    async with hearing.world.database.read() as conn:
        assert set(enquiries) <= set(await store_erasure.known(conn))
