"""Working days: Monday to Friday but the public holidays of North Rhine-Westphalia."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import count, islice, takewhile
from typing import NamedTuple, Self

from holidays import HolidayBase, country_holidays

LEAD = 2
"""Working days from asking to the earliest talk (assumed: time to choose a slot and to be told of it)."""
LEAD_WITH_INTERPRETER = 5
"""The same with an interpreter, until interpreter has told the pot's: the longest published (Rules of the field)."""
HORIZON = 20
"""How many working days are searched for slots: four weeks."""
LATER = 10
"""How many more are looked at where those have none."""


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Of the funding pot for interpreters: working days, each by the first day of a talk for which it holds."""

    versions: tuple[tuple[date, int], ...] = ()

    def on(self, day: date) -> int:
        """For a talk on that day; never less than without an interpreter."""
        begun = [version for version in self.versions if version[0] <= day]
        return max(LEAD, max(begun)[1] if begun else LEAD_WITH_INTERPRETER)

    def too_soon(self, today: date) -> frozenset[date]:
        """Days from today on that do not keep it any more, or not yet; holidays and weekends among them too."""
        longest = max(LEAD, LEAD_WITH_INTERPRETER, *(days for _, days in self.versions))
        soon, worked, day = {today}, 0, today
        while worked < longest:
            day += timedelta(days=1)
            worked += is_working_day(day)
            if worked < self.on(day):
                soon.add(day)
        return frozenset(soon)


@cache
def _holidays() -> HolidayBase:
    return country_holidays("DE", subdiv="NW")


def is_holiday(day: date) -> bool:
    return day in _holidays()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


class Days(NamedTuple):
    """Those that are searched for slots, and those that giving something up would add."""

    searched: Sequence[date]
    """The first `HORIZON` working days that keep the lead time."""
    earlier: Sequence[date] = ()
    """Working days from tomorrow on that do not."""
    off: Sequence[date] = ()
    """Days between the first and the last of `searched` on which nobody works."""
    later: Sequence[date] = ()
    """The `LATER` working days after."""

    @classmethod
    def of(cls, today: date, lead: LeadTimes | None) -> Self:
        """`lead`: the pot's lead times, where an interpreter is needed."""
        numbered = enumerate(_from(today, is_working_day), start=1)
        kept = (day for n, day in numbered if n >= (lead.on(day) if lead else LEAD))
        searched, later = list(islice(kept, HORIZON)), list(islice(kept, LATER))
        first, last = searched[0], searched[-1]
        earlier = takewhile(lambda day: day < first, _from(today, is_working_day))
        off = takewhile(lambda day: day < last, _from(first, lambda day: not is_working_day(day)))
        return cls(searched, list(earlier), list(off), later)


def _from(today: date, wanted: Callable[[date], bool]) -> Iterator[date]:
    """All later days that are wanted."""
    return (day for n in count(1) if wanted(day := today + timedelta(days=n)))
