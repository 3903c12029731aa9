"""Weekly hours are wall time in Berlin, on the days on which the clocks change too."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.spans import Span
from services.scheduling.windows import Window, WindowUpsideDown, berlin_date
from shared.clock import BERLIN

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
SUNDAY = 6


def utc(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), UTC)


def test_the_same_hours_are_an_hour_earlier_in_summer() -> None:
    hours = Window(SUNDAY, time(9), time(12))
    assert hours.on(SPRING - timedelta(days=7)) == [Span(utc(date(2026, 3, 22), 8), utc(date(2026, 3, 22), 11))]
    assert hours.on(SPRING) == [Span(utc(SPRING, 7), utc(SPRING, 10))]
    assert hours.on(AUTUMN) == [Span(utc(AUTUMN, 8), utc(AUTUMN, 11))]


def test_in_spring_a_night_has_an_hour_less() -> None:
    assert Window(SUNDAY, time(1), time(4)).on(SPRING) == [Span(utc(SPRING, 0), utc(SPRING, 2))]


def test_in_spring_the_hour_that_is_skipped_does_not_exist() -> None:
    assert Window(SUNDAY, time(2), time(3)).on(SPRING) == []


def test_in_autumn_a_night_has_an_hour_more() -> None:
    [span] = Window(SUNDAY, time(1), time(4)).on(AUTUMN)
    assert span.ends - span.starts == timedelta(hours=4)


def test_in_autumn_a_quarter_within_the_repeated_hour_comes_twice() -> None:
    assert Window(SUNDAY, time(2, 15), time(2, 30)).on(AUTUMN) == [
        Span(utc(AUTUMN, 0, 15), utc(AUTUMN, 0, 30)),
        Span(utc(AUTUMN, 1, 15), utc(AUTUMN, 1, 30)),
    ]


def test_on_other_weekdays_there_is_nothing() -> None:
    assert Window(0, time(9), time(12)).on(SPRING) == []


@pytest.mark.parametrize(
    ("weekday", "starts", "ends"), [(7, time(9), time(12)), (-1, time(9), time(12)), (0, time(9), time(9))]
)
def test_an_impossible_window_is_refused(weekday: int, starts: time, ends: time) -> None:
    with pytest.raises(WindowUpsideDown):
        Window(weekday, starts, ends)


minutes = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))


@given(st.sampled_from([SPRING, AUTUMN, date(2026, 7, 5)]), minutes, minutes)
def test_a_window_has_exactly_the_instants_whose_wall_time_lies_in_it(day: date, a: time, b: time) -> None:
    if a == b:
        return
    window = Window(SUNDAY, min(a, b), max(a, b))
    spans = window.on(day)
    for minute in range(-3 * 60, 27 * 60, 7):
        instant = utc(day, 0) + timedelta(minutes=minute)
        wall = instant.astimezone(BERLIN)
        inside = wall.date() == day and window.starts <= wall.time() < window.ends
        assert any(s.starts <= instant < s.ends for s in spans) == inside


def test_midnight_in_berlin_divides_dates() -> None:
    assert berlin_date(utc(date(2026, 7, 4), 22)) == date(2026, 7, 5)
    assert berlin_date(utc(date(2026, 12, 4), 22)) == date(2026, 12, 4)
