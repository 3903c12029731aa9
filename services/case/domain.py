"""What can be done with a case. Each verb returns the new state and what is to be told.

Phases: clarification -> assessment -> planning -> linking -> closed. Counselling is voluntary, so that a case can
be closed from each of them. A case that is reopened goes on with the assessment: that it is one for case management
was clarified before, while the situation is another one now.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.case import refusals, talks
from services.case.case import NEVER_CHOSEN, Case, ClosingReason, Ending, Needs, Outcome
from services.case.manager import CaseManager
from services.case.talks import TalkWish
from shared.consent_rules import CounsellingNotConsented
from shared.contracts.case import CaseAssigned, CaseOpened, CasePhaseChanged, CaseUnassigned, InterpretingNeedsChanged
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
        home_ags=accepted.ags,
        topics=tuple(accepted.topics),
        languages=tuple(accepted.languages),
        mode=accepted.mode,
        opened_on=today,
        needs=Needs(accepted.dialect, accepted.gender, accepted.gender_binding),
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
    """An open case without talks asks for the first with it; a closed one can be reopened by them.

    Raises AlreadyAssigned, CaseIsClosed for one that stays so.
    """
    if case.case_manager_id:
        raise refusals.AlreadyAssigned
    if case.is_closed and not reachable_from(case):
        raise refusals.CaseIsClosed
    case, told = _given(case, manager, today)
    if case.talks or case.is_closed:
        return case, told
    case, requested = talks.request(case, TalkWish(), counselling_id, today)
    return case, [*told, *requested]


def reassign(case: Case, manager: CaseManager, ags: str, today: date) -> Outcome:
    """Gives the case to somebody else, of another municipality even. Raises CaseIsClosed."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    return _given(replace(case, ags=ags), manager, today)


def bring_home(case: Case, manager: CaseManager | None, today: date) -> Outcome:
    """To somebody of the municipality that the enquiry came from, or it waits there: closed or not, as it is read."""
    home = replace(case, ags=case.home_ags)
    return _given(home, manager, today) if manager else _taken(home, today)


def unassign(case: Case, today: date) -> Outcome:
    """It waits from now on. Raises CaseIsClosed."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    return _taken(case, today)


def _taken(case: Case, today: date) -> Outcome:
    told = CaseUnassigned(case_id=case.case_id, enquiry_id=case.enquiry_id, ags=case.ags, unassigned_on=today)
    return changed(case, case_manager_id=None, speaks_language=False), [told]


def _given(case: Case, manager: CaseManager, today: date) -> Outcome:
    speaks = not manager.languages.isdisjoint(case.languages)
    case = changed(case, case_manager_id=manager.id, speaks_language=speaks)
    assigned = CaseAssigned(
        case_id=case.case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        case_manager_id=manager.id,
        speaks_language=speaks,
        phase=case.phase,
        assigned_on=today,
    )
    return case, [assigned]


def change_needs(case: Case, needs: Needs, today: date) -> Outcome:
    """Of every talk from now on. Where nothing changes, nothing is told. Raises CaseIsClosed."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if needs == case.needs:
        return case, []
    told = InterpretingNeedsChanged(
        case_id=case.case_id, enquiry_id=case.enquiry_id, ags=case.ags, **needs._asdict(), changed_on=today
    )
    return changed(case, needs=needs), [told]


def change_phase(case: Case, phase: Phase, ending: Ending | None, today: date) -> Outcome:
    """Raises CounsellingNotConsented, PhaseNotReachable, ReasonMissing, ReasonUncalledFor."""
    if not case.may_be_counselled:
        raise CounsellingNotConsented
    reachable = reachable_from(case)
    if phase not in reachable:
        raise refusals.PhaseNotReachable(case.phase, reachable)
    if phase is Phase.CLOSED and ending is None:
        raise refusals.ReasonMissing("reason")
    if ending and (phase is not Phase.CLOSED or ending.reason in NEVER_CHOSEN):
        raise refusals.ReasonUncalledFor("reason")
    return _moved(case, phase, today, **(ending._asdict() if ending else {"reason": None, "outcome": None}))


def reachable_from(case: Case) -> frozenset[Phase]:
    """The phases that may follow; none without consent to be counselled."""
    withdrawn = case.reason is ClosingReason.ENQUIRY_WITHDRAWN
    return reachable(case.phase, may_go_on=case.may_be_counselled and not withdrawn)


def reachable(phase: Phase, *, may_go_on: bool) -> frozenset[Phase]:
    return NEXT[phase] if may_go_on else frozenset()


def withdraw(case: Case, today: date) -> Outcome:
    """The enquiry is gone: the case is closed for good, whatever its phase."""
    if case.is_closed:
        return changed(case, reason=ClosingReason.ENQUIRY_WITHDRAWN, outcome=None), []
    return _moved(case, Phase.CLOSED, today, reason=ClosingReason.ENQUIRY_WITHDRAWN)


def end_counselling(case: Case, reason: ClosingReason, today: date) -> Outcome:
    """The consent to be counselled is gone: the case is closed, until there is a new one. How it ended before stays."""
    case = replace(case, may_be_counselled=False)
    return (changed(case), []) if case.is_closed else _moved(case, Phase.CLOSED, today, reason=reason)


def changed(case: Case, **values: object) -> Case:
    """As its next version."""
    return replace(case, version=case.version + 1, **values)  # type: ignore[arg-type]


def _moved(case: Case, phase: Phase, today: date, **ending: object) -> Outcome:
    told = CasePhaseChanged(
        case_id=case.case_id, enquiry_id=case.enquiry_id, ags=case.ags, phase=phase, changed_on=today
    )
    return changed(case, phase=phase, **ending), [told]
