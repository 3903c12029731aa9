"""From the accepted enquiry to the assigned case and its talks, on a real database, in whichever order it is heard."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from services.case import refusals, store
from services.case.case import Case, ClosingReason, TalkState
from services.case.choice import Obstacle
from services.case.talks import TalkWish
from shared.contracts.case import CasePhaseChanged, CounsellingRequested
from shared.contracts.vocabulary import Mode, Phase, ReleaseReason
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.world import DINSLAKEN, MOERS, World, accepted

TINY = Decimal("0.02")
"""Not room for one case."""
ONE = Decimal("0.03")
"""Room for one case in clarification."""


async def test_an_accepted_enquiry_becomes_an_assigned_case_that_asks_for_a_talk(world: World) -> None:
    manager = await world.post()
    case = await world.accept()
    assert case.case_manager_id == manager.id
    assert await world.names() == ["CaseOpened", "CaseAssigned", "CounsellingRequested"]
    requested = await world.last(CounsellingRequested)
    assert requested.counselling_id == case.talks[0].counselling_id
    assert requested.interpreter_needed


async def test_where_the_case_manager_speaks_the_language_no_interpreter_is_asked_for(world: World) -> None:
    await world.post(fte=Decimal(1))
    speaks = await world.post(languages=frozenset({"de", "ti"}), fte=Decimal("0.5"))
    case = await world.accept()
    assert (case.case_manager_id, case.speaks_language) == (speaks.id, True)
    assert not (await world.last(CounsellingRequested)).interpreter_needed


async def test_what_is_stored_is_what_was_decided(world: World) -> None:
    await world.post()
    case = await world.accept(languages=["ti", "am"])
    for phase in (Phase.ASSESSMENT, Phase.PLANNING):
        case = await world.move(case, phase)
        assert await world.stored(case) == case
    closed = await world.close(case)
    assert await world.stored(closed) == closed


async def test_the_choice_is_kept_with_its_reasons(world: World) -> None:
    manager, away = await world.post(), await world.post(absent_from=world.today)
    case = await world.accept()
    async with world.database.read() as conn:
        choice = await store.choice(conn, case.case_id)
    assert choice.chosen == manager.id
    assert [(each.case_manager_id, each.obstacle) for each in choice.excluded] == [(away.id, Obstacle.ABSENT)]


async def test_where_nobody_has_room_the_case_waits(world: World) -> None:
    await world.post(fte=TINY)
    case = await world.accept()
    assert case.case_manager_id is None
    assert await world.names() == ["CaseOpened"]
    assert await world.assign_waiting() == 0


async def _more_hours(world: World, case: Case) -> None:  # noqa: ARG001
    await world.post()


async def _one_comes_back(world: World, case: Case) -> None:  # noqa: ARG001
    world.pass_time(timedelta(days=2))


async def _a_case_ends(world: World, case: Case) -> None:
    await world.close(case)


@pytest.mark.parametrize("change", [_more_hours, _one_comes_back, _a_case_ends])
async def test_a_case_that_waits_is_assigned_once_somebody_has_room(
    world: World, change: Callable[[World, Case], Awaitable[None]]
) -> None:
    await world.post(fte=ONE)
    await world.post(absent_from=world.today, absent_until=world.today + timedelta(days=1))
    first, waiting = await world.accept(), await world.accept()
    assert (first.case_manager_id is None, waiting.case_manager_id is None) == (False, True)
    assert await world.assign_waiting() == 0
    await change(world, first)
    assert await world.assign_waiting() == 1
    assert (await world.stored(waiting)).case_manager_id
    assert (await world.names())[-2:] == ["CaseAssigned", "CounsellingRequested"]
    assert await world.assign_waiting() == 0


async def test_the_longest_waiting_comes_first_and_other_municipalities_are_not_held_up(world: World) -> None:
    elsewhere = [await world.accept(ags=MOERS) for _ in range(2)]
    first, second = await world.accept(), await world.accept()
    await world.post(fte=ONE)
    assert await world.assign_waiting() == 1
    assert (await world.stored(first)).case_manager_id
    for waiting in (*elsewhere, second):
        assert (await world.stored(waiting)).case_manager_id is None


async def test_choices_at_the_same_time_exceed_no_capacity(world: World) -> None:
    manager = await world.post(fte=Decimal("0.05"))
    enquiries = [accepted() for _ in range(6)]
    await asyncio.gather(*(world.hear(enquiry) for enquiry in enquiries))
    cases = [await world.of(enquiry.enquiry_id) for enquiry in enquiries]
    assert [case.case_manager_id for case in cases if case and case.case_manager_id] == [manager.id] * 2


async def test_an_enquiry_opens_one_case(world: World) -> None:
    await world.post()
    enquiry = accepted()
    await world.hear(enquiry)
    with pytest.raises(refusals.AlreadyOpened):
        await world.hear(enquiry)
    assert (await world.names()).count("CaseOpened") == 1


async def test_an_enquiry_withdrawn_before_it_is_accepted_opens_nothing(world: World) -> None:
    await world.post()
    enquiry = accepted()
    await world.withdraw(enquiry.enquiry_id)
    with pytest.raises(refusals.EnquiryHasEnded):
        await world.hear(enquiry)
    assert await world.of(enquiry.enquiry_id) is None
    assert await world.names() == []


async def test_an_enquiry_withdrawn_after_it_was_accepted_closes_the_case(world: World) -> None:
    await world.post()
    case = await world.accept()
    for _ in range(2):
        await world.withdraw(case.enquiry_id)
    case = await world.stored(case)
    assert (case.phase, case.reason) == (Phase.CLOSED, ClosingReason.ENQUIRY_WITHDRAWN)
    assert (await world.names()).count("CasePhaseChanged") == 1
    assert (await world.last(CasePhaseChanged)).phase is Phase.CLOSED


async def test_a_case_that_waits_leaves_the_queue_when_its_enquiry_is_withdrawn(world: World) -> None:
    case = await world.accept()
    await world.withdraw(case.enquiry_id)
    await world.post()
    assert await world.assign_waiting() == 0


async def test_the_person_is_linked_whether_the_case_is_there_or_not(world: World) -> None:
    before = accepted()
    person = await world.register(before.enquiry_id)
    await world.hear(before)
    assert (case := await world.of(before.enquiry_id))
    assert case.person_id == person
    after = await world.accept()
    person = await world.register(after.enquiry_id)
    assert (await world.stored(after)).person_id == person


async def test_an_erasure_ends_the_case_and_leaves_no_fact_of_it(world: World) -> None:
    await world.post()
    case, other = await world.accept(), await world.accept()
    await world.register(case.enquiry_id)
    for _ in range(2):
        await world.erase(case.enquiry_id)
    assert (await world.last(CasePhaseChanged)).case_id == case.case_id
    assert await world.of(case.enquiry_id) is None
    for table in ("case_file", "choice", "talk"):
        assert await world.database.pool.fetchval(f"select count(*) from {table}") == 1  # noqa: S608
    assert await world.database.pool.fetchval("select person_id from enquiry where id = $1", case.enquiry_id) is None
    assert (await world.stored(other)).phase is Phase.CLARIFICATION


async def test_an_erasure_that_is_heard_first_opens_nothing_and_links_nothing(world: World) -> None:
    enquiry = accepted()
    await world.erase(enquiry.enquiry_id)
    await world.register(enquiry.enquiry_id)
    await world.hear(enquiry)
    assert await world.database.pool.fetchval("select count(*) from enquiry") == 0
    assert await world.of(enquiry.enquiry_id) is None


async def test_what_becomes_of_a_booking_is_kept_in_the_case(world: World) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.confirm(case, booking)
    [talk] = (await world.stored(case)).talks
    assert (talk.state, talk.booking_id) == (TalkState.CONFIRMED, booking)
    assert talk.starts_at == world.now + timedelta(days=7)
    await world.release(case, booking)
    assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.RELEASED]


async def test_a_language_that_nobody_interprets_is_kept_in_the_case(world: World) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.unmet(case, booking)
    await world.release(case, booking)
    assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.UNMET]


@pytest.mark.parametrize("released_first", [True, False])
async def test_a_moved_talk_stands_at_its_new_time_whichever_is_heard_first(
    world: World, *, released_first: bool
) -> None:
    await world.post()
    case, former, new = await world.accept(), new_id(), new_id()
    await world.confirm(case, former)
    counselling = await world.ask_for_talk(case)
    if released_first:
        await world.release(case, former, ReleaseReason.RESCHEDULED)
    await world.confirm(case, new, replaces=former)
    if not released_first:
        await world.release(case, former, ReleaseReason.RESCHEDULED)
    moved, waiting = (await world.stored(case)).talks
    assert (moved.booking_id, moved.state) == (new, TalkState.CONFIRMED)
    assert (waiting.counselling_id, waiting.booking_id) == (counselling, None)


async def test_the_talks_of_a_series_are_kept_in_the_case_and_do_not_keep_another_from_being_asked_for(
    world: World,
) -> None:
    await world.post()
    case, first = await world.accept(), new_id()
    await world.confirm(case, first)
    talks = [(new_id(), new_id()) for _ in range(2)]
    for counselling_id, booking_id in [*talks, *talks]:
        await world.book_of_series(case, counselling_id, booking_id)
    await world.confirm(case, talks[1][1])
    asked_for = await world.ask_for_talk(case)
    found = (await world.stored(case)).talks
    assert [(talk.booking_id, talk.state) for talk in found] == [
        (first, TalkState.CONFIRMED),
        (talks[0][1], TalkState.REQUESTED),
        (talks[1][1], TalkState.CONFIRMED),
        (None, TalkState.REQUESTED),
    ]
    assert found[-1].counselling_id == asked_for


@pytest.mark.parametrize("released_first", [True, False])
async def test_a_talk_to_which_another_case_manager_cannot_come_stands_at_the_time_that_is_found_by_itself(
    world: World, *, released_first: bool
) -> None:
    await world.post()
    case, former, new = await world.accept(), new_id(), new_id()
    await world.confirm(case, former)
    if released_first:
        await world.release(case, former, ReleaseReason.CASE_MANAGER_CHANGED)
        assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.RELEASED]
    await world.confirm(case, new, replaces=former)
    if not released_first:
        await world.release(case, former, ReleaseReason.CASE_MANAGER_CHANGED)
    [talk] = (await world.stored(case)).talks
    assert (talk.booking_id, talk.state) == (new, TalkState.CONFIRMED)


@pytest.mark.parametrize("released_first", [True, False])
async def test_a_talk_that_was_not_confirmed_waits_on_for_what_is_searched_with_another_case_manager(
    world: World, *, released_first: bool
) -> None:
    await world.post()
    case, former, new = await world.accept(), new_id(), new_id()
    if released_first:
        await world.release(case, former, ReleaseReason.CASE_MANAGER_CHANGED)
        assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.REQUESTED]
    await world.release(case, new, ReleaseReason.NO_SLOT)
    if not released_first:
        await world.release(case, former, ReleaseReason.CASE_MANAGER_CHANGED)
    [talk] = (await world.stored(case)).talks
    assert (talk.booking_id, talk.state) == (new, TalkState.RELEASED)


async def test_where_no_other_time_is_found_the_talk_stands(world: World) -> None:
    await world.post()
    case, former = await world.accept(), new_id()
    await world.confirm(case, former)
    await world.ask_for_talk(case)
    await world.release(case, new_id(), ReleaseReason.NO_SLOT, replaces=former)
    assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.CONFIRMED, TalkState.REQUESTED]


async def test_a_missed_talk_is_a_task_until_another_one_is_asked_for(world: World, api: Callers) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.confirm(case, booking)
    await world.miss(case, booking)
    [task] = (await api.manager_of(case).get("/tasks")).json()
    assert (task["case_id"], task["step"]) == (str(case.case_id), None)
    assert (task["missed_talk"]["booking_id"], task["missed_talk"]["state"]) == (str(booking), "missed")
    await world.ask_for_talk(case)
    assert (await api.manager_of(case).get("/tasks")).json() == []


async def test_an_attended_talk_is_no_task(world: World, api: Callers) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.confirm(case, booking)
    await world.attend(case, booking)
    assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.ATTENDED]
    assert (await api.manager_of(case).get("/tasks")).json() == []


async def test_what_becomes_of_a_booking_after_an_erasure_is_not_kept(world: World) -> None:
    await world.post()
    case = await world.accept()
    await world.erase(case.enquiry_id)
    await world.release(case, new_id())
    assert await world.database.pool.fetchval("select count(*) from talk") == 0


async def test_another_talk_is_told_apart_from_the_first(world: World) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.confirm(case, booking)
    counselling = await world.ask_for_talk(case, TalkWish(Mode.PHONE, 30))
    requested = await world.last(CounsellingRequested)
    assert (requested.counselling_id, requested.mode) == (counselling, Mode.PHONE)
    await world.unmet(case, new_id())
    first, second = (await world.stored(case)).talks
    assert (first.booking_id, first.state) == (booking, TalkState.CONFIRMED)
    assert (second.counselling_id, second.state) == (counselling, TalkState.UNMET)


async def test_of_two_changes_at_the_same_time_one_is_told_the_present_version(world: World) -> None:
    await world.post()
    case = await world.accept()
    outcomes = await asyncio.gather(world.move(case, Phase.ASSESSMENT), world.close(case), return_exceptions=True)
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, refusals.VersionOutdated)]
    assert refused.members == {"version": case.version + 1}
    assert (await world.names()).count("CasePhaseChanged") == 1


async def test_a_municipality_without_case_managers_waits_until_it_has_one(world: World) -> None:
    case = await world.accept(ags=MOERS)
    await world.post()
    assert await world.assign_waiting() == 0
    there = await world.post(municipalities=frozenset({DINSLAKEN, MOERS}))
    assert await world.assign_waiting() == 1
    assert (await world.stored(case)).case_manager_id == there.id
