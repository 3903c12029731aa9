"""A talk that is moved, attended or missed."""

import asyncio
from datetime import timedelta

import pytest

from services.scheduling import refusals
from services.scheduling.booking import Booking, State
from shared.contracts.scheduling import BookingAttended, BookingConfirmed, BookingMissed, BookingReleased
from shared.contracts.vocabulary import CancelledBy, ReleaseReason
from tests.scheduling.world import World


async def settled(world: World) -> Booking:
    """A confirmed talk for which no interpreter is needed."""
    await world.open_office()
    return await world.choose(await world.request(interpreter_needed=False))


async def test_a_moved_talk_stands_until_the_new_time_is_confirmed_and_then_gives_way(world: World) -> None:
    former = await settled(world)
    moved = await world.move(former)
    assert (moved.state, moved.replaces) == (State.PROPOSED, former.booking_id)
    assert (await world.stored(former)).state is State.CONFIRMED
    assert await world.reserved(former, "confirmed") == former.resources
    confirmed = await world.choose(moved)
    assert confirmed.state is State.CONFIRMED
    given_way = await world.stored(former)
    assert (given_way.state, given_way.reason) == (State.RELEASED, ReleaseReason.RESCHEDULED)
    assert await world.reserved(former, "confirmed") == set()
    assert (await world.last(BookingConfirmed)).replaces == former.booking_id
    assert (await world.last(BookingReleased)).booking_id == former.booking_id


async def test_a_talk_with_an_interpreter_gives_way_only_when_one_has_agreed_to_the_new_time(world: World) -> None:
    await world.open_office()
    interpreter = await world.interpreter()
    former = await world.choose(await world.rank(await world.request(), interpreter))
    former = await world.accept(former, interpreter)
    held = await world.choose(await world.rank(await world.move(former), interpreter))
    assert (held.state, (await world.stored(former)).state) == (State.HELD, State.CONFIRMED)
    await world.accept(held, interpreter)
    assert (await world.stored(former)).state is State.RELEASED


async def test_where_the_search_for_another_time_is_given_up_the_talk_stands(world: World) -> None:
    former = await settled(world)
    await world.cancel(await world.move(former))
    assert (await world.stored(former)).state is State.CONFIRMED
    assert (await world.move(former)).state is State.PROPOSED


async def test_two_who_move_the_same_talk_at_once_get_one_search(world: World) -> None:
    former = await settled(world)
    answers = await asyncio.gather(*(world.move(former) for _ in range(5)), return_exceptions=True)
    assert len([each for each in answers if isinstance(each, Booking)]) == 1
    assert len([each for each in answers if isinstance(each, refusals.AlreadyMoving)]) == 4


async def test_a_cancelled_talk_is_not_brought_back_by_its_new_time(world: World) -> None:
    former = await settled(world)
    moved = await world.move(former)
    await world.cancel(former, CancelledBy.CASE_MANAGER)
    assert (await world.choose(moved)).state is State.CONFIRMED
    released = await world.stored(former)
    assert (released.reason, released.cancelled_by) == (ReleaseReason.CANCELLED, CancelledBy.CASE_MANAGER)


@pytest.mark.parametrize(
    ("attended", "state", "event"),
    [(True, State.ATTENDED, BookingAttended), (False, State.MISSED, BookingMissed)],
)
async def test_once_it_has_begun_it_is_told_whether_the_participant_came(
    world: World, *, attended: bool, state: State, event: type[BookingAttended | BookingMissed]
) -> None:
    booking = await settled(world)
    with pytest.raises(refusals.NotStarted):
        await world.check_in(booking, attended=attended)
    assert booking.chosen
    world.now = booking.chosen.starts_at + timedelta(minutes=15)
    assert (await world.check_in(booking, attended=attended)).state is state
    assert (await world.last(event)).booking_id == booking.booking_id
    with pytest.raises(refusals.AlreadyEnded):
        await world.check_in(booking, attended=attended)
    with pytest.raises(refusals.AlreadyEnded):
        await world.cancel(booking)


async def test_a_talk_that_has_begun_cannot_be_moved(world: World) -> None:
    booking = await settled(world)
    assert booking.chosen
    world.now = booking.chosen.starts_at
    with pytest.raises(refusals.AlreadyStarted):
        await world.move(booking)


async def test_what_is_not_confirmed_can_be_neither_moved_nor_checked_in(world: World) -> None:
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    with pytest.raises(refusals.NothingConfirmed):
        await world.move(booking)
    with pytest.raises(refusals.NothingConfirmed):
        await world.check_in(booking, attended=True)
