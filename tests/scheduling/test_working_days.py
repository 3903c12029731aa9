"""Lead times count working days of North Rhine-Westphalia."""

from datetime import date

import pytest

from services.scheduling.working_days import HORIZON, is_working_day, searched_days


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 6, 4), False),  # Corpus Christi, a holiday here and not everywhere
        (date(2026, 11, 1), False),  # All Saints' Day
        (date(2026, 6, 5), True),
        (date(2026, 6, 6), False),  # Saturday
        (date(2026, 12, 24), True),
    ],
)
def test_holidays_of_the_land_are_no_working_days(day: date, works: bool) -> None:  # noqa: FBT001 - a table
    assert is_working_day(day) is works


def test_the_earliest_day_keeps_the_lead_time_over_weekend_and_holiday() -> None:
    wednesday = date(2026, 6, 3)
    assert searched_days(wednesday, interpreter_needed=False)[0] == date(2026, 6, 8)
    assert searched_days(wednesday, interpreter_needed=True)[0] == date(2026, 6, 11)


def test_three_weeks_of_working_days_are_searched() -> None:
    days = searched_days(date(2026, 12, 18), interpreter_needed=True)
    assert len(days) == HORIZON
    assert all(map(is_working_day, days))
