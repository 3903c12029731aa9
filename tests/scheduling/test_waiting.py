"""Time that becomes free is offered to those who wait for it: one after the other, and nobody is booked unasked."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.scheduling.booking import Booking, State
from services.scheduling.resources import Kind, Resource
from services.scheduling.slots import Option
from services.scheduling.spans import Span
from services.scheduling.waiting import MOST_IN_VAIN, MOST_OFFERS, TIME_TO_ANSWER, Freed, Wish
from services.scheduling.windows import Window
from shared.contracts.scheduling import BookingProposed, FreedTimeOffered
from shared.contracts.vocabulary import CancelledBy, ReleaseReason
from shared.ids import new_id
from tests.scheduling.world import DINSLAKEN, OFFICE_HOURS, World, span

THURSDAYS = (Window(3, time(9), time(10)),)
"""One hour a week: from MONDAY on, four of them can be had at most."""
ANNA = new_id()
TEN = datetime(2026, 11, 12, 9, tzinfo=UTC)


async def full(world: World) -> list[Booking]:
    """All Thursdays within reach are taken."""
    await world.open_office(THURSDAYS)
    taken = []
    while (booking := await world.request(interpreter_needed=False)).candidates:
        taken.append(await world.choose(booking))
    await world.database.pool.execute("delete from waiting_talk")
    await world.offer_freed()
    return sorted(taken, key=span)


async def asks(world: World, **changed: Any) -> Booking:
    return await world.request(interpreter_needed=False, **changed)


async def offers(world: World, waiting: Booking) -> list[Booking]:
    """By which one who waits was asked."""
    return [each for each in await world.of(waiting.enquiry_id) if each.replaces == waiting.booking_id]


async def test_a_request_for_which_there_is_no_time_waits_and_is_asked_when_some_becomes_free(world: World) -> None:
    first, *_ = await full(world)
    waiting = await asks(world)
    assert (waiting.reason, await world.waiting()) == (ReleaseReason.NO_SLOT, {waiting.booking_id})
    await world.offer_freed()
    assert await offers(world, waiting) == []
    await world.cancel(first)
    await world.offer_freed()
    [offer] = await offers(world, waiting)
    assert (offer.state, offer.expires_at) == (State.PROPOSED, world.now + TIME_TO_ANSWER)
    assert [Span(c.starts_at, c.ends_at) for c in offer.candidates] == [span(first)]
    assert (await world.last(BookingProposed)).booking_id == offer.booking_id
    told = await world.last(FreedTimeOffered)
    assert (told.booking_id, told.starts_at, told.expires_at) == (
        offer.booking_id,
        span(first).starts,
        offer.expires_at,
    )
    assert await world.reserved(offer, "held") == await world.reserved(offer, "confirmed") == set()
    assert (await world.choose(offer)).state is State.CONFIRMED
    assert await world.waiting() == set()


async def test_who_requested_first_is_asked_first_and_the_next_when_they_do_not_want_it(world: World) -> None:
    first, *_ = await full(world)
    longest, next_one = await asks(world), await asks(world)
    await world.cancel(first)
    await world.offer_freed()
    assert [len(await offers(world, each)) for each in (longest, next_one)] == [1, 0]
    [offer] = await offers(world, longest)
    await world.cancel(offer)
    await world.offer_freed()
    assert [len(await offers(world, each)) for each in (longest, next_one)] == [1, 1]


async def test_who_does_not_answer_makes_way_for_the_next_and_waits_no_more_after_three_times(world: World) -> None:
    *some, last = await full(world)
    assert len(some) >= MOST_OFFERS
    longest, next_one = await asks(world), await asks(world)
    for n in range(MOST_OFFERS):
        assert {longest.booking_id, next_one.booking_id} <= await world.waiting()
        await world.cancel([*some, last][-1 - n])
        await world.offer_freed()
        asked = (await offers(world, longest))[-1]
        assert (await world.stored(asked)).state is State.PROPOSED
        await world.cancel(asked)
        await world.offer_freed()
        await world.database.pool.execute(
            "update waiting_talk set offers = 0 where booking_id = $1", next_one.booking_id
        )
        await world.cancel((await offers(world, next_one))[-1])
    assert await world.waiting() == {next_one.booking_id}


async def test_who_does_not_answer_in_time_makes_way_for_the_next(world: World) -> None:
    *_, last = await full(world)
    longest, next_one = await asks(world), await asks(world)
    await world.cancel(last)
    await world.offer_freed()
    world.pass_time(TIME_TO_ANSWER)
    assert await world.expire() == 1
    await world.offer_freed()
    [asked], [offer] = await offers(world, longest), await offers(world, next_one)
    assert (asked.reason, offer.state) == (ReleaseReason.PROPOSAL_EXPIRED, State.PROPOSED)
    assert await world.waiting() == {longest.booking_id, next_one.booking_id}


async def test_a_late_talk_waits_for_an_earlier_time_and_stands_until_that_is_taken(world: World) -> None:
    first, *_, last = await full(world)
    await world.cancel(last)
    await world.offer_freed()
    late = await world.choose(await asks(world))
    assert (late.state, await world.waiting()) == (State.CONFIRMED, {late.booking_id})
    await world.cancel(first)
    await world.offer_freed()
    [offer] = await offers(world, late)
    assert (offer.state, (await world.stored(late)).state) == (State.PROPOSED, State.CONFIRMED)
    await world.choose(offer)
    assert (await world.stored(late)).reason is ReleaseReason.RESCHEDULED


async def test_nobody_is_asked_for_a_time_that_is_hardly_earlier(world: World) -> None:
    *_, before, last = await full(world)
    await world.cancel(last)
    late = await world.choose(await asks(world))
    earlier = tuple(Window(day, time(9), time(10)) for day in (2, 3))
    await world.put(Resource(world.manager, Kind.CASE_MANAGER, windows=earlier))
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=earlier))
    await world.offer_freed()
    for offer in await offers(world, late):
        assert offer.candidates[0].starts_at <= span(late).starts - timedelta(days=7)
    assert span(before).starts == span(late).starts - timedelta(days=7)


async def test_hours_that_are_added_serve_as_many_as_can_use_them(world: World) -> None:
    await full(world)
    waiting = [await asks(world) for _ in range(3)]
    both = (*THURSDAYS, Window(4, time(9), time(11)))
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=both))
    await world.put(Resource(world.manager, Kind.CASE_MANAGER, windows=both))
    await world.offer_freed()
    asked = [await offers(world, each) for each in waiting]
    assert [len(each) for each in asked] == [1, 1, 1]
    times = [Span(offer.candidates[0].starts_at, offer.candidates[0].ends_at) for [offer] in asked]
    assert not any(one.overlaps(other) for n, one in enumerate(times) for other in times[n + 1 :])


async def test_a_room_that_becomes_free_serves_those_of_other_case_managers_too(world: World) -> None:
    first, *_ = await full(world)
    colleague = new_id()
    await world.put(Resource(colleague, Kind.CASE_MANAGER, windows=THURSDAYS))
    await world.offer_freed()
    waiting = await asks(world, case_manager_id=colleague)
    await world.cancel(first)
    await world.offer_freed()
    [offer] = await offers(world, waiting)
    assert offer.case_manager_id == colleague


async def test_a_day_that_comes_within_reach_is_offered_without_anything_being_freed(world: World) -> None:
    await full(world)
    waiting = await asks(world)
    assert await world.look_again() == 0
    world.pass_time(timedelta(days=7))
    assert await world.look_again() == 1
    assert await world.look_again() == 0
    [offer] = await offers(world, waiting)
    assert offer.state is State.PROPOSED


async def test_several_who_offer_at_once_ask_once(world: World) -> None:
    first, *_ = await full(world)
    waiting, other = await asks(world), await asks(world)
    await world.cancel(first)
    await asyncio.gather(*(world.offer_freed() for _ in range(5)))
    assert [len(await offers(world, each)) for each in (waiting, other)] == [1, 0]


async def test_an_offer_that_could_not_be_committed_is_made_later(world: World) -> None:
    first, *_ = await full(world)
    waiting = await asks(world)
    await world.cancel(first)
    with pytest.raises(ConnectionError):
        await world.offer_freed(crash=True)
    assert await offers(world, waiting) == []
    await world.offer_freed()
    await world.offer_freed()
    assert len(await offers(world, waiting)) == 1


async def test_who_wants_no_talk_any_more_does_not_wait(world: World) -> None:
    *_, last = await full(world)
    await world.cancel(last)
    late = await world.choose(await asks(world))
    assert await world.waiting() == {late.booking_id}
    await world.cancel(late, CancelledBy.PARTICIPANT)
    assert await world.waiting() == set()


async def test_another_request_of_the_case_takes_the_place_of_one_in_vain(world: World) -> None:
    await full(world)
    waiting = await asks(world)
    again = await asks(world, case_id=waiting.case_id, enquiry_id=waiting.enquiry_id)
    assert await world.waiting() == {again.booking_id}


async def test_time_with_an_interpreter_is_offered_once_one_is_named_and_no_need_is_told_twice(world: World) -> None:
    await world.open_office(THURSDAYS)
    anna = await world.interpreter(windows=THURSDAYS)
    others = [await world.choose(await world.rank(await world.request(), anna)) for _ in range(1)]
    while (more := await world.request()).candidates:
        others.append(await world.choose(await world.rank(more, anna)))
    await world.offer_freed()
    needs = (await world.names()).count("LanguageUnmet")
    await world.cancel(others[0])
    await world.offer_freed()
    [offer] = await offers(world, more)
    assert offer.state is State.RANKING
    await world.rank(offer)
    ended = await world.stored(offer)
    assert (ended.state, ended.reason) == (State.RELEASED, ReleaseReason.NO_INTERPRETER)
    assert (await world.names()).count("LanguageUnmet") == needs
    await world.cancel(others[1])
    await world.offer_freed()
    [_, again] = await offers(world, more)
    told = (await world.names()).count("FreedTimeOffered")
    assert (await world.rank(again, anna)).state is State.PROPOSED
    assert (told, (await world.names()).count("FreedTimeOffered")) == (0, 1)


async def interpreted(world: World, stand_in: UUID) -> tuple[Booking, Booking]:
    """Serbian is asked for, and who speaks Croatian has no time left: a talk that has some, and one that waits."""
    asked = {"languages": ["sr"]}
    taken = await world.choose(await world.rank(await world.request(**asked), stand_in))
    while (waiting := await world.request(**asked)).candidates:
        await world.choose(await world.rank(waiting, stand_in))
    await world.offer_freed()
    return taken, waiting


async def test_freed_time_of_one_who_may_stand_in_with_another_language_is_offered(world: World) -> None:
    await world.open_office(THURSDAYS)
    stand_in = await world.interpreter("hr", windows=THURSDAYS, stands_in_for=["bs", "sr"])
    await world.interpreter("ru")
    taken, waiting = await interpreted(world, stand_in)
    await world.cancel(taken)
    await world.offer_freed()
    [offer] = await offers(world, waiting)
    assert [candidate.interpreters for candidate in offer.candidates] == [(stand_in,)]
    assert (await world.rank(offer, stand_in)).state is State.PROPOSED


async def test_who_speaks_the_language_itself_comes_before_one_who_may_stand_in(world: World) -> None:
    await world.open_office(THURSDAYS)
    stand_in = await world.interpreter("hr", windows=THURSDAYS, stands_in_for=["sr"])
    taken, waiting = await interpreted(world, stand_in)
    speaker = await world.interpreter("sr", windows=THURSDAYS)
    fridays = (Window(4, time(9), time(10)),)
    await world.put(Resource(world.manager, Kind.CASE_MANAGER, windows=(*THURSDAYS, *fridays)))
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=(*THURSDAYS, *fridays)))
    await world.cancel(taken)
    await world.offer_freed()
    offer = (await offers(world, waiting))[-1]
    assert all(speaker in candidate.interpreters for candidate in offer.candidates)


async def test_who_was_not_asked_because_nobody_could_interpret_waits_on(world: World) -> None:
    """Interpreter is asked in vain so often a day and no more; the next day it is asked again."""
    await world.open_office(THURSDAYS)
    anna = await world.interpreter(windows=THURSDAYS)
    taken = []
    while (waiting := await world.request()).candidates:
        taken.append(await world.choose(await world.rank(waiting, anna)))
    await world.offer_freed()
    for booking in taken:
        await world.cancel(booking)
        await world.offer_freed()
        for offer in await offers(world, waiting):
            if offer.state is State.RANKING:
                await world.rank(offer)
    assert len(await offers(world, waiting)) == MOST_IN_VAIN < len(taken)
    assert waiting.booking_id in await world.waiting()
    world.pass_time(timedelta(days=7))
    assert await world.look_again() == 1
    assert len(await offers(world, waiting)) == MOST_IN_VAIN + 1


async def test_a_freed_time_that_is_taken_before_it_is_chosen_is_offered_no_more(world: World) -> None:
    first, *_ = await full(world)
    waiting = await asks(world)
    await world.cancel(first)
    await world.offer_freed()
    await world.choose(await asks(world))
    assert await world.search_again() == 1
    [offer] = await offers(world, waiting)
    assert (offer.state, offer.reason) == (State.RELEASED, ReleaseReason.NO_SLOT)
    assert await world.waiting() == {waiting.booking_id}


async def test_whoever_has_the_case_by_now_is_asked_about(world: World) -> None:
    await full(world)
    waiting, successor = await asks(world), new_id()
    await world.assign(waiting, successor)
    await world.put(Resource(successor, Kind.CASE_MANAGER, windows=OFFICE_HOURS))
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=OFFICE_HOURS))
    await world.offer_freed()
    [offer] = await offers(world, waiting)
    assert offer.case_manager_id == successor
    await world.unassign(waiting)
    assert (await world.stored(offer)).reason is ReleaseReason.CASE_MANAGER_CHANGED
    await world.offer_freed()
    assert len(await offers(world, waiting)) == 1


def option(day: int, *interpreters: UUID) -> Option:
    starts = TEN + timedelta(days=day)
    return Option(Span(starts, starts + timedelta(hours=1)), interpreters)


def freed(day: int, minutes: int = 60) -> Freed:
    starts = TEN + timedelta(days=day)
    return Freed(1, ANNA, Span(starts, starts + timedelta(minutes=minutes)))


@pytest.mark.parametrize(
    ("before", "needed", "at", "suits"),
    [
        (None, False, option(0), True),
        (None, False, option(1), False),
        (None, True, option(0), False),
        (None, True, option(0, new_id()), False),
        (None, True, option(0, ANNA), True),
        (TEN + timedelta(days=7), False, option(0), True),
        (TEN + timedelta(days=6), False, option(0), False),
    ],
)
def test_a_time_suits_that_was_freed_is_early_and_can_be_interpreted(
    *,
    before: datetime | None,
    needed: bool,
    at: Option,
    suits: bool,
) -> None:
    assert Wish(before, [ANNA], needed).suits(at, freed(0), []) is suits


def test_a_time_about_which_another_is_asked_suits_nobody() -> None:
    wish = Wish(None, [], interpreter_needed=False)
    assert not wish.suits(option(0), freed(0), [option(0).span])
    assert wish.suits(option(0), freed(0), [option(1).span])
    assert wish.suits(option(5), None, [])
