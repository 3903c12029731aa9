"""What scheduling publishes on `kim.scheduling.v1`, in order per booking."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Contract, Event
from shared.contracts.vocabulary import (
    Ags,
    CancelledBy,
    Gender,
    KeyedHash,
    LanguageTag,
    Mode,
    ReleaseReason,
    TalkPurpose,
    Topic,
)


class Slot(Contract):
    """A span of time, half-open: `starts_at` belongs to it, `ends_at` does not."""

    slot_id: Annotated[UUID, INTERNAL]
    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]


class BookingEvent(Event):
    topic: ClassVar[str] = "kim.scheduling.v1"
    subject: ClassVar[str] = "booking_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    booking_id: Annotated[UUID, INTERNAL]
    case_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]
    replaces: Annotated[UUID | None, INTERNAL] = None
    """The confirmed booking that stands until this one is confirmed: the talk is being moved."""


class BookingRequested(BookingEvent):
    type: ClassVar[str] = "scheduling.booking.requested.v1"

    counselling_id: Annotated[UUID | None, INTERNAL] = None
    """Id of the request; None in events from before this field was."""
    series_id: Annotated[UUID | None, INTERNAL] = None
    """Set where scheduling itself asked for the talk, as one of a series."""
    duration_minutes: Annotated[int | None, INTERNAL] = None
    """None in events from before this field was."""
    interpreter_needed: Annotated[bool, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    requested_on: Annotated[date, OPEN]


class InterpreterRequested(BookingEvent):
    """Slots in which client's case manager and a room are free; interpreter ranks who could come."""

    type: ClassVar[str] = "scheduling.interpreter_requested.v1"

    languages: Annotated[list[LanguageTag], CONSENTED]
    topics: Annotated[list[Topic], CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    slots: Annotated[list[Slot], INTERNAL]
    free: Annotated[dict[UUID, list[UUID]], INTERNAL]
    """Slot id -> ids of the interpreters who are available and not busy then, as scheduling knows it."""
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


class BookingProposed(BookingEvent):
    """The participant has slots to choose from."""

    type: ClassVar[str] = "scheduling.booking.proposed.v1"

    slots: Annotated[list[Slot], CONSENTED]
    proposed_on: Annotated[date, OPEN]


class BookingHeld(BookingEvent):
    """All resources of the chosen slot are held until `expires_at`."""

    type: ClassVar[str] = "scheduling.booking.held.v1"

    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    case_manager_id: Annotated[UUID, INTERNAL]
    room_id: Annotated[UUID | None, INTERNAL]
    interpreter_id: Annotated[UUID | None, INTERNAL]
    language: Annotated[LanguageTag | None, CONSENTED]
    """LanguageTag to be interpreted; None where no interpreter comes."""
    also_asked: Annotated[list[UUID], INTERNAL] = Field(default_factory=list)
    """The others of the round, held as well: the first of all to accept comes."""
    expires_at: Annotated[datetime, INTERNAL]
    held_on: Annotated[date, OPEN]


class InterpreterSwapped(BookingEvent):
    """The next ranked interpreters took the place; everything else stayed held."""

    type: ClassVar[str] = "scheduling.booking.interpreter_swapped.v1"

    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    interpreter_id: Annotated[UUID, INTERNAL]
    language: Annotated[LanguageTag, CONSENTED]
    also_asked: Annotated[list[UUID], INTERNAL] = Field(default_factory=list)
    """The others of the round, held as well: the first of all to accept comes."""
    expires_at: Annotated[datetime, INTERNAL]
    swapped_on: Annotated[date, OPEN]


class BookingConfirmed(BookingEvent):
    type: ClassVar[str] = "scheduling.booking.confirmed.v1"

    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    case_manager_id: Annotated[UUID, INTERNAL]
    room_id: Annotated[UUID | None, INTERNAL]
    interpreter_id: Annotated[UUID | None, INTERNAL]
    language: Annotated[LanguageTag | None, CONSENTED]
    confirmed_on: Annotated[date, OPEN]


class BookingTakenOver(BookingEvent):
    """The case has another case manager, who comes to the same talk; it stands, or is held, as it was."""

    type: ClassVar[str] = "scheduling.booking.taken_over.v1"

    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    case_manager_id: Annotated[UUID, INTERNAL]
    taken_over_on: Annotated[date, INTERNAL]
    announced: Annotated[bool, INTERNAL] = True
    """Whether the participant is told of it: of a series they are told once."""


class BookingReleased(BookingEvent):
    """Nothing is held any more."""

    type: ClassVar[str] = "scheduling.booking.released.v1"

    reason: Annotated[ReleaseReason, CONSENTED]
    """`no_interpreter` would tell that one was needed."""
    cancelled_by: Annotated[CancelledBy | None, CONSENTED] = None
    """Set where the reason is `cancelled`."""
    released_on: Annotated[date, OPEN]


class BookingAttended(BookingEvent):
    """The talk took place."""

    type: ClassVar[str] = "scheduling.booking.attended.v1"

    attended_on: Annotated[date, OPEN]


class BookingMissed(BookingEvent):
    """The participant did not come: a task for the case manager, never a penalty."""

    type: ClassVar[str] = "scheduling.booking.missed.v1"

    missed_on: Annotated[date, OPEN]


class LanguageUnmet(BookingEvent):
    """No interpreter could be found for the language."""

    type: ClassVar[str] = "scheduling.booking.unmet.v1"

    languages: Annotated[list[LanguageTag], CONSENTED]
    unmet_on: Annotated[date, OPEN]


class ReminderDue(BookingEvent):
    """A confirmed talk is near: person reminds the participant. What it is about is not told."""

    type: ClassVar[str] = "scheduling.reminder.due.v1"

    starts_at: Annotated[datetime, CONSENTED]
    ends_at: Annotated[datetime, CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    room_id: Annotated[UUID | None, INTERNAL]


class FreedTimeOffered(BookingEvent):
    """Who waits has slots to choose from, out of time that became free: person tells them."""

    type: ClassVar[str] = "scheduling.freed_time.offered.v1"

    starts_at: Annotated[datetime, CONSENTED]
    """Of the first of the slots."""
    mode: Annotated[Mode, CONSENTED]
    expires_at: Annotated[datetime, INTERNAL]
    """Afterwards the next who waits is asked."""
