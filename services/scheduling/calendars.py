"""When a person or a room is free: hours, absences and busy time, seen from the place of a talk. Pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple
from uuid import UUID

from services.scheduling.rules import Rule
from services.scheduling.spans import Span, covers, merge, subtract
from services.scheduling.windows import Window, berlin_date
from services.scheduling.working_days import is_holiday
from shared.travel import way


class Busy(NamedTuple):
    span: Span
    place: str | None
    """Where it takes place, as a coded place; None: by phone or video, so nobody travels."""


@dataclass(frozen=True, slots=True)
class Calendar:
    resource_id: UUID
    windows: tuple[Window, ...] | None = ()
    """None: no weekly hours, always there unless busy (a client)."""
    absences: tuple[Span, ...] = ()
    busy: tuple[Busy, ...] = ()
    rules: tuple[Rule, ...] = ()

    def free(self, day: date, place: str | None) -> list[Span]:
        """When it can be at `place`, as `hours_from` says."""
        return Sight(self, place).free(day)

    def is_free(self, span: Span, place: str | None) -> bool:
        return Sight(self, place).is_free(span, berlin_date(span.starts))


class Sight:
    """A calendar as seen from one place: what blocks it, travel included, in order, to be looked up by bisection."""

    def __init__(self, calendar: Calendar, place: str | None) -> None:
        self.resource_id = calendar.resource_id
        self._calendar, self._place = calendar, place

    @cached_property
    def _blocked(self) -> list[Span]:
        away = [*self._calendar.absences, *(_with_travel(busy, self._place) for busy in self._calendar.busy)]
        return merge(away)

    @cached_property
    def _ends(self) -> list[datetime]:
        return [span.ends for span in self._blocked]

    def free(self, day: date) -> list[Span]:
        """When it can be there, as `hours_from` says."""
        there = hours_from(self._calendar.windows, self._calendar.rules, day)
        return subtract(there, self._within(there[0].starts, there[-1].ends)) if there else []

    def is_free(self, span: Span, day: date) -> bool:
        """`span` must start on that day in Berlin."""
        return not self._within(*span) and covers(hours_from(self._calendar.windows, self._calendar.rules, day), span)

    def _within(self, starts: datetime, ends: datetime) -> list[Span]:
        """What blocks something of that time."""
        first = last = bisect_right(self._ends, starts)
        while last < len(self._blocked) and self._blocked[last].starts < ends:
            last += 1
        return self._blocked[first:last]


@lru_cache(maxsize=16_384)
def hours(windows: Sequence[Window] | None, rules: Sequence[Rule], day: date) -> Sequence[Span]:
    """Weekly hours and those of rules, as instants of that day in Berlin. None: also the days beside it."""
    if windows is None:
        midnight = datetime.combine(day, time(), UTC)
        return (Span(midnight - timedelta(days=1), midnight + timedelta(days=3)),)
    weekly = [span for window in windows for span in window.on(day)]
    return tuple(merge([*weekly, *(span for rule in rules for span in rule.on(day))]))


@lru_cache(maxsize=16_384)
def hours_from(windows: Sequence[Window] | None, rules: Sequence[Rule], day: date) -> Sequence[Span]:
    """The hours of that day in Berlin, for what starts on it.

    The last go on past midnight as those of the next days do, but not into a public holiday. A day of 24 hours may
    reach into a third date, when the one between has 23.
    """
    spans = list(hours(windows, rules, day))
    if windows is not None:
        for after in (day + timedelta(days=1), day + timedelta(days=2)):
            more = () if is_holiday(after) else hours(windows, rules, after)[:1]
            if not (spans and more and more[0].starts == spans[-1].ends):
                break
            spans[-1] = Span(spans[-1].starts, more[0].ends)
    return tuple(spans)


def _with_travel(busy: Busy, place: str | None) -> Span:
    time = way(busy.place, place).time
    return Span(busy.span.starts - time, busy.span.ends + time)
