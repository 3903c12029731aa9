"""Feedback after an interpreted talk: in codes, once each, summed up where five or more gave it."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.interpreter.feedback import FEWEST, Feedback, summed_up
from shared.clock import now
from shared.contracts.interpreter import CandidatesRanked, FeedbackGiven
from shared.contracts.vocabulary import FeedbackBy, FeedbackRemark
from tests.interpreter.agency import Agency
from tests.interpreter.people import Booking, slot

HOUR = timedelta(hours=1)
GOOD = {"understanding": 5, "punctuality": 4, "remarks": ["again_please"]}
FEEDBACK = st.builds(
    Feedback, st.sampled_from(FeedbackBy), st.integers(1, 5), st.integers(1, 5),
    st.frozensets(st.sampled_from(FeedbackRemark)),
)  # fmt: skip


@given(st.lists(FEEDBACK, max_size=40))
def test_no_sum_is_of_fewer_than_five_nor_leads_to_fewer(given_all: list[Feedback]) -> None:
    for summary in summed_up(given_all):
        of_them = [each for each in given_all if each.by is summary.by]
        assert summary.number == len(of_them) >= FEWEST
        assert all(number >= FEWEST for number in summary.remarks.values())
        assert all(summary.number - number not in range(1, FEWEST) for number in summary.remarks.values())


def test_marks_are_summed_up_by_who_gave_them() -> None:
    by_managers = [Feedback(FeedbackBy.CASE_MANAGER, mark, 5, frozenset()) for mark in (5, 5, 4, 4, 3)]
    late = frozenset({FeedbackRemark.CAME_LATE})
    by_interpreters = [Feedback(FeedbackBy.INTERPRETER, 5, 1, late) for _ in range(5)]
    few = [Feedback(FeedbackBy.PARTICIPANT, 1, 1, late) for _ in range(4)]
    managers, interpreters = summed_up([*few, *by_managers, *by_interpreters])
    assert (managers.understanding, managers.punctuality, managers.remarks) == (Decimal("4.2"), Decimal("5.0"), {})
    assert interpreters.remarks == {FeedbackRemark.CAME_LATE: 5}


async def talk(agency: Agency, who: UUID, *, ended: timedelta = HOUR) -> Booking:
    """A talk that ended so long ago."""
    booking = Booking()
    await agency.hears(booking.confirmed(who, starts_at=now() - ended - HOUR, ends_at=now() - ended))
    return booking


async def test_everybody_who_was_there_tells_once_how_it_went(agency: Agency) -> None:
    who = (await agency.knows()).id
    booking = await talk(agency, who)
    path = f"/bookings/{booking.id}/feedback"
    manager = agency.token("case_manager", sub=str(booking.all["case_manager_id"]))
    for token in (agency.as_interpreter(who), manager):
        assert (await agency.client.post(path, json=GOOD, headers=token)).status_code == 204
        again = await agency.client.post(path, json=GOOD, headers=token)
        assert (again.status_code, again.json()["code"]) == (409, "feedback-is-given")
    told = await agency.told(FeedbackGiven)
    assert [each.by for each in told] == [FeedbackBy.INTERPRETER, FeedbackBy.CASE_MANAGER]
    assert {(each.booking_id, each.interpreter_id, each.understanding) for each in told} == {(booking.id, who, 5)}


async def test_an_interpreter_is_asked_how_each_talk_went_that_is_over_until_they_have_told(agency: Agency) -> None:
    who = (await agency.knows()).id
    over, to_come = await talk(agency, who), await talk(agency, who, ended=-3 * HOUR)
    cancelled = await talk(agency, who, ended=10 * HOUR)
    await agency.hears(cancelled.released())

    async def due() -> dict[str, bool]:
        return {each["booking_id"]: each["feedback_due"] for each in await agency.assignments(who)}

    assert await due() == {str(over.id): True, str(to_come.id): False, str(cancelled.id): False}
    await agency.client.post(f"/bookings/{over.id}/feedback", json=GOOD, headers=agency.as_interpreter(who))
    assert not any((await due()).values())


async def test_who_was_not_there_has_nothing_to_tell(agency: Agency) -> None:
    who = (await agency.knows()).id
    booking = await talk(agency, who)
    other = (await agency.knows()).id
    for token in (agency.as_interpreter(other), agency.token("case_manager")):
        answer = await agency.client.post(f"/bookings/{booking.id}/feedback", json=GOOD, headers=token)
        assert answer.status_code == 404


@pytest.mark.parametrize("cancelled", [False, True])
async def test_a_talk_that_is_not_over_or_was_cancelled_has_no_feedback(agency: Agency, *, cancelled: bool) -> None:
    who = (await agency.knows()).id
    booking = await talk(agency, who, ended=HOUR if cancelled else -HOUR)
    if cancelled:
        await agency.hears(booking.released())
    path = f"/bookings/{booking.id}/feedback"
    refused = await agency.client.post(path, json=GOOD, headers=agency.as_interpreter(who))
    assert (refused.status_code, refused.json()["code"]) == (409, "talk-not-over")


async def test_the_coordinator_of_the_pool_sees_sums_and_marks_change_no_ranking(agency: Agency) -> None:
    bad, good = await agency.knows(), await agency.knows()
    for number in range(5):
        for who, mark in ((bad.id, 1), (good.id, 5)):
            booking = await talk(agency, who)
            manager = agency.token("case_manager", sub=str(booking.all["case_manager_id"]))
            marks = {"understanding": mark, "punctuality": mark}
            await agency.client.post(f"/bookings/{booking.id}/feedback", json=marks, headers=manager)
        shown = await agency.client.get(f"/interpreters/{bad.id}/feedback", headers=agency.token("administrator"))
        assert len(shown.json()) == (number == 4)
    [summary] = shown.json()
    assert (summary["by"], summary["number"], summary["understanding"]) == ("case_manager", 5, "1.0")
    await agency.hears(Booking().requested((slot(), [good.id, bad.id])))
    [told] = await agency.told(CandidatesRanked)
    assert told.slots[0].interpreter_ids == sorted([bad.id, good.id]), "equal, so by id"
