"""Many at once, each on a connection of its own: the database decides, and exactly one wins."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from services.scheduling.booking import Booking, State
from services.scheduling.refusals import SlotTaken
from shared.database import Database
from tests.scheduling.world import World

CLIENTS = 50


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """With a connection for each client."""
    made = await Database.connect(database_url, most=CLIENTS)
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
