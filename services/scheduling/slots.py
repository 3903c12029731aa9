"""The search for joint slots: pure, on calendars as they were read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from typing import NamedTuple
from uuid import UUID

from services.scheduling.rules import Rule
from services.scheduling.spans import Span, covers, intersect, merge, subtract
from services.scheduling.windows import BERLIN, Window, berlin_date

GRID = timedelta(minutes=30)
"""Slots start on the full and on the half hour."""
TRAVEL = timedelta(minutes=30)
"""Time to get from one place to another within the county (assumed)."""
CANDIDATES = 8
"""Most slots for which interpreters are ranked."""


class Busy(NamedTuple):
    span: Span
    place: str | None
    """Where it takes place, as a coded place; None: by phone or video, so nobody travels."""


@dataclass(frozen=True, slots=True)
class Calendar:
    resource_id: UUID
    windows: tuple[Window, ...] | None = ()
    """None: no weekly hours, always there unless busy (a client)."""
    absences: tuple[Span, ...] = ()
    busy: tuple[Busy, ...] = ()
    rules: tuple[Rule, ...] = ()

    def free(self, day: date, place: str | None) -> list[Span]:
        """When, on that day in Berlin, it can be somewhere else than where it is expected already."""
        if self.windows is None:
            midnight = datetime.combine(day, time(), UTC)
            there = [Span(midnight - timedelta(days=1), midnight + timedelta(days=2))]
        else:
            there = merge(self._there(day, self.windows))
        return subtract(there, [*self.absences, *(_with_travel(busy, place) for busy in self.busy)])

    def _there(self, day: date, windows: Iterable[Window]) -> Iterable[Span]:
        for window in windows:
            yield from window.on(day)
        for rule in self.rules:
            yield from rule.on(day)

    def is_free(self, span: Span, place: str | None) -> bool:
        return covers(self.free(berlin_date(span.starts), place), span)


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose calendars must have room. None: a room, or an interpreter, is not needed."""

    client: Calendar
    case_manager: Calendar
    rooms: Sequence[Calendar] | None
    interpreters: Sequence[Calendar] | None


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


def search(parties: Parties, talk: Talk, days: Iterable[date], speakers: frozenset[UUID] = frozenset()) -> Found:
    """At most `CANDIDATES` options, spread over the days, in order of time.

    Where there are spans with one of `speakers`, only those count; else any interpreter will do, since interpreter
    knows which languages may stand in for another.
    """
    joint = [joint_options(parties, talk, day) for day in days]
    if parties.interpreters is None:
        return Found(spread(joint, CANDIDATES), lacks_interpreter=False)
    everybody = frozenset(person.resource_id for person in parties.interpreters)
    options = spread(_with(speakers, joint), CANDIDATES) or spread(_with(everybody, joint), CANDIDATES)
    return Found(options, lacks_interpreter=any(joint) and not options)


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
    """Every span of the grid on that day in which client, case manager and, if needed, one room are free."""
    both = intersect(parties.case_manager.free(day, talk.place), parties.client.free(day, talk.place))
    rooms = None if parties.rooms is None else [room.free(day, talk.place) for room in parties.rooms]
    people = {person.resource_id: person.free(day, talk.place) for person in parties.interpreters or ()}
    return [
        Option(span, tuple(who for who, free in people.items() if covers(free, span)))
        for span in grid(both, talk.duration)
        if rooms is None or any(covers(free, span) for free in rooms)
    ]


def grid(free: Iterable[Span], duration: timedelta) -> Iterable[Span]:
    """Every span of that duration that starts on the grid and lies within one of `free`."""
    for span in free:
        starts = _next_on_grid(span.starts)
        while starts + duration <= span.ends:
            yield Span(starts, starts + duration)
            starts += GRID


def spread(by_day: Iterable[Sequence[Option]], most: int) -> list[Option]:
    """One of each day, morning and afternoon by turns, then a second one of each, until there are `most`."""
    days = enumerate(filter(None, by_day))
    rounds = zip_longest(*(_two_of(day, afternoon_first=bool(n % 2)) for n, day in days))
    chosen = [option for turn in rounds for option in turn if option]
    return sorted(chosen[:most])


def _two_of(day: Sequence[Option], *, afternoon_first: bool) -> list[Option]:
    """The first of the morning and the first of the afternoon, if they do not overlap."""
    late = [option.span.starts.astimezone(BERLIN).hour >= 12 for option in day]
    halves = [[o for o, is_late in zip(day, late, strict=True) if is_late is half] for half in (False, True)]
    firsts = [half[0] for half in (reversed(halves) if afternoon_first else halves) if half]
    return firsts if len(firsts) == 2 and not firsts[0].span.overlaps(firsts[1].span) else firsts[:1]


def _next_on_grid(instant: datetime) -> datetime:
    """Berlin is ahead of UTC by whole hours, so the grid is the same in both."""
    over = (instant - datetime.min.replace(tzinfo=UTC)) % GRID
    return instant if not over else instant - over + GRID


def _with_travel(busy: Busy, place: str | None) -> Span:
    if busy.place is None or place is None or busy.place == place:
        return busy.span
    return Span(busy.span.starts - TRAVEL, busy.span.ends + TRAVEL)
