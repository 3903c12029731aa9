"""What interpreter publishes on `kim.interpreter.v1`, in order per interpreter, offer or booking."""

from datetime import date, datetime, time
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema

from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Contract, Event
from shared.contracts.vocabulary import Ags, FeedbackBy, FeedbackRemark, LanguageTag, NextOption

WallTime = Annotated[
    time, WithJsonSchema({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?$"})
]
"""A time of day without an offset; JSON Schema's format `time` demands one."""
WallStamp = Annotated[str, StringConstraints(pattern=r"^[0-9]{8}T[0-9]{6}$")]
"""Date and time without an offset, as RFC 5545 writes them: `20260106T090000`."""
RuleText = Annotated[str, StringConstraints(pattern=r"^FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,+-]+)*$")]
"""The value of an RRULE (RFC 5545, 3.3.10)."""


PotCode = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]
"""Of a funding pot: `rhein-erft`."""


class InterpreterProfileChanged(Event):
    """What scheduling needs to know of an interpreter, coded."""

    type: ClassVar[str] = "interpreter.profile_changed.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "interpreter_id"

    interpreter_id: Annotated[UUID, INTERNAL]
    languages: Annotated[list[LanguageTag], INTERNAL]
    municipalities: Annotated[list[Ags], INTERNAL]
    """AGS of the municipalities that the interpreter serves."""
    active: Annotated[bool, INTERNAL]
    stands_in_for: Annotated[list[LanguageTag], INTERNAL] = Field(default_factory=list)
    """Languages instead of which theirs may be spoken, by the list of substitutes."""


class AvailabilityWindow(Contract):
    """A weekly window in Europe/Berlin wall time, half-open."""

    weekday: Annotated[int, INTERNAL]
    """0 is Monday."""
    starts: Annotated[WallTime, INTERNAL]
    ends: Annotated[WallTime, INTERNAL]


class AvailabilityRule(Contract):
    """Hours that recur (RFC 5545), by the clocks of Berlin; `shared.contracts.recurrence` says what they mean."""

    dtstart: Annotated[WallStamp, INTERNAL]
    minutes: Annotated[int, INTERNAL]
    rrule: Annotated[RuleText | None, INTERNAL]
    exdates: Annotated[list[WallStamp], INTERNAL]
    rdates: Annotated[list[WallStamp], INTERNAL]


class Absence(Contract):
    """A time in which somebody is away, whatever their hours: half-open."""

    starts_at: Annotated[datetime, INTERNAL]
    ends_at: Annotated[datetime, INTERNAL]


class InterpreterAvailabilityChanged(Event):
    """The whole of an interpreter's availability; it replaces what was known."""

    type: ClassVar[str] = "interpreter.availability_changed.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "interpreter_id"

    interpreter_id: Annotated[UUID, INTERNAL]
    windows: Annotated[list[AvailabilityWindow], INTERNAL]
    rules: Annotated[list[AvailabilityRule], INTERNAL] = Field(default_factory=list)
    """Beside the weekly windows."""
    absences: Annotated[list[Absence], INTERNAL] = Field(default_factory=list)
    """Holidays and the like; in events from before this field was, none."""


class LeadTime(Contract):
    valid_from: Annotated[date, INTERNAL]
    """First day of a talk for which it holds, until a later version does."""
    working_days: Annotated[int, INTERNAL]
    """From asking to the earliest talk; the day after asking is 1."""
    cancel_days_before: Annotated[int | None, INTERNAL] = None
    """So many calendar days before the talk, a confirmed one can last be called off for nothing; None: not told."""
    cancel_free_until: Annotated[WallTime | None, INTERNAL] = None
    """By the clocks of Berlin on that day; later it costs the pot."""


class LeadTimesChanged(Event):
    """How early the funding pot in use wants interpreters to be asked: every version, in place of what was known."""

    type: ClassVar[str] = "interpreter.lead_times_changed.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "pot"

    pot: Annotated[PotCode, INTERNAL]
    lead_times: Annotated[list[LeadTime], INTERNAL]


class RankedSlot(Contract):
    slot_id: Annotated[UUID, INTERNAL]
    interpreter_ids: Annotated[list[UUID], INTERNAL]
    """Best first; nobody who breaks a hard rule is among them."""
    language: Annotated[LanguageTag | None, INTERNAL]
    """The participant's language that these interpreters speak; None where the list is empty."""
    ask_at_once: Annotated[int, INTERNAL] = 1
    """How many of them the pot's rules ask in one round; whoever accepts first comes."""


class CandidatesRanked(Event):
    """The answer to `scheduling.interpreter_requested.v1`."""

    type: ClassVar[str] = "interpreter.candidates.ranked.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "booking_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    booking_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID | None, INTERNAL] = None
    """None in events from before this field was."""
    slots: Annotated[list[RankedSlot], INTERNAL]
    next_options: Annotated[list[NextOption], INTERNAL] = Field(default_factory=list)
    """What could still be tried, the best first; empty where somebody was found for a slot."""


