"""What a case refuses, by name."""

from collections.abc import Iterable
from types import MappingProxyType

from shared.consent_rules import LAW
from shared.contracts.vocabulary import ConsentKind, Phase, Purpose, Recipient, ReferralState
from shared.errors import ChangedSince, Conflict, DomainError, Invalid, RuleBroken


class EnquiryHasEnded(Conflict):
    """The enquiry was withdrawn or erased, so that no case is opened for it."""


class AlreadyOpened(Conflict):
    """For this enquiry there is a case already."""


class AlreadyAssigned(Conflict):
    """The case has a case manager already."""


class PhaseNotReachable(Conflict):
    """This phase does not follow the present one. What does stands in `reachable`."""

    def __init__(self, present: Phase, reachable: Iterable[Phase]) -> None:
        super().__init__("phase")
        self.members = MappingProxyType({"present": present, "reachable": sorted(reachable)})


class ReasonMissing(Invalid):
    """A case is closed with a reason."""


class ReasonUncalledFor(Invalid):
    """Only closing a case has one of these reasons, and a withdrawal is told by intake alone."""


class CaseUnassigned(Conflict):
    """The case waits for a case manager. The first talk is asked for when it has one."""


class CaseIsClosed(Conflict):
    """The case is closed. Reopen it first."""


class TalkUnderWay(Conflict):
    """A talk is being arranged already. The next one is asked for when it is confirmed, or came to nothing."""


class TalkUnknown(Conflict):
    """The case waits for no such booking."""


class VersionMissing(DomainError):
    """If-Match must hold the ETag of the case as you read it."""

    status = 428


class VersionOutdated(ChangedSince):
    """Somebody changed the case since you read it. Its present version stands in `version`."""


class StepBeforeGoal(RuleBroken):
    """A step belongs to a goal of this case's plan. Agree on the goal first."""

    rule = "goal-before-step"


class GoalIsOver(RuleBroken):
    """The goal was reached or dropped. Take it up again before you plan a step for it."""

    rule = "step-for-open-goal"


class PlanTooEarly(RuleBroken):
    """A plan is made from phase planning on, after the situation was assessed."""

    rule = "assessment-before-plan"


class AssessmentTooEarly(RuleBroken):
    """The situation is assessed from phase assessment on, when it is clear that this is a case for case management."""

    rule = "clarification-before-assessment"


class ReferralTooEarly(RuleBroken):
    """A referral is offered from phase planning on, after the situation was assessed."""

    rule = "assessment-before-referral"


class GoalsStillOpen(RuleBroken):
    """A goal is still open, so that the case cannot be closed with all goals reached."""

    rule = "goals-reached-before-closing"


class _ConsentLacks(RuleBroken):
    """The participant's consent for this recipient and purpose is lacking."""

    def __init__(self, kind: ConsentKind, recipient: Recipient, purpose: Purpose) -> None:
        super().__init__(None, LAW[kind], kind=kind, recipient=recipient, purpose=purpose)


class ConsentMissing(_ConsentLacks):
    """Nothing is passed on or written down without the participant's consent for this recipient and purpose."""

    rule = "consent-before-disclosure"


class ConsentExpired(_ConsentLacks):
    """The participant's consent for this recipient and purpose has expired. Ask for a new one."""

    rule = "consent-in-force"


class DueInThePast(Invalid):
    """A step is due today at the earliest."""


class ReferralStateNotReachable(Conflict):
    """This does not follow the present state of the referral. What does stands in `reachable`."""

    def __init__(self, present: ReferralState, reachable: Iterable[ReferralState]) -> None:
        super().__init__("state")
        self.members = MappingProxyType({"present": present, "reachable": sorted(reachable)})


class ConferenceInThePast(Invalid):
    """A conference is convened for today at the earliest."""


class ConferenceNotYet(Conflict):
    """The conference has not been held yet."""


class ConferenceConcluded(Conflict):
    """The conference has its outcome already."""


class OutcomeUncalledFor(Invalid):
    """That consent is gone is told by the consent itself. A conference that is not held is called off."""


class HandOverToOneself(Invalid):
    """The case is with this case manager already."""


class SupervisorOfOneself(Invalid):
    """Somebody else approves the hand-overs of a case manager, or nobody has to."""


class HandOverUnderWay(Conflict):
    """A hand-over of this case waits for approval already."""


class HandOverUnknown(Conflict):
    """No hand-over of this case waits for approval."""


class SuccessorUnable(Conflict):
    """This case manager cannot have the case. Why stands in `obstacle`."""

    def __init__(self, obstacle: str) -> None:
        super().__init__("case_manager_id")
        self.members = MappingProxyType({"obstacle": obstacle})


class NobodyAble(Conflict):
    """Nobody there has room for the case now, so that it stays where it is."""
