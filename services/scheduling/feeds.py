"""A feed in iCalendar (RFC 5545), for Thunderbird, Outlook, Google and the like to follow. Pure.

What changes keeps its UID and gets a higher SEQUENCE, and what is cancelled stays for a while as CANCELLED: clients
then move or strike out what they know, instead of showing it twice or for ever. Times are in UTC: nothing recurs, so
no VTIMEZONE is needed, and each client shows them by its own clocks.
"""

import tomllib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from icalendar import Calendar, Event

from services.scheduling.spans import Span
from shared.contracts.vocabulary import Mode
from shared.municipalities import BY_AGS

PRODUCT = "-//Kreis Wesel//KIM//DE"
REFRESH = timedelta(minutes=15)
"""How often clients are asked to look again."""
PAST = timedelta(days=90)
"""How long a talk stays after its end."""
CANCELLED_FOR = timedelta(days=30)
"""How long a cancelled one stays, so that a client hears of it even after holidays."""
_STATUS = {"held": "TENTATIVE", "confirmed": "CONFIRMED", "released": "CANCELLED"}
_TEXTS = tomllib.loads(Path(__file__).with_name("feed_texts.toml").read_text(encoding="utf-8"))


class FeedLanguage(StrEnum):
    DE = "de"
    EN = "en"


class Entry(NamedTuple):
    """A booking as it stands in one resource's calendar."""

    booking_id: UUID
    uid: UUID
    """Of the first booking, where one took the place of another: for a calendar that is the same talk, moved."""
    span: Span
    state: str
    """`held`, `confirmed`, or `released`: it does not take place, or not with this resource."""
    mode: Mode
    ags: str
    sequence: int
    """How often it changed since it was entered."""
    changed_at: datetime


def current(entries: Iterable[Entry], now: datetime) -> list[Entry]:
    """One for each talk, in order of time, without what is over or was cancelled long ago.

    While a talk is being moved it stands where it was; of two that are both to take place the older is that one. Any
    change of either raises the SEQUENCE, so it never falls.
    """
    talks: dict[UUID, list[Entry]] = {}
    for entry in entries:
        talks.setdefault(entry.uid, []).append(entry)
    shown = [_of_talk(each) for each in talks.values()]
    return sorted(
        (entry for entry in shown if entry.span.ends > now - PAST and not _is_long_gone(entry, now)),
        key=lambda entry: (entry.span, entry.uid),
    )


def _of_talk(entries: list[Entry]) -> Entry:
    by_age = sorted(entries, key=lambda entry: entry.booking_id)  # UUIDv7
    standing = [entry for entry in by_age if entry.state != "released"]
    sequence = sum(entry.sequence for entry in entries) + len(entries) - 1
    changed_at = max(entry.changed_at for entry in entries)
    return (standing[0] if standing else by_age[-1])._replace(sequence=sequence, changed_at=changed_at)


def _is_long_gone(entry: Entry, now: datetime) -> bool:
    return entry.state == "released" and entry.changed_at <= now - CANCELLED_FOR


def feed(entries: Iterable[Entry], language: FeedLanguage) -> bytes:
    """The same bytes for the same entries, so that they have an entity tag.

    Without METHOD: a calendar that is fetched is no message, and PUBLISH would want an organizer (RFC 5546, 3.2.1).
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", "KIM")
    calendar.add("x-wr-calname", "KIM")
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{REFRESH // timedelta(minutes=1)}M")
    for entry in entries:
        calendar.add_component(_event(entry, _TEXTS[language]))
    return bytes(calendar.to_ical())


def _event(entry: Entry, texts: dict[str, str]) -> Event:
    event = Event()
    event.add("uid", str(entry.uid))
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at.replace(microsecond=0))
    event.add("last-modified", entry.changed_at.replace(microsecond=0))
    event.add("dtstart", entry.span.starts)
    event.add("dtend", entry.span.ends)
    event.add("summary", texts["summary"])
    event.add("location", _place(entry, texts))
    event.add("description", texts["number"].format(id=entry.booking_id))
    event.add("status", _STATUS[entry.state])
    event.add("transp", "TRANSPARENT" if entry.state == "released" else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _place(entry: Entry, texts: dict[str, str]) -> str:
    """The municipality for a talk in its offices; of a home visit no address, since that would be a person's."""
    if entry.mode is Mode.IN_PERSON:
        return BY_AGS[entry.ags].name if entry.ags in BY_AGS else entry.ags
    return texts[entry.mode]
