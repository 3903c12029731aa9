"""Lead times count working days of North Rhine-Westphalia."""

from datetime import date, timedelta

import pytest

from services.scheduling.working_days import HORIZON, LATER, Days, LeadTimes, is_working_day


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
    assert Days.of(wednesday, None).searched[0] == date(2026, 6, 8)
    assert Days.of(wednesday, LeadTimes()).searched[0] == date(2026, 6, 11)


def test_four_weeks_of_working_days_are_searched() -> None:
    days = Days.of(date(2026, 12, 18), LeadTimes()).searched
    assert len(days) == HORIZON
    assert all(map(is_working_day, days))


def test_what_giving_something_up_would_add_lies_before_between_and_after() -> None:
    days = Days.of(date(2026, 12, 18), LeadTimes())
    assert days.earlier == [date(2026, 12, day) for day in (21, 22, 23, 24)]
    assert days.searched[0] == date(2026, 12, 28)
    assert days.off[:3] == [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)]
    assert not any(map(is_working_day, days.off))
    assert days.off[-1] < days.searched[-1] < days.later[0]
    assert len(days.later) == LATER


@pytest.mark.parametrize(
    ("today", "versions", "first"),
    [
        # Monday, 1 June 2026: Corpus Christi is on Thursday, 4 June
        (date(2026, 6, 1), [(date(2020, 1, 1), 3)], date(2026, 6, 5)),
        (date(2026, 6, 1), [(date(2020, 1, 1), 5)], date(2026, 6, 9)),
        (date(2026, 6, 1), [], date(2026, 6, 9)),  # not told yet: the longest of all
        (date(2026, 6, 1), [(date(2020, 1, 1), 0)], date(2026, 6, 3)),  # time to choose is needed in any case
        # 31 December and 2 January are working days, New Year's Day is none
        (date(2025, 12, 30), [(date(2020, 1, 1), 3)], date(2026, 1, 5)),
        # Good Friday and Easter Monday
        (date(2026, 4, 1), [(date(2020, 1, 1), 3)], date(2026, 4, 8)),
        # the version of the talk's day: a shorter one from Wednesday on, and a longer one
        (date(2026, 11, 2), [(date(2020, 1, 1), 5), (date(2026, 11, 4), 2)], date(2026, 11, 4)),
        (date(2026, 11, 2), [(date(2020, 1, 1), 2), (date(2026, 11, 4), 5)], date(2026, 11, 9)),
        (date(2026, 11, 2), [(date(2020, 1, 1), 2), (date(2026, 11, 5), 5)], date(2026, 11, 4)),
    ],
)
def test_the_earliest_day_is_that_of_the_funding_pot(
    today: date, versions: list[tuple[date, int]], first: date
) -> None:
    assert Days.of(today, LeadTimes(tuple(versions))).searched[0] == first


@pytest.mark.parametrize("versions", [[], [(date(2020, 1, 1), 3)], [(date(2020, 1, 1), 2), (date(2026, 11, 5), 5)]])
def test_a_day_is_too_soon_exactly_where_the_search_would_leave_it_out(versions: list[tuple[date, int]]) -> None:
    lead = LeadTimes(tuple(versions))
    for today in (date(2026, 10, 30) + timedelta(days=n) for n in range(7)):
        soon = lead.too_soon(today)
        ahead = [day for n in range(1, 15) if is_working_day(day := today + timedelta(days=n))]
        assert [day for day in ahead if day not in soon] == list(Days.of(today, lead).searched[: len(ahead)])[
            : len([day for day in ahead if day not in soon])
        ]
        assert today in soon
