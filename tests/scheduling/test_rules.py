"""Hours that recur (RFC 5545): against an oracle that looks at every day, and every minute where the clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.scheduling.rules import Rule
from services.scheduling.slots import Calendar
from services.scheduling.spans import Span
from services.scheduling.working_days import is_holiday
from shared.clock import BERLIN
from shared.contracts.recurrence import HoursRule, may_start
from shared.ids import new_id

NAMES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = timedelta(days=1)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def rule(starts: str, minutes: int, rrule: str | None = None, **more: Any) -> Rule:
    return Rule.of(HoursRule.model_validate({"starts": starts, "minutes": minutes, "rrule": rrule, **more}))


def utc(*spans: tuple[str, str]) -> list[Span]:
    return [Span(*(wall(edge).replace(tzinfo=UTC) for edge in span)) for span in spans]


SUNDAYS = "FREQ=WEEKLY;BYDAY=SU"


@pytest.mark.parametrize(
    ("starts", "minutes", "day", "expected"),
    [  # 29 March 2026: at 02:00 clocks go to 03:00; 25 October 2026: at 03:00 they go back to 02:00
        ("2026-03-01T09:00", 180, "2026-03-22", [("2026-03-22T08:00", "2026-03-22T11:00")]),
        ("2026-03-01T09:00", 180, "2026-03-29", [("2026-03-29T07:00", "2026-03-29T10:00")]),
        ("2026-03-01T01:00", 60, "2026-03-29", [("2026-03-29T00:00", "2026-03-29T01:00")]),
        ("2026-03-01T01:00", 180, "2026-03-29", [("2026-03-29T00:00", "2026-03-29T02:00")]),
        ("2026-03-01T02:00", 60, "2026-03-29", []),
        ("2026-03-01T02:15", 30, "2026-03-29", []),
        ("2026-03-01T02:30", 60, "2026-03-29", [("2026-03-29T01:00", "2026-03-29T01:30")]),
        ("2026-03-01T03:00", 60, "2026-03-29", [("2026-03-29T01:00", "2026-03-29T02:00")]),
        ("2026-03-01T00:00", 1440, "2026-03-29", [("2026-03-28T23:00", "2026-03-29T22:00")]),
        ("2026-10-04T09:00", 180, "2026-10-18", [("2026-10-18T07:00", "2026-10-18T10:00")]),
        ("2026-10-04T09:00", 180, "2026-10-25", [("2026-10-25T08:00", "2026-10-25T11:00")]),
        ("2026-10-04T01:00", 60, "2026-10-25", [("2026-10-24T23:00", "2026-10-25T00:00")]),
        ("2026-10-04T01:00", 180, "2026-10-25", [("2026-10-24T23:00", "2026-10-25T03:00")]),
        ("2026-10-04T02:00", 60, "2026-10-25", [("2026-10-25T00:00", "2026-10-25T02:00")]),
        (
            "2026-10-04T02:15", 30, "2026-10-25",
            [("2026-10-25T00:15", "2026-10-25T00:45"), ("2026-10-25T01:15", "2026-10-25T01:45")],
        ),
        ("2026-10-04T03:00", 60, "2026-10-25", [("2026-10-25T02:00", "2026-10-25T03:00")]),
        ("2026-10-04T00:00", 1440, "2026-10-25", [("2026-10-24T22:00", "2026-10-25T23:00")]),
    ],
)  # fmt: skip
def test_wall_time_stays_on_both_days_on_which_the_clocks_change(
    starts: str, minutes: int, day: str, expected: list[tuple[str, str]]
) -> None:
    assert rule(starts, minutes, SUNDAYS).on(date.fromisoformat(day)) == utc(*expected)


def test_a_night_goes_over_midnight_and_over_the_change() -> None:
    night = rule("2026-03-07T22:00", 600, "FREQ=WEEKLY;BYDAY=SA")
    assert night.on(date(2026, 3, 28)) == utc(("2026-03-28T21:00", "2026-03-28T23:00"))
    assert night.on(date(2026, 3, 29)) == utc(("2026-03-28T23:00", "2026-03-29T06:00"))


def test_exceptions_are_left_out_and_further_dates_come_in() -> None:
    mondays = rule("2026-11-02T09:00", 60, "FREQ=WEEKLY", exdates=["2026-11-09T09:00"], rdates=["2026-11-10T14:00"])
    there = [day for day in range(1, 20) if mondays.on(date(2026, 11, day))]
    assert there == [2, 10, 16]


def test_on_a_holiday_of_the_land_nobody_is_there_but_who_says_so() -> None:
    epiphany, all_saints = date(2026, 1, 6), date(2026, 11, 1)
    daily = rule("2026-01-01T09:00", 60, "FREQ=DAILY")
    assert daily.on(epiphany), "a holiday elsewhere"
    assert not daily.on(all_saints)
    assert rule("2026-01-01T09:00", 60, "FREQ=DAILY", rdates=["2026-11-01T09:00"]).on(all_saints)


def test_a_rule_ends_with_its_last_day_or_number() -> None:
    until = rule("2026-11-02T09:00", 60, "FREQ=DAILY;UNTIL=20261104T080000Z")  # 09:00 in Berlin
    counted = rule("2026-11-02T09:00", 60, "FREQ=DAILY;COUNT=3")
    for each in (until, counted):
        assert [day for day in range(1, 9) if each.on(date(2026, 11, day))] == [2, 3, 4]


def test_hours_without_rule_are_there_once() -> None:
    once = rule("2026-11-03T09:00", 60)
    assert [day for day in range(1, 30) if once.on(date(2026, 11, day))] == [3]


def test_a_calendar_is_free_in_its_recurring_hours() -> None:
    calendar = Calendar(new_id(), rules=(rule("2026-11-02T09:00", 120, "FREQ=MONTHLY;BYDAY=1MO"),))
    assert calendar.free(date(2026, 12, 7), None) == utc(("2026-12-07T08:00", "2026-12-07T10:00"))
    assert calendar.free(date(2026, 12, 14), None) == []


@pytest.mark.parametrize(
    ("starts", "rrule"),
    [
        ("2026-11-03T09:00", "FREQ=WEEKLY;BYDAY=MO"), ("2026-11-02T09:00", "FREQ=MONTHLY;BYDAY=2MO"),
        ("2026-11-02T09:00", "FREQ=MONTHLY;BYDAY=-1MO"), ("2026-11-02T09:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        ("2026-11-02T09:00", "FREQ=DAILY;UNTIL=20261101T000000Z"), ("2026-11-02T09:00", "FREQ=YEARLY;BYDAY=1MO"),
    ],
)  # fmt: skip
def test_what_does_not_begin_with_its_first_day_is_refused(starts: str, rrule: str) -> None:
    assert not may_start(rrule, wall(starts))
    with pytest.raises(ValidationError):
        rule(starts, 60, rrule)


def test_what_begins_on_the_last_day_that_it_names_is_taken() -> None:
    assert may_start("FREQ=MONTHLY;BYMONTHDAY=-1", wall("2028-02-29T09:00"))
    assert may_start("FREQ=MONTHLY;BYDAY=-1MO", wall("2026-11-30T09:00"))
    assert may_start("FREQ=YEARLY;BYDAY=-1TH", wall("2026-12-31T09:00"))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Of every frequency, so that the first day is one of the rule's."""
    first = draw(st.dates(date(2026, 1, 1), date(2026, 10, 20)))
    starts = datetime.combine(first, draw(st.times()).replace(second=0, microsecond=0))
    days = {first.weekday(), *draw(st.sets(st.integers(0, 6), max_size=3))}
    byday = ",".join(NAMES[day] for day in sorted(days))
    kind = draw(
        st.sampled_from(
            ["DAILY", f"DAILY;BYDAY={byday}", f"WEEKLY;BYDAY={byday}", "WEEKLY", f"MONTHLY;BYMONTHDAY={first.day}",
             f"MONTHLY;BYDAY={(first.day - 1) // 7 + 1}{NAMES[first.weekday()]}", "YEARLY"]
        )
    )  # fmt: skip
    ends = draw(st.sampled_from(["", ";COUNT=4", ";UNTIL=20261026T000000Z"]))
    interval = draw(st.integers(1, 3))
    rest = dict.fromkeys(("exdates", "rdates"))
    for name in rest:
        rest[name] = draw(st.lists(st.integers(-3, 200).map(lambda n: starts + n * DAY), max_size=3))
    found = {"starts": starts, "minutes": draw(st.integers(15, 1440)), **rest}
    return Rule.of(HoursRule.model_validate(found | {"rrule": f"FREQ={kind};INTERVAL={interval}{ends}"}))


