"""Working days: Monday to Friday but the public holidays of North Rhine-Westphalia."""

from datetime import date, timedelta
from functools import cache
from itertools import count, islice

from holidays import HolidayBase, country_holidays


@cache
def _holidays() -> HolidayBase:
    return country_holidays("DE", subdiv="NW")


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in _holidays()


def nth_working_day(after: date, number: int) -> date:
    """The earliest day of a talk that is asked for on `after` with a lead of `number` working days, at least 1."""
    working = (day for n in count(1) if is_working_day(day := after + timedelta(days=n)))
    return next(islice(working, number - 1, None))
