"""Recurring hours with exceptions (RFC 5545), in the wall time of Berlin, as instants."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import cast

from dateutil.rrule import rrule, rruleset, rrulestr

from services.scheduling.spans import Span, merge
from services.scheduling.windows import shown
from services.scheduling.working_days import is_holiday
from shared.contracts.recurrence import HoursRule, parts, until

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """Hours of at most a day that begin at `starts` and wherever the rule and its exceptions say.

    Wall time stays as it is when the clocks change: who is there from 9 to 12 is so in summer and in winter. Of hours
    over the change there is what the clocks show: nothing of the hour that they skip, and all of the one that comes
    twice. On public holidays of North Rhine-Westphalia there are none but those of `rdates`.
    """

    starts: datetime
    """DTSTART, without offset."""
    length: timedelta
    """By the clocks."""
    rrule: str | None = None
    exdates: tuple[datetime, ...] = ()
    rdates: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, given: HoursRule) -> "Rule":
        length = timedelta(minutes=given.minutes)
        return cls(given.starts, length, given.rrule, given.exdates, given.rdates)

    @property
    def shown(self) -> HoursRule:
        """As `of` takes it."""
        return HoursRule(
            starts=self.starts,
            minutes=self.length // timedelta(minutes=1),
            rrule=self.rrule,
            exdates=self.exdates,
            rdates=self.rdates,
        )

    def on(self, day: date) -> list[Span]:
        """The instants of that day in Berlin."""
        midnight = datetime.combine(day, time())
        spans: list[Span] = []
        for starts in (*self._starts_on(day - _DAY), *self._starts_on(day)):
            within = max(starts, midnight), min(starts + self.length, midnight + _DAY)
            spans += shown(*within) if within[0] < within[1] else []
        return merge(spans)

    def _starts_on(self, day: date) -> list[datetime]:
        return [starts for starts in _starts(self, day.year, day.month) if starts.date() == day]


def starts_of(rule: Rule) -> Iterator[datetime]:
    """When it begins, by the clocks, in order; on public holidays, too. It may have no end."""
    return iter(_recurring(rule, rule.starts))


@lru_cache(maxsize=8192)
def _starts(rule: Rule, year: int, month: int) -> tuple[datetime, ...]:
    """When the rule's hours begin in that month, by the clocks."""
    first = datetime(year, month, 1)  # noqa: DTZ001 -- wall time
    last = datetime.combine(date(year, month, monthrange(year, month)[1]), time.max)
    recurring = _recurring(rule, first).between(first, last, inc=True)
    worked = [starts for starts in recurring if not is_holiday(starts.date())]
    named = [starts for starts in rule.rdates if first <= starts <= last and starts not in rule.exdates]
    return tuple(sorted({*worked, *named}))


def _recurring(rule: Rule, since: datetime) -> rruleset:
    """RRULE and EXDATE, without those of RDATE, whom no holiday keeps away."""
    found = rruleset()
    if rule.rrule is None:
        found.rdate(rule.starts)
    else:
        found.rrule(_rrule(rule.rrule, rule.starts, since))
    for exception in rule.exdates:
        found.exdate(exception)
    return found


def _rrule(text: str, starts: datetime, since: datetime) -> rrule:
    given = parts(text)
    if "UNTIL" in given:
        given["UNTIL"] = until(given).strftime("%Y%m%dT%H%M%S")
    if "COUNT" not in given:
        starts = _near(starts, since, given["FREQ"], int(given.get("INTERVAL", 1)))
    return cast("rrule", rrulestr(";".join(f"{name}={value}" for name, value in given.items()), dtstart=starts))


def _near(starts: datetime, since: datetime, frequency: str, interval: int) -> datetime:
    """A start of the same rule shortly before `since`: years of weeks need not be counted one by one."""
    step = {"DAILY": _DAY, "WEEKLY": 7 * _DAY}.get(frequency)
    if step is None or starts >= since:
        return starts
    return starts + (since - starts) // (step * interval) * (step * interval)
