"""Many at once, each on a connection of its own: the database decides, and exactly one wins."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services.scheduling import commands
from services.scheduling.booking import Booking, State
from services.scheduling.refusals import AlreadyEnded, SlotTaken
from services.scheduling.resources import Kind, Resource
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.ids import new_id
from tests.scheduling.world import DINSLAKEN, OFFICE_HOURS, World
from tests.waiting import eventually

CLIENTS = 50


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """With a connection for each client, and time for a busy machine."""
    made = await Database.connect(database_url, transaction_timeout=60, most=CLIENTS)
    yield made
    async with asyncio.timeout(10):
        await made.close()


async def attempt(world: World, booking: Booking) -> str:
    try:
        return (await world.choose(booking)).state
    except SlotTaken:
        return "taken"


async def test_fifty_clients_who_choose_the_same_slot_at_once_get_exactly_one_hold(world: World) -> None:
    await world.open_office()
    anna = await world.interpreter()
    bookings = [await world.rank(await world.request(), anna) for _ in range(CLIENTS)]
    assert len({booking.candidates[0].starts_at for booking in bookings}) == 1
    results = Counter(await asyncio.gather(*(attempt(world, booking) for booking in bookings)))
    assert results == {State.HELD: 1, "taken": CLIENTS - 1}
    rows = await world.database.pool.fetch("select count(distinct booking_id), count(*) from reservation")
    assert tuple(rows[0]) == (1, 4)
    assert (await world.names()).count("BookingHeld") == 1


async def test_choices_and_answers_all_at_once_neither_deadlock_nor_overlap(world: World) -> None:
    """Some hold, some cancel, some decline, over the same few people."""
    await world.open_office()
    people = [await world.interpreter() for _ in range(3)]
    bookings = [await world.rank(await world.request(), *people) for _ in range(12)]

    async def run(n: int, booking: Booking) -> None:
        for slot in range(3):
            try:
                held = await world.choose(booking, slot)
            except SlotTaken:
                continue
            assert held.interpreter_id
            if n % 3 == 0:
                await world.cancel(held)
            elif n % 3 == 1:
                await world.refuse(held, held.interpreter_id)
            else:
                await world.accept(held, held.interpreter_id)
            return

    await asyncio.gather(*(run(n, booking) for n, booking in enumerate(bookings)))
    overlapping = await world.database.pool.fetchval(
        """
        select count(*) from reservation a join reservation b
        on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
        where a.state <> 'released' and b.state <> 'released'
        """
    )
    assert overlapping == 0


async def test_of_many_rooms_only_the_one_that_is_taken_is_locked(world: World) -> None:
    """Two case managers of a town choose the same time at once: neither waits for the other."""
    await world.open_office()
    other_room, colleague = new_id(), new_id()
    await world.put(Resource(other_room, Kind.ROOM, ags=(DINSLAKEN,), windows=OFFICE_HOURS))
    await world.put(Resource(colleague, Kind.CASE_MANAGER, windows=OFFICE_HOURS))
    one = await world.request(interpreter_needed=False)
    other = await world.request(interpreter_needed=False, case_manager_id=colleague)
    async with world.database.transaction() as conn:
        first = await commands.choose(conn, one.booking_id, one.candidates[0].slot_id)
        async with asyncio.timeout(20):
            second = await world.choose(other)
    assert (first.state, second.state) == (State.CONFIRMED, State.CONFIRMED)
    assert {first.room_id, second.room_id} == {world.room, other_room}


async def test_as_many_have_the_same_time_as_there_are_rooms_and_no_more(world: World) -> None:
    """Each with a case manager of their own: what seems to be free is being taken by others all the time."""
    await world.open_office()
    for _ in range(3):
        await world.put(Resource(new_id(), Kind.ROOM, ags=(DINSLAKEN,), windows=OFFICE_HOURS))
    bookings = []
    for _ in range(12):
        manager = new_id()
        await world.put(Resource(manager, Kind.CASE_MANAGER, windows=OFFICE_HOURS))
        bookings.append(await world.request(interpreter_needed=False, case_manager_id=manager))
    results = Counter(await asyncio.gather(*(attempt(world, booking) for booking in bookings)))
    assert results == {State.CONFIRMED: 4, "taken": 8}


async def test_travel_is_checked_under_the_locks_where_the_constraint_cannot_see_it(world: World) -> None:
    """Two talks that follow each other in two places: the second choice waits for the first, and sees it."""
    await world.open_office()
    office = await world.request(interpreter_needed=False)
    home = await world.request(interpreter_needed=False, mode=Mode.HOME_VISIT)
    await world.database.pool.execute(
        "update proposed_slot set starts_at = ends_at, ends_at = ends_at + interval '1 hour' where booking_id = $1",
        home.booking_id,
    )

    async def waits_or_is_done() -> bool:
        waiting = await world.database.pool.fetchval("select count(*) from pg_locks where not granted")
        return second.done() or bool(waiting)

    async with world.database.transaction() as conn:
        await commands.choose(conn, office.booking_id, office.candidates[0].slot_id)
        second = asyncio.create_task(attempt(world, home))
        await eventually(waits_or_is_done)
    assert await second == "taken"


@pytest.mark.parametrize("interpreted", [False, True])
async def test_moves_and_cancellations_all_at_once_neither_deadlock_nor_overlap(
    world: World, *, interpreted: bool
) -> None:
    """Whoever chooses another time, or comes to it, locks the former booking as whoever cancels that one does."""
    await world.open_office()
    anna = await world.interpreter()

    async def ranked(booking: Booking) -> Booking:
        return await world.rank(booking, anna) if interpreted else booking

    async def agreed(booking: Booking) -> Booking:
        return await world.accept(booking, anna) if interpreted else booking

    for _ in range(8):
        former = await agreed(await world.choose(await ranked(await world.request(interpreter_needed=interpreted))))
        moved = await ranked(await world.move(former))
        if interpreted:
            moved = await world.choose(moved)
        last = world.accept(moved, anna) if interpreted else world.choose(moved)
        confirmed, cancelled = await asyncio.gather(last, world.cancel(former), return_exceptions=True)
        assert isinstance(confirmed, Booking)
        assert isinstance(cancelled, Booking | AlreadyEnded)
        assert confirmed.state is State.CONFIRMED
        assert await world.reserved(former, "confirmed") == set()
        await world.cancel(moved)
