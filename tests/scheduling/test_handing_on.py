"""A case goes to another case manager, or to nobody: its talks follow, or are searched anew by themselves."""

import asyncio
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.scheduling import commands_cases, store
from services.scheduling.booking import Booking, State
from services.scheduling.resources import Kind, Resource
from services.scheduling.windows import Window
from shared.contracts.case import CaseAssigned, CasePhaseChanged, CaseUnassigned
from shared.contracts.interpreter import OfferAccepted
from shared.contracts.scheduling import BookingReleased, BookingRequested, BookingTakenOver
from shared.contracts.vocabulary import Mode, Phase, ReleaseReason
from shared.ids import new_id
from tests.scheduling.hearing import Hearing
from tests.scheduling.world import DINSLAKEN, MOERS, OFFICE_HOURS, World, span

TODAY = date(2026, 11, 2)
ALL_DAY = tuple(Window(day, time(8), time(18)) for day in range(5))
AFTERNOONS = tuple(Window(day, time(13), time(17)) for day in range(5))


def assigned(booking: Booking, manager: UUID, **changed: Any) -> CaseAssigned:
    good = {"ags": DINSLAKEN, "phase": Phase.CLARIFICATION, "speaks_language": not booking.interpreter_needed}
    ids = {"case_id": booking.case_id, "enquiry_id": booking.enquiry_id, "case_manager_id": manager}
    return CaseAssigned.model_validate(good | ids | {"assigned_on": TODAY} | changed)


def unassigned(booking: Booking) -> CaseUnassigned:
    return CaseUnassigned(case_id=booking.case_id, enquiry_id=booking.enquiry_id, ags=booking.ags, unassigned_on=TODAY)


def closed(booking: Booking) -> CasePhaseChanged:
    return CasePhaseChanged(
        case_id=booking.case_id, enquiry_id=booking.enquiry_id, ags=booking.ags, phase=Phase.CLOSED, changed_on=TODAY
    )


async def another(world: World, windows: tuple[Window, ...] = ALL_DAY) -> UUID:
    """Another case manager."""
    id = new_id()
    await world.put(Resource(id, Kind.CASE_MANAGER, windows=windows))
    return id


async def settled(world: World, **changed: Any) -> Booking:
    """A confirmed talk without interpreter; the room is open all day."""
    await world.open_office()
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=ALL_DAY))
    return await world.choose(await world.request(interpreter_needed=False, **changed))


async def all_of(world: World, booking: Booking) -> list[Booking]:
    async with world.database.read() as conn:
        return await store.of_enquiry(conn, booking.enquiry_id)


async def test_who_has_the_case_now_takes_over_a_talk_to_which_they_can_come(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await hearing.hear(assigned(booking, successor))
    [taken] = await all_of(world, booking)
    assert (taken.state, taken.case_manager_id, span(taken)) == (State.CONFIRMED, successor, span(booking))
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.room, successor}
    assert await world.reserved(booking, "released") == {world.manager}
    told = await world.last(BookingTakenOver)
    assert (told.booking_id, told.case_manager_id) == (booking.booking_id, successor)
    assert "BookingReleased" not in await world.names()


async def test_a_talk_that_waits_for_an_interpreter_is_taken_over_with_them(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    anna, successor = await world.interpreter(), await another(world)
    held = await world.choose(await world.rank(await world.request(), anna))
    await hearing.hear(assigned(held, successor))
    assert await world.reserved(held, "held") == {held.enquiry_id, world.room, anna, successor}
    ids = {"booking_id": held.booking_id, "enquiry_id": held.enquiry_id, "ags": held.ags, "interpreter_id": anna}
    await hearing.hear(OfferAccepted(offer_id=new_id(), accepted_on=TODAY, **ids))
    assert await world.reserved(held, "confirmed") == {held.enquiry_id, world.room, anna, successor}
    assert await hearing.rejected() == []


async def test_where_they_cannot_come_everything_is_free_and_another_time_is_searched_unasked(
    hearing: Hearing,
) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world, AFTERNOONS)
    await hearing.hear(assigned(booking, successor))
    former, anew = await all_of(world, booking)
    assert (former.state, former.reason) == (State.RELEASED, ReleaseReason.CASE_MANAGER_CHANGED)
    assert await world.reserved(booking, "confirmed") == set()
    assert (anew.state, anew.case_manager_id, anew.replaces) == (State.PROPOSED, successor, booking.booking_id)
    assert (await world.choose(anew)).state is State.CONFIRMED
    assert (await world.last(BookingReleased)).booking_id == booking.booking_id


