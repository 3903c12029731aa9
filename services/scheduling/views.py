"""What the API takes and shows: ids and coded facts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.scheduling import talks
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.hours_views import HoursInput
from services.scheduling.merits import Stated, shown
from services.scheduling.resources import Kind, Resource
from shared.bodies import Body
from shared.contracts.vocabulary import CancelledBy, Mode, NextOption, ReleaseReason
from shared.municipalities import KnownAgs


class SlotView(BaseModel):
    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    reasons: list[Stated]
    """Why it is proposed, as things were then; a participant is told less."""

    @classmethod
    def of(cls, candidate: Candidate, *, to_participant: bool = True) -> Self:
        reasons = shown(candidate.merits.reasons, to_participant=to_participant)
        return cls(slot_id=candidate.slot_id, starts_at=candidate.starts_at, ends_at=candidate.ends_at, reasons=reasons)


class BookingView(BaseModel):
    booking_id: UUID
    enquiry_id: UUID
    state: State
    mode: Mode
    interpreter_needed: bool
    slots: list[SlotView]
    """To choose from, the earliest first, as they are free now; empty unless the state is `proposed`."""
    chosen: SlotView | None
    language: str | None
    """What is interpreted in the chosen slot."""
    expires_at: datetime | None
    """When the proposal, or the hold, comes to an end by itself."""
    reason: ReleaseReason | None
    next_options: list[NextOption]
    """Where nobody could be found to interpret: what could still be tried, the best first."""
    cancelled_by: CancelledBy | None
    cancelled_at: datetime | None
    costs_fee: bool | None
    """Of a cancelled one: whether it was too late to be free, so that it costs the pot for interpreters. Never the
    participant. None: not cancelled, or the pot's rule is not known."""
    series_id: UUID | None
    """The series of talks to which it belongs."""
    replaces: UUID | None
    """The confirmed booking whose place this one takes once it is confirmed."""
    former_stands: bool
    """Whether that one stands until then."""
    current: bool
    """Whether this one tells how its talk stands: of a talk that was moved, or searched anew, one booking does."""
    foremost: bool
    """Whether this one is to be shown before all others of the enquiry."""

    @classmethod
    def of(
        cls,
        booking: Booking,
        among: Sequence[Booking],
        free: Iterable[Candidate],
        now: datetime,
        *,
        to_participant: bool,
    ) -> Self:
        """`among`: all bookings of the enquiry, the oldest first. `free`: the slots that can still be had."""
        view = partial(SlotView.of, to_participant=to_participant)
        proposed = free if booking.state is State.PROPOSED else ()
        return cls(
            booking_id=booking.booking_id,
            enquiry_id=booking.enquiry_id,
            state=booking.state,
            mode=booking.mode,
            interpreter_needed=booking.interpreter_needed,
            slots=list(map(view, proposed)),
            chosen=view(booking.chosen) if booking.chosen else None,
            language=booking.chosen.language_of(booking.interpreter_id) if booking.chosen else None,
            expires_at=booking.expires_at,
            reason=booking.reason,
            next_options=list(booking.next_options),
            cancelled_by=booking.cancelled_by,
            cancelled_at=booking.cancelled_at,
            costs_fee=booking.costs_fee,
            series_id=booking.series_id,
            replaces=booking.replaces,
            former_stands=talks.former_stands(booking, among),
            current=booking.booking_id in talks.current(among),
            foremost=booking.booking_id == talks.foremost(among, now),
        )


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
    """Of a room: the municipality in whose offices it is. Of a case manager: those whose cases they may have."""

    def resource(self, resource_id: UUID) -> Resource:
        return Resource(
            id=resource_id,
            kind=Kind(self.kind),
            ags=tuple(self.ags),
            windows=self.weekly,
            absences=self.away,
            rules=self.recurring,
        )
