"""A case by itself: its phases, its talks, its end."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case import domain, findings, refusals, talks
from services.case.case import Case, ClosingOutcome, ClosingReason, Ending, TalkState
from services.case.findings import Finding
from services.case.talks import TalkWish
from shared.contracts.case import CaseAssigned, CaseOpened, CasePhaseChanged, CounsellingRequested, FindingReported
from shared.contracts.vocabulary import FindingKind, Mode, Phase, Topic
from shared.ids import new_id
from tests.case.world import NOON, TODAY, accepted, manager

STEPS = [Phase.ASSESSMENT, Phase.PLANNING, Phase.LINKING, Phase.CLOSED]
REACHED = Ending(ClosingReason.GOALS_REACHED, ClosingOutcome.IMPROVED)
STARTS, ENDS = datetime(2026, 11, 9, 9, tzinfo=UTC), datetime(2026, 11, 9, 10, tzinfo=UTC)


def opened() -> Case:
    case, _ = domain.open(accepted(), new_id(), TODAY)
    return case


def assigned(*languages: str) -> Case:
    case, _ = domain.assign(opened(), manager(languages=frozenset(languages)), new_id(), TODAY)
    return case


def moved(case: Case, phase: Phase) -> Case:
    return domain.change_phase(case, phase, REACHED if phase is Phase.CLOSED else None, TODAY)[0]


def in_phase(phase: Phase) -> Case:
    case = assigned()
    for step in STEPS[: STEPS.index(phase) + 1] if phase in STEPS else []:
        case = moved(case, step)
    return case


def test_an_accepted_enquiry_opens_a_case_in_clarification() -> None:
    enquiry = accepted()
    case, [event] = domain.open(enquiry, new_id(), TODAY)
    assert (case.phase, case.case_manager_id, case.version) == (Phase.CLARIFICATION, None, 1)
    assert isinstance(event, CaseOpened)
    assert (event.enquiry_id, event.languages, event.phase) == (enquiry.enquiry_id, ["ti"], Phase.CLARIFICATION)


def test_an_assigned_case_asks_for_its_first_talk() -> None:
    case, [told, requested] = domain.assign(opened(), manager(), new_id(), TODAY)
    assert isinstance(told, CaseAssigned)
    assert isinstance(requested, CounsellingRequested)
    [talk] = case.talks
    assert (requested.counselling_id, requested.duration_minutes) == (talk.counselling_id, 60)
    assert (requested.case_manager_id, requested.mode) == (case.case_manager_id, Mode.IN_PERSON)


@pytest.mark.parametrize("languages", [(), ("ar", "am"), ("de", "ti")])
def test_an_interpreter_is_needed_where_the_case_manager_speaks_no_language_of_theirs(
    languages: tuple[str, ...],
) -> None:
    _, [told, requested] = domain.assign(opened(), manager(languages=frozenset(languages)), new_id(), TODAY)
    assert isinstance(told, CaseAssigned)
    assert isinstance(requested, CounsellingRequested)
    assert told.speaks_language == ("ti" in languages) != requested.interpreter_needed


def test_a_case_is_assigned_once() -> None:
    with pytest.raises(refusals.AlreadyAssigned):
        domain.assign(assigned(), manager(), new_id(), TODAY)


def test_a_case_goes_through_its_phases_in_order_and_tells_each() -> None:
    case = assigned()
    for phase in STEPS:
        case, [event] = domain.change_phase(case, phase, REACHED if phase is Phase.CLOSED else None, TODAY)
        assert isinstance(event, CasePhaseChanged)
        assert event.phase is case.phase is phase


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("wanted", Phase)
def test_only_the_next_phase_and_the_end_can_be_reached(phase: Phase, wanted: Phase) -> None:
    case = in_phase(phase)
    reason = REACHED if wanted is Phase.CLOSED else None
    order = [Phase.CLARIFICATION, *STEPS]
    follows = order.index(wanted) == order.index(phase) + 1
    if follows or (wanted is Phase.CLOSED != phase) or (phase, wanted) == (Phase.CLOSED, Phase.ASSESSMENT):
        assert domain.change_phase(case, wanted, reason, TODAY)[0].phase is wanted
    else:
        with pytest.raises(refusals.PhaseNotReachable) as refused:
            domain.change_phase(case, wanted, reason, TODAY)
        assert refused.value.members == {"present": phase, "reachable": sorted(domain.NEXT[phase])}


@given(st.lists(st.sampled_from(Phase), max_size=12))
def test_whatever_is_tried_a_case_moves_along_its_ways_alone(wishes: list[Phase]) -> None:
    case = assigned()
    for wanted in wishes:
        before = case
        try:
            case = moved(case, wanted)
        except refusals.PhaseNotReachable:
            assert wanted not in domain.reachable_from(before)
        else:
            assert wanted in domain.reachable_from(before)
            assert case.version == before.version + 1
        assert (case.reason is not None) == case.is_closed


def test_a_reopened_case_goes_on_with_the_assessment() -> None:
    case = moved(in_phase(Phase.CLOSED), Phase.ASSESSMENT)
    assert (case.phase, case.reason) == (Phase.ASSESSMENT, None)


def test_closing_needs_a_reason() -> None:
    with pytest.raises(refusals.ReasonMissing):
        domain.change_phase(assigned(), Phase.CLOSED, None, TODAY)


@pytest.mark.parametrize(
    ("phase", "reason"),
    [(Phase.ASSESSMENT, ClosingReason.MOVED_AWAY), (Phase.CLOSED, ClosingReason.ENQUIRY_WITHDRAWN)],
)
def test_a_reason_is_refused_where_it_is_uncalled_for(phase: Phase, reason: ClosingReason) -> None:
    with pytest.raises(refusals.ReasonUncalledFor):
        domain.change_phase(assigned(), phase, Ending(reason, ClosingOutcome.UNKNOWN), TODAY)


@pytest.mark.parametrize("phase", Phase)
def test_a_withdrawn_enquiry_closes_its_case_for_good(phase: Phase) -> None:
    case, told = domain.withdraw(in_phase(phase), TODAY)
    assert (case.phase, case.reason) == (Phase.CLOSED, ClosingReason.ENQUIRY_WITHDRAWN)
    assert len(told) == (phase is not Phase.CLOSED)
    with pytest.raises(refusals.PhaseNotReachable):
        moved(case, Phase.ASSESSMENT)


def test_another_talk_is_asked_for_when_the_one_before_is_arranged() -> None:
    case = assigned()
    with pytest.raises(refusals.TalkUnderWay):
        talks.request(case, TalkWish(), new_id(), TODAY)
    case, _ = talks.confirmed(case, talks.Confirmation(new_id(), STARTS, ENDS))
    case, [requested] = talks.request(case, TalkWish(Mode.PHONE, 30), new_id(), TODAY)
    assert isinstance(requested, CounsellingRequested)
    assert (requested.mode, requested.duration_minutes) == (Mode.PHONE, 30)
    assert [talk.state for talk in case.talks] == [TalkState.CONFIRMED, TalkState.REQUESTED]


def test_a_closed_case_asks_for_no_talk() -> None:
    case, _ = talks.confirmed(in_phase(Phase.CLOSED), talks.Confirmation(new_id(), STARTS, ENDS))
    with pytest.raises(refusals.CaseIsClosed):
        talks.request(case, TalkWish(), new_id(), TODAY)


def test_nobody_asks_for_a_talk_in_a_case_that_waits() -> None:
    with pytest.raises(refusals.CaseUnassigned):
        talks.request(opened(), TalkWish(), new_id(), TODAY)


def test_what_is_heard_of_a_booking_belongs_to_the_talk_it_began_with() -> None:
    first, second = new_id(), new_id()
    case, _ = talks.confirmed(assigned(), talks.Confirmation(first, STARTS, ENDS))
    case, _ = talks.request(case, TalkWish(), new_id(), TODAY)
    case, _ = talks.released(case, first)
    case, _ = talks.confirmed(case, talks.Confirmation(second, STARTS, ENDS))
    assert [(talk.booking_id, talk.state) for talk in case.talks] == [
        (first, TalkState.RELEASED),
        (second, TalkState.CONFIRMED),
    ]


def test_a_moved_talk_is_the_same_talk_under_its_new_booking() -> None:
    former, new = new_id(), new_id()
    case, _ = talks.confirmed(assigned(), talks.Confirmation(former, STARTS, ENDS))
    later = STARTS + timedelta(days=3)
    case, _ = talks.confirmed(case, talks.Confirmation(new, later, later + timedelta(hours=1), replaces=former))
    [talk] = case.talks
    assert (talk.booking_id, talk.state, talk.starts_at) == (new, TalkState.CONFIRMED, later)


def test_an_unmet_talk_stays_unmet_when_it_is_released() -> None:
    booking = new_id()
    case, _ = talks.unmet(assigned(), booking)
    case, _ = talks.released(case, booking)
    assert [talk.state for talk in case.talks] == [TalkState.UNMET]


def test_a_booking_that_no_talk_waits_for_is_refused() -> None:
    case, _ = talks.confirmed(assigned(), talks.Confirmation(new_id(), STARTS, ENDS))
    for verb in (talks.unmet, talks.released):
        with pytest.raises(refusals.TalkUnknown):
            verb(case, new_id())


def test_a_talk_does_not_make_the_version_that_somebody_reads_outdated() -> None:
    case = assigned()
    assert talks.unmet(case, new_id())[0].version == case.version


def test_findings_are_reported_in_the_order_of_their_random_ids() -> None:
    reported = [Finding(uuid4(), "05170008", FindingKind.MISSING_OFFER, Topic.HOUSING) for _ in range(20)]
    told = findings.report(reported, TODAY)
    assert all(isinstance(event, FindingReported) and event.reported_on == TODAY for event in told)
    assert [event.subject_id for event in told] == sorted(str(finding.finding_id) for finding in reported)


@pytest.mark.parametrize(
    ("at", "day"),
    [(time(11), TODAY), (time(10, 59), TODAY), (time(11, 1), TODAY - timedelta(days=1))],
)
def test_a_batch_is_due_from_its_time_on(at: time, day: date) -> None:
    assert findings.batch_day(NOON, at) == day


def test_a_case_says_nothing_of_the_person() -> None:
    """Events are made of what contracts allow; the link to the person stays inside."""
    case = replace(assigned(), person_id=new_id())
    _, [event] = domain.withdraw(case, TODAY)
    assert str(case.person_id) not in event.model_dump_json()