def days_of(known: Rule, last: date) -> set[date]:
    """The oracle: every day from the first on is looked at."""
    given = dict(part.split("=") for part in (known.rrule or "").split(";"))
    found: list[date] = []
    first = known.starts.date()
    until = datetime(2026, 10, 26, 1, tzinfo=BERLIN).replace(tzinfo=None)  # 00:00 UTC
    for n in range((last - first).days + 1):
        day = first + n * DAY
        if "UNTIL" in given and known.starts + n * DAY > until:
            break
        if _is_of(given, first, day) and len(found) < int(given.get("COUNT", 10_000)):
            found.append(day)
    without = {day for day in found if not is_holiday(day)} - {each.date() for each in known.exdates}
    return without | ({each.date() for each in known.rdates} - {each.date() for each in known.exdates})


def _is_of(given: dict[str, str], first: date, day: date) -> bool:
    interval = int(given["INTERVAL"])
    months = (day.year - first.year) * 12 + day.month - first.month
    passed = {
        "DAILY": (day - first).days,
        "WEEKLY": ((day - day.weekday() * DAY) - (first - first.weekday() * DAY)).days // 7,
        "MONTHLY": months,
        "YEARLY": day.year - first.year,
    }[given["FREQ"]]
    if passed % interval:
        return False
    if "BYMONTHDAY" in given or given["FREQ"] == "YEARLY":
        return day.day == first.day and (given["FREQ"] == "MONTHLY" or day.month == first.month)
    if given["FREQ"] == "MONTHLY":
        return day.weekday() == first.weekday() and (day.day - 1) // 7 == (first.day - 1) // 7
    default = "WEEKLY" in given["FREQ"] and NAMES[first.weekday()]
    named = given.get("BYDAY", default)
    return not named or NAMES[day.weekday()] in named.split(",")


@settings(max_examples=150, deadline=None)
@given(rules(), st.sampled_from([date(2026, 3, 28), date(2026, 10, 24), date(2026, 12, 24)]))
def test_hours_are_exactly_where_the_oracle_finds_them(known: Rule, near: date) -> None:
    assume(known.starts.date() <= near)
    expected = days_of(known, near + 3 * DAY)
    for day in (near, near + DAY, near + 2 * DAY):
        spans = known.on(day)
        for minute in range(-60, 25 * 60, 5):
            instant = datetime.combine(day, datetime.min.time(), BERLIN).astimezone(UTC) + timedelta(minutes=minute)
            clock = instant.astimezone(BERLIN).replace(tzinfo=None)
            begun = [datetime.combine(each, known.starts.time()) for each in (clock.date(), clock.date() - DAY)]
            there = any(s.date() in expected and s <= clock < s + known.length for s in begun)
            inside = any(span.starts <= instant < span.ends for span in spans)
            assert inside == (there and clock.date() == day), (instant, spans)
