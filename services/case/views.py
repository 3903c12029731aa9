"""What the API takes and shows: ids and coded facts."""

from collections.abc import Hashable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo, field_validator

from services.case.case import Case, ClosingOutcome, ClosingReason, Ending, Needs, Talk, TalkState
from services.case.domain import reachable_from
from services.case.manager import CaseManager
from services.case.talks import DURATION, TalkWish
from shared.bodies import Body, GenderBinding
from shared.contracts.vocabulary import FindingKind, Gender, Language, LanguageTag, Mode, Phase, TalkPurpose, Topic
from shared.municipalities import KnownAgs

T = TypeVar("T", bound=Hashable)
ConflictToken = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""HMAC-SHA256 in hex: opaque."""


class CaseView(BaseModel):
    case_id: UUID
    enquiry_id: UUID
    person_id: UUID | None
    """None until the person service has told it."""
    ags: str
    topics: tuple[Topic, ...] | None
    """Those that consent to counselling covers; None, as with all that tells of the person, where it is gone."""
    languages: tuple[str, ...] | None
    mode: Mode | None
    opened_on: date
    phase: Phase
    reason: ClosingReason | None
    """Of a closed case."""
    outcome: ClosingOutcome | None
    """Of a closed case, unless its enquiry was withdrawn or its consent is gone."""
    may_be_counselled: bool
    """False: the consent to it was revoked or is over, so that nothing in the case can be read.

    Then `topics`, `languages`, `mode`, `speaks_language`, `dialect`, `gender` and `gender_binding` are None.
    """
    reachable: list[Phase]
    """The phases that may follow."""
    speaks_language: bool | None
    dialect: str | None
    gender: Gender | None
    """Whom the participant wishes to be interpreted by."""
    gender_binding: bool | None
    version: int
    """The ETag: what If-Match must hold, in double quotes."""

    @classmethod
    def of(cls, case: Case) -> Self:
        return cls(
            case_id=case.case_id,
            enquiry_id=case.enquiry_id,
            person_id=case.person_id,
            ags=case.ags,
            **_of_person(case),
            opened_on=case.opened_on,
            phase=case.phase,
            reason=case.reason,
            outcome=case.outcome,
            may_be_counselled=case.may_be_counselled,
            reachable=sorted(reachable_from(case)),
            version=case.version,
        )


TELLING = ("topics", "languages", "mode", "speaks_language", "dialect", "gender", "gender_binding")
"""What of a `CaseView` tells of the person."""


def _of_person(case: Case) -> dict[str, Any]:
    if not case.may_be_counselled:
        return dict.fromkeys(TELLING)
    return {name: getattr(case.needs if name in Needs._fields else case, name) for name in TELLING}


class CasePage(BaseModel):
    cases: list[CaseView]
    next: UUID | None
    """Give it as `after` for the next page; None: there was no more."""


class TalkView(BaseModel):
    counselling_id: UUID
    booking_id: UUID | None
    """None until scheduling is heard of."""
    state: TalkState
    mode: Mode
    duration_minutes: int
    requested_on: date
    starts_at: datetime | None
    ends_at: datetime | None

    @classmethod
    def of(cls, talk: Talk) -> Self:
        return cls(
            counselling_id=talk.counselling_id,
            booking_id=talk.booking_id,
            state=talk.state,
            mode=talk.mode,
            duration_minutes=talk.duration_minutes,
            requested_on=talk.requested_on,
            starts_at=talk.starts_at,
            ends_at=talk.ends_at,
        )


class PhaseView(BaseModel):
    """All that a participant sees of the case."""

    phase: Phase


class PhaseChange(Body):
    phase: Phase
    reason: ClosingReason | None = None
    """Needed to close the case, and only then; with the outcome."""
    outcome: Annotated[ClosingOutcome | None, Field(validate_default=True)] = None

    @field_validator("outcome")
    @classmethod
    def _stands_with_a_reason(cls, outcome: ClosingOutcome | None, known: ValidationInfo) -> ClosingOutcome | None:
        if (outcome is None) != (known.data.get("reason") is None):
            raise ValueError("stands exactly where there is a reason")
        return outcome

    @property
    def ending(self) -> Ending | None:
        return Ending(self.reason, self.outcome) if self.reason and self.outcome else None


class NeedsInput(Body):
    """The whole of what the participant wishes; conflicts of interest come from person alone."""

    dialect: LanguageTag | None = None
    """BCP 47, such as `ar-SY`."""
    gender: Gender | None = None
    gender_binding: GenderBinding = False
    """Nobody else may interpret: a condition, and not a wish."""

    @property
    def wishes(self) -> Needs:
        return Needs(self.dialect, self.gender, self.gender_binding)


class TalkInput(Body):
    mode: Mode | None = None
    """None: as the participant wanted it with the enquiry."""
    duration_minutes: Annotated[int, Field(ge=15, le=24 * 60)] = DURATION
    purpose: TalkPurpose = TalkPurpose.COUNSELLING
    """It decides who may interpret: with legal consequences only who is sworn, by the funding pot's rules."""

    @property
    def wish(self) -> TalkWish:
        return TalkWish(self.mode, self.duration_minutes, self.purpose)


class TalkRequested(BaseModel):
    counselling_id: UUID


class FindingInput(Body):
    kind: FindingKind
    about: Topic


def once(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not repeat a value")
    return values


class CaseManagerInput(Body):
    """The whole of a case manager: it replaces what was known of them, but for an absence that it does not name."""

    fte: Annotated[Decimal, Field(ge=0, le=1, max_digits=3, decimal_places=2)]
    """Full-time equivalents; 0 for somebody who gets no more cases."""
    municipalities: Annotated[tuple[KnownAgs, ...], AfterValidator(once)]
    languages: Annotated[tuple[Language, ...], AfterValidator(once)]
    topics: Annotated[tuple[Topic, ...], AfterValidator(once)]
    supervisor_id: UUID | None = None
    """Who approves hand-overs to other municipalities; none: nobody has to."""
    conflict_tokens: Annotated[tuple[ConflictToken, ...], Field(max_length=50), AfterValidator(once)] = ()
    """For conflicts of interest: keyed hashes, as person computes them."""
    absent_from: date | None = None
    """null ends the absence; where this is left out, it stays as it is."""
    absent_until: date | None = None
    """The last day of the absence; without it, until further notice."""

    @field_validator("absent_until")
    @classmethod
    def _ends_after_it_starts(cls, until: date | None, known: ValidationInfo) -> date | None:
        starts = known.data.get("absent_from")
        if until and not (starts and starts <= until):
            raise ValueError("must not be before `absent_from`")
        return until

    @property
    def keeps_absence(self) -> bool:
        return "absent_from" not in self.model_fields_set

    def manager(self, manager_id: UUID) -> CaseManager:
        return CaseManager(
            id=manager_id,
            fte=self.fte,
            municipalities=frozenset(self.municipalities),
            languages=frozenset(self.languages),
            topics=frozenset(self.topics),
            supervisor_id=self.supervisor_id,
            conflict_tokens=frozenset(self.conflict_tokens),
            absent_from=self.absent_from,
            absent_until=self.absent_until,
        )
