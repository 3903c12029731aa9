"""When a participant is reminded of a talk. Pure."""

from datetime import datetime, timedelta

from services.scheduling import refusals
from services.scheduling.booking import Booking, State
from services.scheduling.facts import reminder_due
from services.scheduling.windows import BERLIN
from shared.contracts.scheduling import ReminderDue

AHEAD = timedelta(days=1)
"""By the calendar: at the same wall time, 23 or 25 hours ahead where the clocks change in between (assumed)."""


def reminder_at(booking: Booking, now: datetime) -> datetime | None:
    """When to remind; None where nothing is confirmed, or it was confirmed when that moment had passed."""
    if booking.state is not State.CONFIRMED or booking.chosen is None:
        return None
    wall = booking.chosen.starts_at.astimezone(BERLIN) - AHEAD
    due = wall.astimezone(now.tzinfo)
    return due if due > now else None


def remind(booking: Booking, now: datetime) -> ReminderDue:
    """Raises NothingConfirmed, AlreadyStarted."""
    if booking.state is not State.CONFIRMED or booking.chosen is None:
        raise refusals.NothingConfirmed
    if booking.chosen.starts_at <= now:
        raise refusals.AlreadyStarted
    return reminder_due(booking, booking.chosen)
