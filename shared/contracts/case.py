"""What case publishes on `kim.case.v1`, in order per case (a finding: per finding)."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Event
from shared.contracts.vocabulary import (
    Ags,
    FindingKind,
    Gender,
    KeyedHash,
    LanguageTag,
    Mode,
    Phase,
    ReferralService,
    ReferralState,
    Reminder,
    StepOwner,
    TalkPurpose,
    Topic,
)


class CaseEvent(Event):
    topic: ClassVar[str] = "kim.case.v1"
    subject: ClassVar[str] = "case_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    case_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]


class CaseOpened(CaseEvent):
    type: ClassVar[str] = "case.opened.v1"

    topics: Annotated[list[Topic], CONSENTED]
    languages: Annotated[list[LanguageTag], CONSENTED]
    phase: Annotated[Phase, OPEN]
    opened_on: Annotated[date, OPEN]


class CaseAssigned(CaseEvent):
    """A case manager was chosen; told again, with the present `ags`, whenever the case goes to another."""

    type: ClassVar[str] = "case.assigned.v1"

    case_manager_id: Annotated[UUID, INTERNAL]
    speaks_language: Annotated[bool, CONSENTED]
    """Whether the case manager speaks one of the participant's languages."""
    phase: Annotated[Phase, OPEN]
    assigned_on: Annotated[date, OPEN]


class CounsellingRequested(CaseEvent):
    """The case needs a talk; scheduling finds the joint slot."""

    type: ClassVar[str] = "case.counselling_requested.v1"

    counselling_id: Annotated[UUID, INTERNAL]
    """Id of this request, so that a second talk of the same case is told apart."""
    case_manager_id: Annotated[UUID, INTERNAL]
    languages: Annotated[list[LanguageTag], CONSENTED]
    interpreter_needed: Annotated[bool, CONSENTED]
    topics: Annotated[list[Topic], CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    duration_minutes: Annotated[int, INTERNAL]
    purpose: Annotated[TalkPurpose, CONSENTED] = TalkPurpose.COUNSELLING
    """What the talk is for."""
    dialect: Annotated[LanguageTag | None, CONSENTED] = None
    """BCP 47 tag of the dialect that the participant speaks, such as `ar-SY`."""
    gender: Annotated[Gender | None, CONSENTED] = None
    """Whom the participant wishes to be interpreted by."""
    gender_binding: Annotated[bool, CONSENTED] = False
    """Whether that is a condition: then nobody else is asked."""
    conflict_tokens: Annotated[list[KeyedHash], INTERNAL] = Field(default_factory=list)
    """Keyed hashes, as person alone computes them, of the participant, their family and their community."""
    requested_on: Annotated[date, OPEN]


class InterpretingNeedsChanged(CaseEvent):
    """Whom the participant can be interpreted by: as a whole, for every talk of the case from now on.

    A talk that is asked for carries what was known then; whoever hears this knows better.
    """

    type: ClassVar[str] = "case.interpreting_needs_changed.v1"

    dialect: Annotated[LanguageTag | None, INTERNAL]
    gender: Annotated[Gender | None, INTERNAL]
    gender_binding: Annotated[bool, INTERNAL]
    conflict_tokens: Annotated[list[KeyedHash], INTERNAL]
    changed_on: Annotated[date, INTERNAL]


class CasePhaseChanged(CaseEvent):
    type: ClassVar[str] = "case.phase_changed.v1"

    phase: Annotated[Phase, OPEN]
    changed_on: Annotated[date, OPEN]


class CaseUnassigned(CaseEvent):
    """Nobody is responsible until the next `case.assigned.v1`: whoever was, may read no more."""

    type: ClassVar[str] = "case.unassigned.v1"

    unassigned_on: Annotated[date, INTERNAL]


class ReferralChanged(CaseEvent):
    """A referral to a named service was offered, or what became of it. Each offer stands on consents."""

    type: ClassVar[str] = "case.referral_changed.v1"

    referral_id: Annotated[UUID, INTERNAL]
    service: Annotated[ReferralService, INTERNAL]
    state: Annotated[ReferralState, INTERNAL]
    changed_on: Annotated[date, INTERNAL]


class StepReminded(CaseEvent):
    """A step of the plan is due soon, or overdue."""

    type: ClassVar[str] = "case.step_reminded.v1"

    step_id: Annotated[UUID, INTERNAL]
    reminder: Annotated[Reminder, INTERNAL]
    owner: Annotated[StepOwner, INTERNAL]
    due_on: Annotated[date, INTERNAL]
    case_manager_id: Annotated[UUID | None, INTERNAL] = None
    """None while the case waits for one."""


class FindingReported(Event):
    """A structural finding: its own random id, no link to a case, sent in a daily batch."""

    type: ClassVar[str] = "case.finding.reported.v1"
    topic: ClassVar[str] = "kim.case.v1"
    subject: ClassVar[str] = "finding_id"

    finding_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]
    kind: Annotated[FindingKind, OPEN]
    about: Annotated[Topic, OPEN]
    reported_on: Annotated[date, OPEN]
