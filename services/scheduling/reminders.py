"""When a participant is reminded of a talk. Pure."""

from datetime import UTC, datetime, timedelta

from services.scheduling import refusals
from services.scheduling.booking import Booking, State
from services.scheduling.facts import reminder_due
from services.scheduling.windows import BERLIN
from shared.contracts.scheduling import ReminderDue


def reminder_at(starts_at: datetime, ahead: timedelta) -> datetime:
    """By the clocks: a day ahead is the same wall time, 23 or 25 hours ahead where the clocks change in between."""
    return (starts_at.astimezone(BERLIN) - ahead).astimezone(UTC)


def to_be_reminded_of(booking: Booking) -> datetime | None:
    """When the talk begins of which the participant is to be reminded; None where nothing is confirmed."""
    return booking.chosen.starts_at if booking.state is State.CONFIRMED and booking.chosen else None


def remind(booking: Booking, now: datetime) -> ReminderDue:
    """Raises NothingConfirmed, AlreadyStarted."""
    if booking.state is not State.CONFIRMED or booking.chosen is None:
        raise refusals.NothingConfirmed
    if booking.chosen.starts_at <= now:
        raise refusals.AlreadyStarted
    return reminder_due(booking, booking.chosen)
