"""A series of talks: when they are to be, and why one of them cannot. Pure.

Each talk is a booking of its own, with all that it needs, so that it can be moved or cancelled while the others stay.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from services.scheduling import facts, handing_on
from services.scheduling.booking import Booking
from services.scheduling.calendars import Calendar
from services.scheduling.handing_on import Anew, Successor
from services.scheduling.outcomes import Outcome, changed
from services.scheduling.rules import Rule, starts_of
from services.scheduling.slots import Parties
from services.scheduling.spans import Span
from services.scheduling.windows import BERLIN, berlin_date
from services.scheduling.working_days import Days, is_working_day
from shared.errors import Conflict, DomainError

MOST = 26
"""Talks of a series (assumed): half a year of weeks."""
LONGEST = timedelta(days=366)
"""From the first to the last."""


class SeriesTooLong(DomainError):
    """A series has at most 26 talks within a year: give it a COUNT or an UNTIL."""

    status = 422


class CaseIsLeft(Conflict):
    """Nobody has the case: a series is arranged with whoever has it."""


class Gap(StrEnum):
    """Why there is no booking for a time of the series."""

    DAY_OFF = "day_off"
    """A weekend or a public holiday."""
    TOO_EARLY = "too_early"
    """Over already, or before the lead time."""
    CASE_MANAGER = "case_manager"
    CLIENT = "client"
    ROOM = "room"
    INTERPRETER = "interpreter"
    TAKEN = "taken"
    """Somebody else was faster."""


class Occurrence(NamedTuple):
    starts_at: datetime
    gap: Gap


@dataclass(frozen=True, slots=True)
class Series:
    series_id: UUID
    case_id: UUID
    enquiry_id: UUID
    case_manager_id: UUID
    """Who asked for it."""
    starts: datetime
    """Wall time in Berlin, without offset: DTSTART."""
    rrule: str
    minutes: int
    whole: bool
    """Asked for as a whole: where one of its talks cannot be had, none is."""
    ended_at: datetime | None = None


def spans(series: Series) -> list[Span]:
    """When its talks are to be, in order; the clocks' time stays when the clocks change. Raises SeriesTooLong."""
    rule = Rule(series.starts, timedelta(minutes=series.minutes), series.rrule)
    found = list(islice(starts_of(rule), MOST + 1))
    if len(found) > MOST or found[-1] > series.starts + LONGEST:
        raise SeriesTooLong("rrule")
    instants = [starts.replace(tzinfo=BERLIN).astimezone(UTC) for starts in found]
    return [Span(starts, starts + rule.length) for starts in instants]


def gap(parties: Parties, span: Span, place: str | None, days: Days) -> Gap | None:
    """The first that is missing; None: all are free then. The interpreters of `parties` are those who could."""
    day = berlin_date(span.starts)
    if not is_working_day(day):
        return Gap.DAY_OFF
    if day < days.searched[0]:
        return Gap.TOO_EARLY
    needed: dict[Gap, Sequence[Calendar] | None] = {
        Gap.CASE_MANAGER: [parties.case_manager],
        Gap.CLIENT: [parties.client],
        Gap.ROOM: parties.rooms,
        Gap.INTERPRETER: parties.interpreters,
    }
    return next((what for what, some in needed.items() if some is not None and not _free(some, span, place)), None)


def pattern(like: Booking, series: Series, successor: Successor, anew: Anew, now: datetime) -> Booking:
    """Of the bookings of the series: like that one, with whoever has the case now."""
    its = {"series_id": series.series_id, "requested_at": now, "duration_minutes": series.minutes}
    return handing_on.restart(changed(like, **its), successor, anew, now)[0]


def book(pattern: Booking, span: Span, booking_id: UUID, counselling_id: UUID, now: datetime) -> Outcome:
    """The booking of one of its talks, which is to be at that time and at no other."""
    talk = changed(pattern, booking_id=booking_id, counselling_id=counselling_id, occurrence=span.starts)
    return talk, [facts.requested(talk, now)]


def _free(some: Sequence[Calendar], span: Span, place: str | None) -> bool:
    return any(each.is_free(span, place) for each in some)
