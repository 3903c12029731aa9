"""What the API takes and shows: ids and coded facts."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.hours_views import HoursInput
from services.scheduling.resources import Kind, Resource
from services.scheduling.shortage import Change, Missing, Shortage
from shared.bodies import Body
from shared.contracts.vocabulary import CancelledBy, Mode, NextOption, ReleaseReason
from shared.municipalities import KnownAgs


class SlotView(BaseModel):
    slot_id: UUID
    starts_at: datetime
    ends_at: datetime

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        return cls(slot_id=candidate.slot_id, starts_at=candidate.starts_at, ends_at=candidate.ends_at)


class BookingView(BaseModel):
    booking_id: UUID
    enquiry_id: UUID
    state: State
    mode: Mode
    interpreter_needed: bool
    slots: list[SlotView]
    """To choose from; empty unless the state is `proposed`."""
    chosen: SlotView | None
    language: str | None
    """What is interpreted in the chosen slot."""
    expires_at: datetime | None
    """When the proposal, or the hold, comes to an end by itself."""
    reason: ReleaseReason | None
    next_options: list[NextOption]
    """Where nobody could be found to interpret: what could still be tried, the best first."""
    cancelled_by: CancelledBy | None
    replaces: UUID | None
    """The confirmed booking that stands until this one is confirmed."""

    @classmethod
    def of(cls, booking: Booking, now: datetime) -> Self:
        proposed = booking.upcoming(now) if booking.state is State.PROPOSED else []
        return cls(
            booking_id=booking.booking_id,
            enquiry_id=booking.enquiry_id,
            state=booking.state,
            mode=booking.mode,
            interpreter_needed=booking.interpreter_needed,
            slots=list(map(SlotView.of, proposed)),
            chosen=SlotView.of(booking.chosen) if booking.chosen else None,
            language=booking.chosen.language if booking.chosen else None,
            expires_at=booking.expires_at,
            reason=booking.reason,
            next_options=list(booking.next_options),
            cancelled_by=booking.cancelled_by,
            replaces=booking.replaces,
        )


class ReliefView(BaseModel):
    change: Change
    slots: int
    """How many starts it would give."""
    first_starts_at: datetime


class ShortageView(BaseModel):
    missing: Missing | None
    """The constraint that leaves nothing; null: there are slots."""
    reliefs: list[ReliefView]
    """What one change alone would give."""

    @classmethod
    def of(cls, told: Shortage) -> Self:
        reliefs = [ReliefView(change=r.change, slots=r.slots, first_starts_at=r.first.starts) for r in told.reliefs]
        return cls(missing=told.missing, reliefs=reliefs)


class SlotChoice(Body):
    slot_id: UUID


class CheckIn(Body):
    attended: bool
    """Whether the participant came."""


class AppointmentView(BaseModel):
    booking_id: UUID
    starts_at: datetime
    ends_at: datetime
    state: str
    """`held` or `confirmed`."""
    mode: Mode
    ags: str


class FixedKind(StrEnum):
    """Resources that an administrator keeps; interpreters tell their own service, clients are known by enquiry."""

    CASE_MANAGER = "case_manager"
    ROOM = "room"


class ResourceInput(HoursInput):
    """The whole of a resource: it replaces what was known of it."""

    kind: FixedKind
    ags: Annotated[list[KnownAgs], Field(max_length=13, default_factory=list)]
    """Of a room: the municipality in whose offices it is."""

    def resource(self, resource_id: UUID) -> Resource:
        return Resource(
            id=resource_id,
            kind=Kind(self.kind),
            ags=tuple(self.ags),
            windows=self.weekly,
            absences=self.away,
            rules=self.recurring,
        )
