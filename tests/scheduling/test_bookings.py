"""From the request to the confirmed talk on a real database, and every way that it can fail."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Range

from services.scheduling import refusals
from services.scheduling import store_reservations as reservations
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking, State
from services.scheduling.calendars import Busy
from services.scheduling.domain import TIME_TO_CHOOSE
from services.scheduling.resources import Kind, Resource
from services.scheduling.rounds import HOLD
from services.scheduling.spans import Span
from shared.contracts.scheduling import BookingHeld, InterpreterRequested, InterpreterSwapped
from shared.contracts.vocabulary import Mode, ReleaseReason
from shared.ids import new_id
from tests.scheduling.world import MOERS, OFFICE_HOURS, World, span


async def proposed(world: World, interpreters: int = 1) -> tuple[Booking, list[UUID]]:
    await world.open_office()
    people = [await world.interpreter() for _ in range(interpreters)]
    return await world.rank(await world.request(), *people), people


async def test_a_talk_with_interpreter_goes_all_the_way(world: World) -> None:
    booking, [anna] = await proposed(world)
    booking = await world.choose(booking)
    everything = {booking.enquiry_id, world.manager, world.room, anna}
    assert await world.reserved(booking, "held") == everything
    await world.accept(booking, anna)
    assert await world.reserved(booking, "confirmed") == everything
    assert await world.names() == [
        "BookingRequested",
        "InterpreterRequested",
        "BookingProposed",
        "BookingHeld",
        "BookingConfirmed",
    ]


async def test_what_is_stored_is_what_was_decided(world: World) -> None:
    booking, [anna] = await proposed(world)
    for step in (booking, await world.choose(booking), await world.accept(booking, anna)):
        assert (await world.stored(step)).booking_id == step.booking_id
    assert await world.stored(step) == step


async def test_where_the_case_manager_speaks_the_language_no_interpreter_is_asked_for(world: World) -> None:
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False))
    assert booking.state is State.CONFIRMED
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.manager, world.room}
    assert "InterpreterRequested" not in await world.names()


async def test_by_phone_no_room_is_held(world: World) -> None:
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False, mode=Mode.PHONE))
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.manager}


async def test_interpreters_who_do_not_serve_the_municipality_are_not_among_the_free(world: World) -> None:
    await world.open_office()
    near, far = await world.interpreter(), new_id()
    async with world.database.transaction() as conn:
        profile = Resource(far, Kind.INTERPRETER, ags=(MOERS,), languages=("ti",))
        await resources.learn_profile(conn, profile, world.now)
        await resources.learn_windows(conn, far, OFFICE_HOURS, world.now)
    await world.request()
    free = (await world.last(InterpreterRequested)).free
    assert {who for people in free.values() for who in people} == {near}


async def test_no_hours_of_the_case_manager_is_told_as_no_slot(world: World) -> None:
    booking = await world.request()
    assert (booking.state, booking.reason) == (State.RELEASED, ReleaseReason.NO_SLOT)
    assert await world.names() == ["BookingRequested", "BookingReleased"]


async def test_no_interpreter_at_all_is_told_as_an_unmet_language(world: World) -> None:
    await world.open_office()
    booking = await world.request()
    assert booking.state is State.UNMET
    assert await world.names() == ["BookingRequested", "LanguageUnmet"]


async def test_a_slot_taken_meanwhile_is_refused_with_what_is_still_free(world: World) -> None:
    await world.open_office()
    first = await world.request(interpreter_needed=False)
    second = await world.request(interpreter_needed=False)
    await world.choose(first)
    with pytest.raises(refusals.SlotTaken) as refused:
        await world.choose(second)
    assert refused.value.alternatives == tuple(candidate.slot for candidate in second.candidates[1:])
    assert (await world.choose(second, slot=1)).state is State.CONFIRMED


async def test_a_refused_choice_holds_nothing(world: World) -> None:
    await world.open_office()
    first, second = [await world.request(interpreter_needed=False) for _ in range(2)]
    await world.choose(first)
    with pytest.raises(refusals.SlotTaken):
        await world.choose(second)
    assert await world.reserved(second, "held") == await world.reserved(second, "confirmed") == set()
    assert (await world.stored(second)).state is State.PROPOSED


async def test_the_best_interpreter_who_is_still_free_is_held(world: World) -> None:
    await world.open_office()
    anna, birgit = await world.interpreter(), await world.interpreter()
    booking = await world.rank(await world.request(), anna, birgit)
    async with world.database.transaction() as conn:
        await conn.execute(
            "insert into absence values ($1, $2)",
            anna,
            Range(booking.candidates[0].starts_at, booking.candidates[0].ends_at),
        )
    assert (await world.choose(booking)).interpreter_id == birgit


async def test_when_one_declines_the_next_is_held_and_the_rest_stays(world: World) -> None:
    booking, [anna, birgit] = await proposed(world, 2)
    booking = await world.choose(booking)
    world.pass_time(timedelta(hours=24))
    booking = await world.refuse(booking, anna)
    assert await world.reserved(booking, "held") == {booking.enquiry_id, world.manager, world.room, birgit}
    assert await world.reserved(booking, "released") == {anna}
    swapped = await world.last(InterpreterSwapped)
    assert (swapped.interpreter_id, swapped.expires_at) == (birgit, world.now + HOLD)
    world.pass_time(timedelta(hours=30))
    assert (await world.accept(booking, birgit)).state is State.CONFIRMED


async def test_when_nobody_is_left_everything_is_released(world: World) -> None:
    booking, [anna] = await proposed(world)
    booking = await world.refuse(await world.choose(booking), anna)
    assert booking.state is State.UNMET
    assert await world.reserved(booking, "held") == set()
    assert (await world.names())[-2:] == ["LanguageUnmet", "BookingReleased"]


async def test_a_hold_that_expires_is_released_and_told(world: World) -> None:
    booking, _ = await proposed(world)
    booking = await world.choose(booking)
    assert await world.expire() == 0
    world.pass_time(HOLD)
    assert await world.expire() == 1
    assert await world.expire() == 0
    assert await world.reserved(booking, "held") == set()
    assert (await world.stored(booking)).reason is ReleaseReason.HOLD_EXPIRED


async def test_a_proposal_that_expires_is_told(world: World) -> None:
    booking, _ = await proposed(world)
    world.pass_time(TIME_TO_CHOOSE)
    assert await world.expire() == 1
    assert (await world.stored(booking)).reason is ReleaseReason.PROPOSAL_EXPIRED


async def test_an_expired_hold_does_not_stand_in_the_way(world: World) -> None:
    """Nor does it matter that no deadline has released it yet."""
    await world.open_office()
    anna = await world.interpreter()
    first, second = [await world.rank(await world.request(), anna) for _ in range(2)]
    first = await world.choose(first, slot=-1)
    with pytest.raises(refusals.SlotTaken):
        await world.choose(second, slot=-1)
    world.pass_time(HOLD)
    second = await world.choose(second, slot=-1)
    assert span(second) == span(first)
    with pytest.raises(refusals.HoldExpired):
        await world.accept(first, anna)
    assert await world.reserved(first, "held") == {first.enquiry_id}
    assert await world.expire() == 1
    assert await world.reserved(first, "held") == set()
    assert (await world.accept(second, anna)).state is State.CONFIRMED


async def test_an_acceptance_whose_hold_another_booking_has_released_by_its_clock_is_refused(world: World) -> None:
    await world.open_office()
    anna = await world.interpreter()
    first, second = [await world.rank(await world.request(), anna) for _ in range(2)]
    first = await world.choose(first, slot=-1)
    world.pass_time(HOLD)
    await world.choose(second, slot=-1)
    world.pass_time(-timedelta(seconds=1))
    with pytest.raises(refusals.HoldExpired):
        await world.accept(first, anna)


async def test_who_was_elsewhere_before_needs_the_time_to_travel(world: World) -> None:
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    first = booking.candidates[0]
    elsewhere = await world.request(interpreter_needed=False)
    async with world.database.transaction() as conn:
        before = Span(first.starts_at - timedelta(hours=1), first.starts_at)
        until = world.now + HOLD
        await reservations.hold(conn, elsewhere.booking_id, [world.manager], Busy(before, MOERS), until)
    with pytest.raises(refusals.SlotTaken):
        await world.choose(booking)


async def test_a_cancelled_talk_frees_everything_for_others(world: World) -> None:
    await world.open_office()
    first, second = [await world.request(interpreter_needed=False) for _ in range(2)]
    await world.cancel(await world.choose(first))
    assert span(await world.choose(second)).starts == first.candidates[0].starts_at


async def test_a_proposal_whose_slots_are_all_past_is_searched_anew(world: World) -> None:
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    assert await world.search_again() == 0
    world.pass_time(timedelta(days=6))
    assert await world.search_again() == 1
    again = await world.stored(booking)
    assert again.state is State.PROPOSED
    assert {c.slot_id for c in again.candidates}.isdisjoint(c.slot_id for c in booking.candidates)
    assert again.expires_at == booking.expires_at
    assert await world.search_again() == 0


async def test_a_proposal_whose_slots_are_all_taken_is_searched_anew(world: World) -> None:
    await world.open_office()
    booking, *others = [await world.request(interpreter_needed=False) for _ in range(4)]
    for n, other in enumerate(others):
        assert await world.search_again() == 0
        await world.choose(other, slot=n)
    assert await world.search_again() == 1
    assert (await world.choose(await world.stored(booking))).state is State.CONFIRMED


async def test_a_proposal_whose_only_room_is_taken_at_every_time_is_searched_anew(world: World) -> None:
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    for slot in booking.candidates:
        assert await world.search_again() == 0
        other = await world.request(interpreter_needed=False)
        async with world.database.transaction() as conn:
            busy = Busy(Span(slot.starts_at, slot.ends_at), None)
            await reservations.hold(conn, other.booking_id, [world.room], busy, world.now + HOLD)
    assert await world.search_again() >= 1
    assert (await world.choose(await world.stored(booking))).state is State.CONFIRMED


async def test_a_proposal_whose_only_interpreter_is_taken_at_every_time_is_searched_anew(world: World) -> None:
    booking, [anna] = await proposed(world)
    for slot in booking.candidates:
        assert await world.search_again() == 0
        other = await world.request(interpreter_needed=False)
        async with world.database.transaction() as conn:
            busy = Busy(Span(slot.starts_at, slot.ends_at), None)
            await reservations.hold(conn, other.booking_id, [anna], busy, world.now + HOLD)
    assert await world.search_again() == 1
    assert (await world.stored(booking)).state is State.RANKING


async def test_a_held_booking_says_until_when(world: World) -> None:
    booking, _ = await proposed(world)
    await world.choose(booking)
    assert (await world.last(BookingHeld)).expires_at == world.now + HOLD


async def test_the_database_itself_refuses_an_overlap(world: World) -> None:
    await world.open_office()
    bookings = [await world.request(interpreter_needed=False) for _ in range(2)]
    first = bookings[0].candidates[0]
    busy, until = Busy(Span(first.starts_at, first.ends_at), None), world.now + HOLD
    async with world.database.transaction() as conn:
        await reservations.hold(conn, bookings[0].booking_id, [world.manager], busy, until)
    async with world.database.transaction() as conn:
        with pytest.raises(asyncpg.ExclusionViolationError):
            await reservations.hold(conn, bookings[1].booking_id, [world.manager], busy, until)