async def test_where_they_need_an_interpreter_that_nobody_had_asked_for_the_search_begins_anew(
    hearing: Hearing,
) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await world.interpreter()
    await hearing.hear(assigned(booking, successor, speaks_language=False))
    former, anew = await all_of(world, booking)
    assert former.reason is ReleaseReason.CASE_MANAGER_CHANGED
    assert (anew.state, anew.interpreter_needed) == (State.RANKING, True)


async def test_an_interpreter_who_has_agreed_stays_also_where_they_speak_the_language(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    anna, successor = await world.interpreter(), await another(world)
    booking = await world.accept(await world.choose(await world.rank(await world.request(), anna)), anna)
    await hearing.hear(assigned(booking, successor, speaks_language=True))
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.room, anna, successor}


async def test_what_is_only_proposed_is_searched_with_whoever_has_the_case_now(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    await world.put(Resource(world.room, Kind.ROOM, ags=(DINSLAKEN,), windows=ALL_DAY))
    booking, successor = await world.request(interpreter_needed=False), await another(world, AFTERNOONS)
    await hearing.hear(assigned(booking, successor))
    [anew] = await all_of(world, booking)
    assert (anew.state, anew.case_manager_id, anew.expires_at) == (State.PROPOSED, successor, booking.expires_at)
    assert {c.slot_id for c in anew.candidates}.isdisjoint(c.slot_id for c in booking.candidates)


async def test_of_a_talk_that_is_being_moved_the_talk_is_taken_over_and_the_search_goes_on(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await world.move(booking)
    await hearing.hear(assigned(booking, successor))
    stands, moved = await all_of(world, booking)
    assert (stands.state, moved.state) == (State.CONFIRMED, State.PROPOSED)
    assert {stands.case_manager_id, moved.case_manager_id} == {successor}
    assert moved.replaces == stands.booking_id


async def test_of_a_talk_that_is_being_moved_and_cannot_stand_one_search_goes_on(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world, AFTERNOONS)
    await world.move(booking)
    await hearing.hear(assigned(booking, successor))
    former, moved = await all_of(world, booking)
    assert former.reason is ReleaseReason.CASE_MANAGER_CHANGED
    assert (moved.state, moved.case_manager_id) == (State.PROPOSED, successor)


async def test_in_another_municipality_there_are_other_rooms_so_the_search_begins_anew(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await world.put(Resource(new_id(), Kind.ROOM, ags=(MOERS,), windows=ALL_DAY))
    await hearing.hear(assigned(booking, successor, ags=MOERS))
    former, anew = await all_of(world, booking)
    assert (former.ags, former.state) == (DINSLAKEN, State.RELEASED)
    assert (anew.ags, anew.state) == (MOERS, State.PROPOSED)
    assert (await world.last(BookingRequested)).ags == MOERS


async def test_where_nobody_has_the_case_the_time_is_free_and_the_next_who_has_it_finds_a_search(
    hearing: Hearing,
) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await hearing.hear(unassigned(booking))
    [former] = await all_of(world, booking)
    assert (former.state, former.reason) == (State.RELEASED, ReleaseReason.CASE_MANAGER_CHANGED)
    assert await world.reserved(booking, "confirmed") == set()
    await hearing.hear(assigned(booking, successor), assigned(booking, successor))
    _, anew = await all_of(world, booking)
    assert (anew.state, anew.case_manager_id, anew.replaces) == (State.PROPOSED, successor, booking.booking_id)


async def test_of_a_talk_that_was_being_moved_when_nobody_had_the_case_there_is_one_search(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    await world.move(booking)
    await hearing.hear(unassigned(booking), assigned(booking, successor))
    states = [each.state for each in await all_of(world, booking)]
    assert states == [State.RELEASED, State.RELEASED, State.PROPOSED]


async def test_a_held_talk_that_was_never_confirmed_takes_nobodys_place_when_it_is_searched_anew(
    hearing: Hearing,
) -> None:
    world = hearing.world
    await world.open_office()
    anna = await world.interpreter()
    held = await world.choose(await world.rank(await world.request(), anna))
    await hearing.hear(unassigned(held), assigned(held, world.manager))
    _, anew = await all_of(world, held)
    assert (anew.state, anew.replaces) == (State.RANKING, None)
    ids = {"booking_id": held.booking_id, "enquiry_id": held.enquiry_id, "ags": held.ags, "interpreter_id": anna}
    await hearing.hear(OfferAccepted(offer_id=new_id(), accepted_on=TODAY, **ids))
    assert await hearing.rejected() == ["nothing-held"]


async def test_the_same_word_again_changes_nothing(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world, AFTERNOONS)
    event_id = new_id()
    for _ in range(2):
        await hearing.hear(assigned(booking, successor), event_id=event_id)
        await hearing.hear(assigned(booking, successor))
    assert len(await all_of(world, booking)) == 2
    assert (await world.names()).count("BookingReleased") == 1


async def test_the_first_assignment_that_comes_before_any_request_changes_nothing(hearing: Hearing) -> None:
    world = hearing.world
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    names = await world.names()
    await hearing.hear(assigned(booking, world.manager))
    assert await world.names() == names


async def test_a_talk_that_has_begun_stays_with_whoever_leads_it(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world)
    world.now = span(booking).starts
    await hearing.hear(assigned(booking, successor), unassigned(booking))
    assert await all_of(world, booking) == [booking]


async def test_what_waits_for_somebody_waits_no_more_when_the_case_is_closed(hearing: Hearing) -> None:
    world = hearing.world
    booking = await settled(world)
    await hearing.hear(unassigned(booking), closed(booking), assigned(booking, world.manager))
    assert len(await all_of(world, booking)) == 1


async def test_two_cases_that_go_to_the_same_person_at_once_get_them_for_one_talk_each(world: World) -> None:
    """Both talks are at the same time, with another case manager each: the constraint decides."""
    first = await settled(world, mode=Mode.PHONE)
    colleague, successor = await another(world, OFFICE_HOURS), await another(world)
    second = await world.choose(
        await world.request(interpreter_needed=False, mode=Mode.PHONE, case_manager_id=colleague)
    )
    assert span(second) == span(first)

    async def give(booking: Booking) -> None:
        async with world.database.transaction() as conn:
            await commands_cases.assigned(conn, assigned(booking, successor))

    await asyncio.gather(give(first), give(second))
    states = sorted([(await world.stored(each)).state for each in (first, second)])
    assert states == [State.CONFIRMED, State.RELEASED]
    assert (await world.names()).count("BookingTakenOver") == 1


async def test_a_crash_on_the_way_leaves_everything_as_it_was_and_the_next_try_does_it_all(hearing: Hearing) -> None:
    world = hearing.world
    booking, successor = await settled(world), await another(world, AFTERNOONS)
    told = assigned(booking, successor)

    async def lose_the_connection() -> None:
        async with world.database.transaction() as conn:
            await commands_cases.assigned(conn, told)
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await lose_the_connection()
    assert await all_of(world, booking) == [booking]
    assert await world.reserved(booking, "confirmed") == booking.resources
    await hearing.hear(told)
    assert [each.state for each in await all_of(world, booking)] == [State.RELEASED, State.PROPOSED]


async def test_a_talk_by_phone_is_late_for_nobody_and_lasts_as_long_as_asked(hearing: Hearing) -> None:
    """What was asked for goes with the search."""
    world = hearing.world
    booking = await settled(world, mode=Mode.PHONE, duration_minutes=90)
    await hearing.hear(assigned(booking, await another(world, AFTERNOONS)))
    _, anew = await all_of(world, booking)
    assert (anew.mode, anew.duration) == (Mode.PHONE, timedelta(minutes=90))
