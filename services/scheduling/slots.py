"""Joint slots: when could all who are to meet, by their calendars, and who would come. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.scheduling.calendars import Calendar, Sight
from services.scheduling.spans import Span, intersect
from services.scheduling.windows import day_ends

GRID = timedelta(minutes=30)
"""Slots start on the full and on the half hour."""


@dataclass(frozen=True, slots=True)
class Talk:
    duration: timedelta
    place: str | None


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose calendars must have room. None: a room, or an interpreter, is not needed."""

    client: Calendar
    case_manager: Calendar
    rooms: Sequence[Calendar] | None
    interpreters: Sequence[Calendar] | None


class Option(NamedTuple):
    """A span in which all can be there, and who is free to interpret."""

    span: Span
    interpreters: tuple[UUID, ...]


class Choice(NamedTuple):
    room_id: UUID | None
    interpreter_id: UUID | None


def choice(parties: Parties, span: Span, place: str | None) -> Choice | None:
    """The first room and the first interpreter, in the order given, for that span; None where somebody is missing."""
    if not (parties.client.is_free(span, place) and parties.case_manager.is_free(span, place)):
        return None
    room, interpreter = (_first_free(some, span, place) for some in (parties.rooms, parties.interpreters))
    complete = (room or parties.rooms is None) and (interpreter or parties.interpreters is None)
    return Choice(room, interpreter) if complete else None


def _first_free(some: Sequence[Calendar] | None, span: Span, place: str | None) -> UUID | None:
    return next((one.resource_id for one in some or () if one.is_free(span, place)), None)


def joint_options(parties: Parties, talk: Talk, day: date) -> list[Option]:
    """Every span of the grid that starts on that day and in which client, case manager and one room are free."""
    people = [Sight(one, talk.place) for one in parties.interpreters or ()]
    spans = joint_spans(replace(parties, interpreters=None), talk, [day])
    return [Option(span, tuple(one.resource_id for one in people if one.is_free(span, day))) for span in spans]


def joint_spans(parties: Parties, talk: Talk, days: Iterable[date]) -> list[Span]:
    """The same for some days, and where an interpreter is needed only those in which one is free."""
    return spans_with_any([parties.case_manager], parties, talk, days)


def spans_with_any(managers: Iterable[Calendar], parties: Parties, talk: Talk, days: Iterable[date]) -> list[Span]:
    """The same, whichever of these comes instead of the case manager; each span once."""
    client, *sights = (Sight(who, talk.place) for who in (parties.client, *managers))
    groups = [[Sight(one, talk.place) for one in some] for some in _needed(parties)]
    return [
        span
        for day in days
        for span in sorted({span for one in sights for span in both_free(client, one, talk.duration, day)})
        if all(anybody_free(group, span, day) for group in groups)
    ]


def _needed(parties: Parties) -> list[Sequence[Calendar]]:
    """Of whom one has to come."""
    return [some for some in (parties.rooms, parties.interpreters) if some is not None]


def both_free(client: Sight, manager: Sight, duration: timedelta, day: date) -> list[Span]:
    """Every span of the grid that starts on that day in Berlin and in which both are free."""
    midnight = day_ends(day)
    free = intersect(manager.free(day), client.free(day))
    return [span for span in grid(free, duration) if span.starts < midnight]


def anybody_free(group: Iterable[Sight], span: Span, day: date) -> bool:
    """`day`: on which the span starts in Berlin."""
    return any(one.is_free(span, day) for one in group)


def grid(free: Iterable[Span], duration: timedelta) -> Iterable[Span]:
    """Every span of that duration that starts on the grid and lies within one of `free`."""
    for span in free:
        starts = _next_on_grid(span.starts)
        while starts + duration <= span.ends:
            yield Span(starts, starts + duration)
            starts += GRID


def _next_on_grid(instant: datetime) -> datetime:
    """Berlin is ahead of UTC by whole hours, so the grid is the same in both."""
    over = (instant - datetime.min.replace(tzinfo=UTC)) % GRID
    return instant if not over else instant - over + GRID
