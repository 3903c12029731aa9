"""A talk that is moved to a time which overlaps the one it has: it does not stand in its own way."""

from datetime import time, timedelta
from uuid import UUID

import pytest

from services.scheduling import refusals
from services.scheduling.booking import Booking, State
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from tests.scheduling.world import World, span

HALF = timedelta(minutes=30)
NARROW = (Window(0, time(9), time(10, 30)),)
"""On Mondays from 9:00 to 10:30: an hour fits at 9:00 and at 9:30."""


async def settled(world: World) -> Booking:
    await world.open_office(NARROW)
    return await world.choose(await world.request(interpreter_needed=False))


async def interpreted(world: World) -> tuple[Booking, UUID]:
    await world.open_office(NARROW)
    anna = await world.interpreter(windows=NARROW)
    former = await world.choose(await world.rank(await world.request(), anna))
    return await world.accept(former, anna), anna


def half_an_hour_later(former: Booking, moved: Booking) -> int:
    """Which of the slots that is."""
    return [each.starts_at for each in moved.candidates].index(span(former).starts + HALF)


async def reserved(world: World, booking: Booking) -> set[Span]:
    rows = await world.database.pool.fetch(
        "select during from reservation where booking_id = $1 and state <> 'released'", booking.booking_id
    )
    return {Span(row["during"].lower, row["during"].upper) for row in rows}


async def test_a_talk_can_be_moved_by_half_an_hour(world: World) -> None:
    former = await settled(world)
    moved = await world.move(former)
    confirmed = await world.choose(moved, half_an_hour_later(former, moved))
    assert confirmed.state is State.CONFIRMED
    assert (await world.stored(former)).state is State.RELEASED
    assert await reserved(world, former) == set()
    assert await reserved(world, confirmed) == {span(confirmed)}


async def test_the_time_that_it_has_is_not_proposed_as_another(world: World) -> None:
    former = await settled(world)
    assert span(former).starts not in {each.starts_at for each in (await world.move(former)).candidates}


async def test_while_the_interpreter_is_asked_both_times_are_kept(world: World) -> None:
    former, anna = await interpreted(world)
    moved = await world.rank(await world.move(former), anna)
    held = await world.choose(moved, half_an_hour_later(former, moved))
    assert await reserved(world, former) == {span(former)}
    assert Span(span(former).ends, span(held).ends) in await reserved(world, held)
    confirmed = await world.accept(held, anna)
    assert await reserved(world, confirmed) == {span(confirmed)}
    assert await world.reserved(confirmed, "confirmed") == confirmed.resources
    assert await reserved(world, former) == set()


async def test_where_the_interpreter_declines_the_talk_stands_as_it_was(world: World) -> None:
    former, anna = await interpreted(world)
    moved = await world.rank(await world.move(former), anna)
    held = await world.choose(moved, half_an_hour_later(former, moved))
    assert (await world.refuse(held, anna)).state is State.UNMET
    assert await reserved(world, held) == set()
    assert await world.reserved(former, "confirmed") == former.resources


async def test_what_is_held_instead_of_a_cancelled_talk_is_held_for_its_whole_time(world: World) -> None:
    former, anna = await interpreted(world)
    moved = await world.rank(await world.move(former), anna)
    held = await world.choose(moved, half_an_hour_later(former, moved))
    await world.cancel(former)
    assert await reserved(world, held) == {span(held)}
    assert (await world.accept(held, anna)).state is State.CONFIRMED


async def test_a_moved_talk_that_could_overlap_itself_is_not_searched_again_and_again(world: World) -> None:
    former = await settled(world)
    await world.move(former)
    assert await world.search_again() == 0


async def test_others_cannot_have_the_time_of_a_talk_that_is_being_moved(world: World) -> None:
    former, anna = await interpreted(world)
    other = await world.rank(await world.request(), anna)
    moved = await world.rank(await world.move(former), anna)
    await world.choose(moved, half_an_hour_later(former, moved))
    day = span(former).starts.date()
    for n, each in enumerate(other.candidates):
        if each.starts_at.date() == day:
            with pytest.raises(refusals.SlotTaken):
                await world.choose(other, n)
