"""What can be done with a case. Each verb returns the new state and what is to be told.

Phases: clarification -> assessment -> planning -> linking -> closed. Counselling is voluntary, so that a case can
be closed from each of them. A case that is reopened goes on with the assessment: that it is one for case management
was clarified before, while the situation is another one now.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from services.case import refusals
from services.case.case import Case, ClosingReason, Talk, TalkState
from services.case.choice import CaseManager
from shared.contracts.base import Event
from shared.contracts.case import (
    CaseAssigned,
    CaseOpened,
    CasePhaseChanged,
    CounsellingRequested,
    FindingReported,
)
from shared.contracts.intake import EnquiryAccepted
from shared.contracts.vocabulary import FindingKind, Mode, Phase, Topic

Outcome = tuple[Case, list[Event]]
TalkVerb = Callable[[Case], Outcome]

NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.CLARIFICATION: frozenset({Phase.ASSESSMENT, Phase.CLOSED}),
    Phase.ASSESSMENT: frozenset({Phase.PLANNING, Phase.CLOSED}),
    Phase.PLANNING: frozenset({Phase.LINKING, Phase.CLOSED}),
    Phase.LINKING: frozenset({Phase.CLOSED}),
    Phase.CLOSED: frozenset({Phase.ASSESSMENT}),
}
DURATION = 60
"""Minutes of a talk for which nothing else is said."""


class TalkWish(NamedTuple):
    """What is asked for; None is as the participant wanted it with the enquiry."""

    mode: Mode | None = None
    duration_minutes: int = DURATION


class Finding(NamedTuple):
    """How the system failed somebody. Nothing leads from it to a case: its id is random and tells no time."""

    finding_id: UUID
    ags: str
    kind: FindingKind
    about: Topic


def open(accepted: EnquiryAccepted, case_id: UUID, today: date) -> Outcome:
    case = Case(
        case_id=case_id,
        enquiry_id=accepted.enquiry_id,
        ags=accepted.ags,
        topics=tuple(accepted.topics),
        languages=tuple(accepted.languages),
        mode=accepted.mode,
        opened_on=today,
    )
    opened = CaseOpened(
        case_id=case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        topics=accepted.topics,
        languages=accepted.languages,
        phase=case.phase,
        opened_on=today,
    )
    return case, [opened]


def assign(case: Case, manager: CaseManager, counselling_id: UUID, today: date) -> Outcome:
    """Gives the case to its case manager and asks for the first talk. Raises AlreadyAssigned, CaseIsClosed."""
    if case.case_manager_id:
        raise refusals.AlreadyAssigned
    speaks = not manager.languages.isdisjoint(case.languages)
    case = _changed(case, case_manager_id=manager.id, speaks_language=speaks)
    assigned = CaseAssigned(
        case_id=case.case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        case_manager_id=manager.id,
        speaks_language=speaks,
        phase=case.phase,
        assigned_on=today,
    )
    case, requested = request_talk(case, TalkWish(), counselling_id, today)
    return case, [assigned, *requested]


def request_talk(case: Case, wish: TalkWish, counselling_id: UUID, today: date) -> Outcome:
    """One at a time, so that what is heard of a booking belongs to one talk.

    Raises CaseIsClosed, CaseUnassigned, TalkUnderWay.
    """
    if case.is_closed:
        raise refusals.CaseIsClosed
    if case.case_manager_id is None:
        raise refusals.CaseUnassigned
    if any(talk.state is TalkState.REQUESTED for talk in case.talks):
        raise refusals.TalkUnderWay
    talk = Talk(counselling_id, wish.mode or case.mode, wish.duration_minutes, today)
    requested = CounsellingRequested(
        case_id=case.case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        counselling_id=counselling_id,
        case_manager_id=case.case_manager_id,
        languages=list(case.languages),
        interpreter_needed=not case.speaks_language,
        topics=list(case.topics),
        mode=talk.mode,
        duration_minutes=talk.duration_minutes,
        requested_on=today,
    )
    return replace(case, talks=(*case.talks, talk)), [requested]


def change_phase(case: Case, phase: Phase, reason: ClosingReason | None, today: date) -> Outcome:
    """Raises PhaseNotReachable, ReasonMissing, ReasonUncalledFor."""
    reachable = reachable_from(case)
    if phase not in reachable:
        raise refusals.PhaseNotReachable(case.phase, reachable)
    if phase is Phase.CLOSED and reason is None:
        raise refusals.ReasonMissing("reason")
    if (phase is not Phase.CLOSED and reason) or reason is ClosingReason.ENQUIRY_WITHDRAWN:
        raise refusals.ReasonUncalledFor("reason")
    return _moved(case, phase, reason, today)


def reachable_from(case: Case) -> frozenset[Phase]:
    """The phases that may follow."""
    return frozenset() if case.reason is ClosingReason.ENQUIRY_WITHDRAWN else NEXT[case.phase]


def withdraw(case: Case, today: date) -> Outcome:
    """The enquiry is gone: the case is closed for good, whatever its phase."""
    if case.is_closed:
        return _changed(case, reason=ClosingReason.ENQUIRY_WITHDRAWN), []
    return _moved(case, Phase.CLOSED, ClosingReason.ENQUIRY_WITHDRAWN, today)


def talk_confirmed(case: Case, booking_id: UUID, starts_at: datetime, ends_at: datetime) -> Outcome:
    """Raises TalkUnknown."""
    talk = replace(_talk(case, booking_id), state=TalkState.CONFIRMED, starts_at=starts_at, ends_at=ends_at)
    return _with(case, talk, booking_id), []


def talk_unmet(case: Case, booking_id: UUID) -> Outcome:
    """Raises TalkUnknown."""
    return _with(case, replace(_talk(case, booking_id), state=TalkState.UNMET), booking_id), []


def talk_released(case: Case, booking_id: UUID) -> Outcome:
    """That nobody could interpret says more than the release that follows it. Raises TalkUnknown."""
    talk = _talk(case, booking_id)
    state = TalkState.UNMET if talk.state is TalkState.UNMET else TalkState.RELEASED
    return _with(case, replace(talk, state=state), booking_id), []


def report(findings: Sequence[Finding], today: date) -> list[Event]:
    """In the order of their random ids, which is none that anybody entered them in."""
    return [FindingReported(**finding._asdict(), reported_on=today) for finding in sorted(findings)]


def batch_day(present: datetime, at: time) -> date:
    """The day of the last batch that is due; `present` and `at` are of the same time zone."""
    return present.date() if present.time() >= at else present.date() - timedelta(days=1)


def _moved(case: Case, phase: Phase, reason: ClosingReason | None, today: date) -> Outcome:
    changed = CasePhaseChanged(
        case_id=case.case_id, enquiry_id=case.enquiry_id, ags=case.ags, phase=phase, changed_on=today
    )
    return _changed(case, phase=phase, reason=reason), [changed]


def _changed(case: Case, **values: object) -> Case:
    return replace(case, version=case.version + 1, **values)  # type: ignore[arg-type]


def _talk(case: Case, booking_id: UUID) -> Talk:
    """The talk of the booking, or the one that waits for its booking. Raises TalkUnknown."""
    bound = [talk for talk in case.talks if talk.booking_id == booking_id]
    waiting = [talk for talk in case.talks if talk.booking_id is None and talk.state is TalkState.REQUESTED]
    if not (bound or waiting):
        raise refusals.TalkUnknown
    return (bound or waiting)[0]


def _with(case: Case, talk: Talk, booking_id: UUID) -> Case:
    known = replace(talk, booking_id=booking_id)
    talks = (known if each.counselling_id == talk.counselling_id else each for each in case.talks)
    return replace(case, talks=tuple(talks))
