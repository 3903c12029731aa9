"""Working days: Monday to Friday but the public holidays of North Rhine-Westphalia."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import count, islice, takewhile
from typing import NamedTuple, Self

from holidays import HolidayBase, country_holidays

LEAD = 2
"""Working days from asking to the earliest talk (assumed: time to choose a slot and to be told of it)."""
LEAD_WITH_INTERPRETER = 5
"""The same with an interpreter: the lead time of the funding pots (design: Rules of the field)."""
HORIZON = 20
"""How many working days are searched for slots: four weeks."""
LATER = 10
"""How many more are looked at where those have none."""


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
    def of(cls, today: date, *, interpreter_needed: bool) -> Self:
        lead = LEAD_WITH_INTERPRETER if interpreter_needed else LEAD
        working = list(islice(_from(today, is_working_day), lead - 1 + HORIZON + LATER))
        earlier, searched, later = working[: lead - 1], working[lead - 1 :][:HORIZON], working[lead - 1 + HORIZON :]
        between = takewhile(lambda day: day < searched[-1], _from(searched[0], lambda day: not is_working_day(day)))
        return cls(searched, earlier, list(between), later)


def _from(today: date, wanted: Callable[[date], bool]) -> Iterator[date]:
    """All later days that are wanted."""
    return (day for n in count(1) if wanted(day := today + timedelta(days=n)))
