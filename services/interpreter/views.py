"""What the API takes and shows. Nothing of it leads to a person."""

from dataclasses import asdict
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.interpreter.domain import Availability, Credentials, Interpreter, SpokenLanguage
from services.interpreter.fees import Item, Quote, QuoteKind
from services.interpreter.offers import Answered, Assignment, Offer, OfferState, Way
from services.interpreter.ranking import Scored
from shared.bodies import Body
from shared.contracts.interpreter import Absence, AvailabilityWindow
from shared.contracts.recurrence import HoursRule
from shared.contracts.vocabulary import Gender, Language, LanguageTag, Mode
from shared.municipalities import KnownAgs


def _wall_time(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("is a time in Kreis Wesel and has no offset")
    return value


class InterpreterBody(Body):
    gender: Gender
    languages: Annotated[list[SpokenLanguage], Field(min_length=1, max_length=20)]
    municipalities: Annotated[list[KnownAgs], Field(min_length=1, max_length=13)]
    base_postcode: Annotated[str, Field(pattern=r"^[0-9]{5}$")]
    credentials: Credentials = Credentials()
    active: bool = True
    dialects: Annotated[tuple[LanguageTag, ...], Field(max_length=20)] = ()


class InterpreterView(BaseModel):
    id: UUID
    gender: Gender
    languages: list[SpokenLanguage]
    municipalities: list[str]
    base_postcode: str
    credentials: Credentials
    active: bool
    dialects: list[LanguageTag]

    @classmethod
    def of(cls, interpreter: Interpreter) -> Self:
        return cls.model_validate(interpreter.model_dump(exclude={"conflicts"}))


class WindowBody(Body):
    """From `starts` until before `ends`, every week, by the clocks of Berlin. Weekday 0 is Monday."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    starts: Annotated[time, AfterValidator(_wall_time)]
    ends: Annotated[time, AfterValidator(_wall_time)]


class RuleBody(Body, HoursRule):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AbsenceBody(Body):
    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError("must end after it starts")
        return self


class AvailabilityBody(Body):
    windows: Annotated[list[WindowBody], Field(max_length=50, default_factory=list)]
    rules: Annotated[list[RuleBody], Field(max_length=50, default_factory=list)]
    absences: Annotated[list[AbsenceBody], Field(max_length=100, default_factory=list)]

    @property
    def availability(self) -> Availability:
        return Availability(
            tuple(AvailabilityWindow(**window.model_dump()) for window in self.windows),
            tuple(HoursRule(**rule.model_dump()) for rule in self.rules),
            tuple(Absence(**away.model_dump()) for away in self.absences),
        )


class AvailabilityView(BaseModel):
    interpreter_id: UUID
    windows: list[AvailabilityWindow]
    rules: list[HoursRule]
    absences: list[Absence]

    @classmethod
    def of(cls, interpreter_id: UUID, found: Availability) -> Self:
        return cls(interpreter_id=interpreter_id, **{name: list(given) for name, given in found._asdict().items()})


class OfferView(BaseModel):
    """What an interpreter needs in order to decide; nothing leads to the person."""

    offer_id: UUID
    state: OfferState
    language: Language
    mode: Mode
    ags: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> Self:
        return cls.model_validate({**fields_of(offer), "offer_id": offer.id})


class LineView(BaseModel):
    item: Item
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal
    rule: str


class QuoteView(BaseModel):
    """EUR, as decimal strings."""

    kind: QuoteKind
    rule: str
    lines: list[LineView]
    total: Decimal


class AnsweredView(BaseModel):
    """How an answer came. Whoever made a link could have answered by it."""

    way: Way
    link_made_by: str | None
    """Their id; null where the interpreter was signed in."""


class AssignmentView(BaseModel):
    assignment_id: UUID
    booking_id: UUID
    language: Language
    mode: Mode
    ags: str
    starts_at: datetime
    ends_at: datetime
    confirmed_at: datetime
    cancelled_at: datetime | None
    offer_id: UUID | None
    """By which it can be given back; None where it cannot any more."""
    feedback_due: bool
    """It is over, and the interpreter has not told yet how it went."""
    accepted: AnsweredView | None
    """None where it came without an offer."""
    fee: QuoteView

    @classmethod
    def of(
        cls,
        assignment: Assignment,
        quote: Quote,
        accepted: Answered | None,
        offer_id: UUID | None,
        *,
        feedback_due: bool,
    ) -> Self:
        fee = {**quote.model_dump(), "total": quote.total}
        how = accepted._asdict() if accepted else None
        more = {"assignment_id": assignment.id, "offer_id": offer_id, "feedback_due": feedback_due, "accepted": how}
        return cls.model_validate({**fields_of(assignment), **more, "fee": fee})


class Form(StrEnum):
    CSV = "csv"
    PDF = "pdf"


class RankedView(BaseModel):
    """A candidate, best first within a slot; the points of the reasons add up to the score."""

    slot_id: UUID
    place: int
    interpreter_id: UUID
    language: Language
    rule: str
    reasons: list[Scored]


def fields_of(engagement: Offer | Assignment) -> dict[str, Any]:
    return {name: value for name, value in asdict(engagement).items() if name != "id"}
