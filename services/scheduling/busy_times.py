"""Busy times of somebody's other calendar (RFC 5545): of what it holds nothing but times is kept. Pure.

Run as a process of its own (`python -m services.scheduling.busy_times`), with limits: a calendar comes from outside,
and a rule in it may be made to be counted for ever.
"""

import json
import resource
import sys
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import recurring_ical_events
from icalendar import Calendar

from services.scheduling.spans import Span, merge
from services.scheduling.windows import BERLIN

MOST = 2000
"""Spans of one calendar."""
CPU_SECONDS = 10
MEMORY = 512 * 1024 * 1024


def busy_times(content: bytes, within: Span, ours: Collection[str] = ()) -> list[Span]:
    """Merged, in order, cut to `within`. `ours`: UIDs of our own talks, which come back by a feed.

    Times without a zone, and whole days, are those of Berlin. Raises ValueError where it is no calendar, or has too
    many.
    """
    if not content.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise ValueError("no calendar, or a part of one")
    found: list[Span] = []
    for calendar in Calendar.from_ical(content, multiple=True):
        if calendar.name != "VCALENDAR":
            raise ValueError("no calendar")
        found += _events(calendar, within, ours)
        found += _free_busy(calendar)
    cut = [Span(max(span.starts, within.starts), min(span.ends, within.ends)) for span in found]
    merged = merge(cut)
    if len(merged) > MOST:
        raise ValueError("too many")
    return merged


def _events(calendar: Any, within: Span, ours: Collection[str]) -> Iterator[Span]:
    query = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True)
    for event in query.between(within.starts, within.ends):
        transparent = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
        cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
        if not (transparent or cancelled or str(event.get("UID", "")) in ours):
            yield Span(_instant(event.start), _instant(event.end))


def _free_busy(calendar: Any) -> Iterator[Span]:
    """RFC 5545, 3.6.4, as a CalDAV server answers."""
    for part in calendar.walk("VFREEBUSY"):
        given = part.get("FREEBUSY", [])
        for each in given if isinstance(given, list) else [given]:
            if str(each.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                yield Span(_instant(each.start), _instant(each.end))


def _instant(value: date) -> datetime:
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return (value if value.tzinfo else value.replace(tzinfo=BERLIN)).astimezone(UTC)


def written(spans: Iterable[Span]) -> str:
    return json.dumps([[edge.isoformat() for edge in span] for span in spans])


def read(text: str) -> list[Span]:
    """The inverse of `written`. Raises ValueError."""
    return [Span(datetime.fromisoformat(starts), datetime.fromisoformat(ends)) for starts, ends in json.loads(text)]


def main() -> None:
    """A line of JSON, then the calendar, on standard input; the times on standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    asked, _, content = sys.stdin.buffer.read().partition(b"\n")
    given = json.loads(asked)
    [within] = read(json.dumps([given["within"]]))
    try:
        sys.stdout.write(written(busy_times(content, within, frozenset(given["ours"]))))
    except Exception:  # noqa: BLE001 -- whatever a stranger's calendar provokes; its text stays here
        sys.exit(1)


if __name__ == "__main__":
    main()
