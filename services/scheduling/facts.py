"""A booking's facts as events."""

from datetime import datetime
from typing import Any, TypeVar

from services.scheduling.booking import Booking, Candidate
from services.scheduling.windows import berlin_date
from shared.contracts.scheduling import (
    BookingAttended,
    BookingConfirmed,
    BookingEvent,
    BookingHeld,
    BookingMissed,
    BookingProposed,
    BookingReleased,
    BookingRequested,
    BookingTakenOver,
    InterpreterRequested,
    InterpreterSwapped,
    LanguageUnmet,
    ReminderDue,
)

B = TypeVar("B", bound=BookingEvent)


def requested(booking: Booking, now: datetime) -> BookingRequested:
    return _of(
        booking,
        BookingRequested,
        counselling_id=booking.counselling_id,
        series_id=booking.series_id,
        duration_minutes=booking.duration_minutes,
        interpreter_needed=booking.interpreter_needed,
        mode=booking.mode,
        requested_on=berlin_date(now),
    )


def interpreter_requested(booking: Booking, now: datetime) -> InterpreterRequested:
    return _of(
        booking,
        InterpreterRequested,
        languages=booking.languages,
        topics=booking.topics,
        mode=booking.mode,
        slots=[candidate.slot for candidate in booking.candidates],
        free={candidate.slot_id: candidate.interpreters for candidate in booking.candidates},
        purpose=booking.purpose,
        dialect=booking.dialect,
        gender=booking.gender,
        gender_binding=booking.gender_binding,
        conflict_tokens=booking.conflict_tokens,
        requested_on=berlin_date(now),
    )


def proposed(booking: Booking, now: datetime) -> BookingProposed:
    slots = [candidate.slot for candidate in booking.candidates]
    return _of(booking, BookingProposed, slots=slots, proposed_on=berlin_date(now))


def held(booking: Booking, chosen: Candidate, now: datetime) -> BookingHeld:
    until = booking.expires_at
    return _of(booking, BookingHeld, **_talk(booking, chosen), expires_at=until, held_on=berlin_date(now))


def swapped(booking: Booking, chosen: Candidate, now: datetime) -> InterpreterSwapped:
    until = booking.expires_at
    return _of(booking, InterpreterSwapped, **_talk(booking, chosen), expires_at=until, swapped_on=berlin_date(now))


def confirmed(booking: Booking, chosen: Candidate, now: datetime) -> BookingConfirmed:
    return _of(booking, BookingConfirmed, **_talk(booking, chosen), confirmed_on=berlin_date(now))


def taken_over(booking: Booking, chosen: Candidate, now: datetime) -> BookingTakenOver:
    return _of(booking, BookingTakenOver, **_talk(booking, chosen), taken_over_on=berlin_date(now))


def released(booking: Booking, now: datetime) -> BookingReleased:
    why = {"reason": booking.reason, "cancelled_by": booking.cancelled_by}
    return _of(booking, BookingReleased, **why, released_on=berlin_date(now))


def attended(booking: Booking, now: datetime) -> BookingAttended:
    return _of(booking, BookingAttended, attended_on=berlin_date(now))


def missed(booking: Booking, now: datetime) -> BookingMissed:
    return _of(booking, BookingMissed, missed_on=berlin_date(now))


def reminder_due(booking: Booking, chosen: Candidate) -> ReminderDue:
    return _of(booking, ReminderDue, **_talk(booking, chosen))


def unmet(booking: Booking, now: datetime) -> LanguageUnmet:
    return _of(booking, LanguageUnmet, languages=booking.languages, unmet_on=berlin_date(now))


def _talk(booking: Booking, chosen: Candidate) -> dict[str, Any]:
    """What held, swapped and confirmed have in common; a contract ignores what it does not name."""
    return {
        "starts_at": chosen.starts_at,
        "ends_at": chosen.ends_at,
        "mode": booking.mode,
        "case_manager_id": booking.case_manager_id,
        "room_id": booking.room_id,
        "interpreter_id": booking.interpreter_id,
        "also_asked": booking.also_asked,
        "language": chosen.language_of(booking.interpreter_id),
    }


def _of(booking: Booking, event: type[B], **facts: Any) -> B:
    ids = {"booking_id": booking.booking_id, "case_id": booking.case_id, "enquiry_id": booking.enquiry_id}
    return event.model_validate({**ids, "ags": booking.ags, "replaces": booking.replaces, **facts})
