"""Lead times in working days of North Rhine-Westphalia."""

from datetime import date

import pytest

from services.interpreter.working_days import is_working_day, nth_working_day


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 3, 14),  # a Saturday
        date(2026, 6, 4),  # Corpus Christi, no holiday in Berlin
        date(2026, 11, 1),  # All Saints' Day
        date(2026, 12, 25),
    ],
)
def test_weekends_and_the_states_holidays_are_no_working_days(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 10, 30), date(2026, 1, 6), date(2026, 12, 24)])
def test_other_states_holidays_are_working_days(day: date) -> None:
    assert is_working_day(day)


@pytest.mark.parametrize(
    ("asked", "lead", "earliest"),
    [
        (date(2026, 3, 16), 1, date(2026, 3, 17)),
        (date(2026, 3, 16), 5, date(2026, 3, 23)),
        (date(2026, 3, 20), 3, date(2026, 3, 25)),
        (date(2026, 3, 21), 3, date(2026, 3, 25)),  # asked on a Saturday
        (date(2026, 4, 1), 3, date(2026, 4, 8)),  # Good Friday and Easter Monday lie between
    ],
)
def test_a_lead_is_counted_from_the_day_after(asked: date, lead: int, earliest: date) -> None:
    assert nth_working_day(asked, lead) == earliest
