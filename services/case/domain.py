"""What can be done with a case. Each verb returns the new state and what is to be told.

Phases: clarification -> assessment -> planning -> linking -> closed. Counselling is voluntary, so that a case can
be closed from each of them. A case that is reopened goes on with the assessment: that it is one for case management
was clarified before, while the situation is another one now.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.case import refusals, talks
from services.case.case import Case, ClosingReason, Outcome
from services.case.manager import CaseManager
from services.case.talks import TalkWish
from shared.contracts.case import CaseAssigned, CaseOpened, CasePhaseChanged
from shared.contracts.intake import EnquiryAccepted
from shared.contracts.vocabulary import Phase

NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.CLARIFICATION: frozenset({Phase.ASSESSMENT, Phase.CLOSED}),
    Phase.ASSESSMENT: frozenset({Phase.PLANNING, Phase.CLOSED}),
    Phase.PLANNING: frozenset({Phase.LINKING, Phase.CLOSED}),
    Phase.LINKING: frozenset({Phase.CLOSED}),
    Phase.CLOSED: frozenset({Phase.ASSESSMENT}),
}


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
    case, requested = talks.request(case, TalkWish(), counselling_id, today)
    return case, [assigned, *requested]


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


def _moved(case: Case, phase: Phase, reason: ClosingReason | None, today: date) -> Outcome:
    changed = CasePhaseChanged(
        case_id=case.case_id, enquiry_id=case.enquiry_id, ags=case.ags, phase=phase, changed_on=today
    )
    return _changed(case, phase=phase, reason=reason), [changed]


def _changed(case: Case, **values: object) -> Case:
    return replace(case, version=case.version + 1, **values)  # type: ignore[arg-type]
