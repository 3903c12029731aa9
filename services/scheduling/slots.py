"""The search for joint slots: pure, on calendars as they were read."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import zip_longest
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from services.scheduling.calendars import Calendar, Sight
from services.scheduling.spans import Span, intersect
from services.scheduling.ways import Ways
from services.scheduling.windows import BERLIN, day_ends

GRID = timedelta(minutes=30)
"""Slots start on the full and on the half hour."""
CANDIDATES = 8
"""Most slots for which interpreters are ranked."""


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose calendars must have room. None: a room, or an interpreter, is not needed."""

    client: Calendar
    case_manager: Calendar
    rooms: Sequence[Calendar] | None
    interpreters: Sequence[Calendar] | None


@dataclass(frozen=True, slots=True)
class Sights:
    """The same parties, as seen from the place of the talk."""

    client: Sight
    case_manager: Sight
    rooms: Sequence[Sight] | None
    interpreters: Sequence[Sight]

    @classmethod
    def of(cls, parties: Parties, place: str | None) -> "Sights":
        return cls(
            Sight(parties.client, place),
            Sight(parties.case_manager, place),
            None if parties.rooms is None else [Sight(room, place) for room in parties.rooms],
            [Sight(person, place) for person in parties.interpreters or ()],
        )


@dataclass(frozen=True, slots=True)
class Talk:
    duration: timedelta
    place: str | None


class Option(NamedTuple):
    """A span in which all can be there, and everybody who is free to interpret."""

    span: Span
    interpreters: tuple[UUID, ...]


class Found(NamedTuple):
    options: list[Option]
    lacks_interpreter: bool
    """There were joint spans, and for none of them an interpreter."""


def search(
    parties: Parties,
    talk: Talk,
    days: Iterable[date],
    speakers: frozenset[UUID] = frozenset(),
    familiar: frozenset[UUID] = frozenset(),
) -> Found:
    """At most `CANDIDATES` options, spread over the days, in order of time.

    Where there are spans with one of `speakers`, only those count; else any interpreter will do, since interpreter
    knows which languages may stand in for another. Of the spans of half a day, one with an interpreter who is
    `familiar` is best, then the one for which client and case manager travel least, then the earliest.
    """
    seen = Sights.of(parties, talk.place)
    joint = [_joint(seen, talk.duration, day) for day in days]
    best = _Preference([Ways(parties.client, talk.place), Ways(parties.case_manager, talk.place)], familiar)
    if parties.interpreters is None:
        return Found(spread(joint, CANDIDATES, best), lacks_interpreter=False)
    everybody = frozenset(person.resource_id for person in parties.interpreters)
    options = spread(_with(speakers, joint), CANDIDATES, best) or spread(_with(everybody, joint), CANDIDATES, best)
    return Found(options, lacks_interpreter=any(joint) and not options)


@dataclass(frozen=True, slots=True)
class _Preference:
    travelling: Sequence[Ways]
    familiar: frozenset[UUID]

    def __call__(self, option: Option) -> tuple[bool, int, Span]:
        trips = sum(ways.trips(option.span) for ways in self.travelling)
        return self.familiar.isdisjoint(option.interpreters), trips, option.span


def _with(people: frozenset[UUID], joint: Iterable[Iterable[Option]]) -> list[list[Option]]:
    return [[option for option in day if not people.isdisjoint(option.interpreters)] for day in joint]


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
    return _joint(Sights.of(parties, talk.place), talk.duration, day)


def _joint(seen: Sights, duration: timedelta, day: date) -> list[Option]:
    """Interpreters are looked at last, and only for the few spans that the others leave."""
    midnight = day_ends(day)
    spans = [
        span
        for span in grid(intersect(seen.case_manager.free(day), seen.client.free(day)), duration)
        if span.starts < midnight
        if seen.rooms is None or any(room.is_free(span, day) for room in seen.rooms)
    ]
    return [
        Option(span, tuple(who.resource_id for who in seen.interpreters if who.is_free(span, day))) for span in spans
    ]


def grid(free: Iterable[Span], duration: timedelta) -> Iterable[Span]:
    """Every span of that duration that starts on the grid and lies within one of `free`."""
    for span in free:
        starts = _next_on_grid(span.starts)
        while starts + duration <= span.ends:
            yield Span(starts, starts + duration)
            starts += GRID


def spread(
    by_day: Iterable[Sequence[Option]], most: int, key: Callable[[Option], Any] = attrgetter("span")
) -> list[Option]:
    """One of each day, morning and afternoon by turns, then a second one of each, until there are `most`.

    Of a half day the one with the least `key` counts.
    """
    days = enumerate(filter(None, by_day))
    rounds = zip_longest(*(_two_of(day, key, afternoon_first=bool(n % 2)) for n, day in days))
    chosen = [option for turn in rounds for option in turn if option]
    return sorted(chosen[:most])


def _two_of(day: Sequence[Option], key: Callable[[Option], Any], *, afternoon_first: bool) -> list[Option]:
    """The best of the morning and the best of the afternoon, if they do not overlap."""
    late = [option.span.starts.astimezone(BERLIN).hour >= 12 for option in day]
    halves = [[o for o, is_late in zip(day, late, strict=True) if is_late is half] for half in (False, True)]
    bests = [min(half, key=key) for half in (reversed(halves) if afternoon_first else halves) if half]
    return bests if len(bests) == 2 and not bests[0].span.overlaps(bests[1].span) else bests[:1]


def _next_on_grid(instant: datetime) -> datetime:
    """Berlin is ahead of UTC by whole hours, so the grid is the same in both."""
    over = (instant - datetime.min.replace(tzinfo=UTC)) % GRID
    return instant if not over else instant - over + GRID
