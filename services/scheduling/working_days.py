"""Working days: Monday to Friday but the public holidays of North Rhine-Westphalia."""

from datetime import date, timedelta
from functools import cache
from itertools import count, islice

from holidays import HolidayBase, country_holidays

LEAD = 2
"""Working days from asking to the earliest talk (assumed: time to choose a slot and to be told of it)."""
LEAD_WITH_INTERPRETER = 5
"""The same with an interpreter: the lead time of the funding pots (design: Rules of the field)."""
HORIZON = 15
"""How many working days are searched for slots: three weeks."""


@cache
def _holidays() -> HolidayBase:
    return country_holidays("DE", subdiv="NW")


def is_holiday(day: date) -> bool:
    return day in _holidays()


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and not is_holiday(day)


def searched_days(today: date, *, interpreter_needed: bool) -> list[date]:
    """The `HORIZON` working days from the earliest one that keeps the lead time."""
    lead = LEAD_WITH_INTERPRETER if interpreter_needed else LEAD
    working = (day for n in count(1) if is_working_day(day := today + timedelta(days=n)))
    return list(islice(working, lead - 1, lead - 1 + HORIZON))