class Asked(Contract):
    interpreter_id: Annotated[UUID, INTERNAL]
    language: Annotated[LanguageTag, INTERNAL]
    """The participant's, which they would interpret."""


class ReorderedSlot(Contract):
    slot_id: Annotated[UUID, INTERNAL]
    asked: Annotated[list[Asked], INTERNAL]
    """Who is asked, the first one first; nobody who breaks a hard rule is among them."""


class CandidatesReordered(Event):
    """A plan for many talks was adopted: who is asked first in the slots of one that is still to be chosen."""

    type: ClassVar[str] = "interpreter.candidates.reordered.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "booking_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    booking_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    plan_id: Annotated[UUID, INTERNAL]
    slots: Annotated[list[ReorderedSlot], INTERNAL]
    """Those of which nothing is said stay as they are."""
    reordered_on: Annotated[date, INTERNAL]


class CandidateBarred(Event):
    """Ranked, held or engaged, and not to be asked after all: a hard rule keeps them out by what is known by now."""

    type: ClassVar[str] = "interpreter.candidate.barred.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "booking_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    booking_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    interpreter_id: Annotated[UUID, INTERNAL]
    barred_on: Annotated[date, INTERNAL]


class OfferEvent(Event):
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "offer_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    offer_id: Annotated[UUID, INTERNAL]
    booking_id: Annotated[UUID, INTERNAL]
    interpreter_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]


class OfferMade(OfferEvent):
    """The interpreter is asked; silence is never acceptance."""

    type: ClassVar[str] = "interpreter.offer.made.v1"

    language: Annotated[LanguageTag, CONSENTED]
    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    expires_at: Annotated[datetime, INTERNAL]
    made_on: Annotated[date, OPEN]


class OfferAccepted(OfferEvent):
    type: ClassVar[str] = "interpreter.offer.accepted.v1"

    accepted_on: Annotated[date, OPEN]


class OfferDeclined(OfferEvent):
    type: ClassVar[str] = "interpreter.offer.declined.v1"

    declined_on: Annotated[date, OPEN]


class OfferExpired(OfferEvent):
    type: ClassVar[str] = "interpreter.offer.expired.v1"

    expired_on: Annotated[date, OPEN]


class OfferRetracted(OfferEvent):
    """Somebody else of the round accepted first, so this interpreter is asked no more."""

    type: ClassVar[str] = "interpreter.offer.retracted.v1"

    retracted_on: Annotated[date, INTERNAL]


class OfferWithdrawn(OfferEvent):
    """The interpreter had accepted and cannot come after all: the search for another one begins again by itself."""

    type: ClassVar[str] = "interpreter.offer.withdrawn.v1"

    withdrawn_on: Annotated[date, OPEN]


class FeedbackGiven(Event):
    """How an interpreted talk went, in codes; it never enters a ranking."""

    type: ClassVar[str] = "interpreter.feedback_given.v1"
    topic: ClassVar[str] = "kim.interpreter.v1"
    subject: ClassVar[str] = "booking_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    booking_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    interpreter_id: Annotated[UUID, INTERNAL]
    by: Annotated[FeedbackBy, INTERNAL]
    understanding: Annotated[int, INTERNAL]
    """1 (not at all) to 5 (very well); so is punctuality."""
    punctuality: Annotated[int, INTERNAL]
    remarks: Annotated[list[FeedbackRemark], INTERNAL]
    given_on: Annotated[date, INTERNAL]
