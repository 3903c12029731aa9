"""What of somebody's other calendar counts as busy, and that nothing but times is read from it."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from time import monotonic

import psutil
import pytest

from services.scheduling.busy_times import MOST, busy_times
from services.scheduling.foreign import read_apart
from services.scheduling.outward import NotReached
from services.scheduling.spans import Span
from tests.scheduling.calendar_server import calendar, event
from tests.waiting import eventually

WITHIN = Span(datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC))


def utc(*spans: tuple[str, str]) -> list[Span]:
    return [Span(*(datetime.fromisoformat(f"2026-{edge}").replace(tzinfo=UTC) for edge in span)) for span in spans]


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (":20261109T080000Z", ":20261109T090000Z", ("11-09T08:00", "11-09T09:00")),
        (";TZID=Europe/Berlin:20261109T080000", ";TZID=Europe/Berlin:20261109T090000", ("11-09T07:00", "11-09T08:00")),
        (":20261109T080000", ":20261109T090000", ("11-09T07:00", "11-09T08:00")),
        (";VALUE=DATE:20261109", ";VALUE=DATE:20261110", ("11-08T23:00", "11-09T23:00")),
        (";VALUE=DATE:20261025", ";VALUE=DATE:20261026", ("10-24T22:00", "10-25T23:00")),
        (";TZID=America/New_York:20261109T080000", ";TZID=America/New_York:20261109T090000",
         ("11-09T13:00", "11-09T14:00")),
    ],
)  # fmt: skip
def test_an_event_is_busy_by_its_own_clocks(starts: str, ends: str, expected: tuple[str, str]) -> None:
    assert busy_times(calendar(event(starts, ends)), WITHIN) == utc(expected)


def test_what_recurs_keeps_wall_time_and_its_exceptions() -> None:
    weekly = event(
        ";TZID=Europe/Berlin:20261018T090000", ";TZID=Europe/Berlin:20261018T100000",
        "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20261101T090000",
    )  # fmt: skip
    moved = event(":20261108T150000Z", ":20261108T160000Z", "RECURRENCE-ID;TZID=Europe/Berlin:20261108T090000")
    assert busy_times(calendar(weekly, moved), WITHIN) == utc(
        ("10-25T08:00", "10-25T09:00"), ("11-08T15:00", "11-08T16:00")
    )


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_takes_no_time_or_is_cancelled_is_not_busy(line: str) -> None:
    assert busy_times(calendar(event(":20261109T080000Z", ":20261109T090000Z", line)), WITHIN) == []


def test_our_own_talks_that_come_back_by_a_feed_are_left_out() -> None:
    ours = event(":20261109T080000Z", ":20261109T090000Z", uid="019a")
    other = event(":20261110T080000Z", ":20261110T090000Z", uid="2")
    assert busy_times(calendar(ours, other), WITHIN, {"019a"}) == utc(("11-10T08:00", "11-10T09:00"))


def test_free_and_busy_times_are_read_as_a_server_tells_them() -> None:
    told = calendar(
        "BEGIN:VFREEBUSY", "DTSTAMP:20261101T000000Z", "DTSTART:20261020T000000Z", "DTEND:20261120T000000Z",
        "FREEBUSY:20261109T080000Z/20261109T090000Z,20261110T080000Z/PT1H30M",
        "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20261111T080000Z/PT1H",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20261112T080000Z/PT1H",
        "FREEBUSY;FBTYPE=FREE:20261113T080000Z/PT1H", "END:VFREEBUSY",
    )  # fmt: skip
    assert busy_times(told, WITHIN) == utc(
        ("11-09T08:00", "11-09T09:00"), ("11-10T08:00", "11-10T09:30"), ("11-11T08:00", "11-11T09:00"),
        ("11-12T08:00", "11-12T09:00"),
    )  # fmt: skip


def test_one_time_alone_is_read_too() -> None:
    told = calendar("BEGIN:VFREEBUSY", "FREEBUSY:20261109T080000Z/PT1H", "END:VFREEBUSY")
    assert busy_times(told, WITHIN) == utc(("11-09T08:00", "11-09T09:00"))


def test_times_are_merged_and_cut_to_what_was_asked_for() -> None:
    long = event(":20260101T000000Z", ":20261020T080000Z")
    more = [event(f":2026110{day}T080000Z", f":2026110{day}T100000Z", uid=str(day)) for day in (2, 2, 3)]
    assert busy_times(calendar(long, *more), WITHIN) == utc(
        ("10-20T00:00", "10-20T08:00"), ("11-02T08:00", "11-02T10:00"), ("11-03T08:00", "11-03T10:00")
    )


async def test_a_calendar_is_read_by_a_process_of_its_own_and_its_titles_stay_there() -> None:
    content = calendar(event(":20261109T080000Z", ":20261109T090000Z"))
    assert await read_apart(content, WITHIN, []) == utc(("11-09T08:00", "11-09T09:00"))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"<html>Kanarienvogel</html>", b"BEGIN:VCALENDAR\r\n" * 10, b"\xff\xfe\x00",
        calendar("BEGIN:VFREEBUSY", "FREEBUSY:yesterday/tomorrow", "END:VFREEBUSY"),
    ],
)  # fmt: skip
async def test_what_is_no_calendar_is_refused(content: bytes) -> None:
    with pytest.raises(NotReached, match="calendar-unreadable"):
        await read_apart(content, WITHIN, [])


NEVER = calendar(event(":20000101T080000Z", ":20000101T080001Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"))


async def test_a_rule_that_is_made_to_be_counted_for_ever_is_stopped() -> None:
    begun = monotonic()
    with pytest.raises(NotReached):
        await read_apart(NEVER, WITHIN, [], limit=2.0)
    assert monotonic() - begun < 8


async def test_the_process_that_reads_strangers_calendars_is_told_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://scheduling:canary@localhost/scheduling")
    reading = asyncio.create_task(read_apart(NEVER, WITHIN, []))
    environment = await eventually(environment_of_the_reader)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert set(environment) <= {"PYTHONPATH", "LC_CTYPE"}, "the latter is the interpreter's own (PEP 538)"


async def environment_of_the_reader() -> dict[str, str]:
    """Empty until it runs."""
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process().children():
            if "services.scheduling.busy_times" in child.cmdline():
                return child.environ()
    return {}


def test_too_many_times_are_refused() -> None:
    minutes = [WITHIN.starts + timedelta(minutes=2 * n) for n in range(MOST + 1)]
    told = [f"FREEBUSY:{minute:%Y%m%dT%H%M%SZ}/PT1M" for minute in minutes]
    with pytest.raises(ValueError, match="too many"):
        busy_times(calendar("BEGIN:VFREEBUSY", *told, "END:VFREEBUSY"), WITHIN)
