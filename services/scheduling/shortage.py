"""Why there is no joint slot, and what would give some. Pure, and in codes: nobody is named."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from services.scheduling.calendars import Calendar
from services.scheduling.slots import Parties, Talk, joint_spans
from services.scheduling.spans import Span
from services.scheduling.working_days import Days

SHORTEST = timedelta(minutes=15)
"""No talk is shorter."""


class Missing(StrEnum):
    """The first constraint, in this order, that leaves nothing."""

    CASE_MANAGER = "case_manager"
    CLIENT = "client"
    ROOM = "room"
    INTERPRETER = "interpreter"
    TRAVEL = "travel"
    """All would be there at once, if nobody had to get there from another place."""
    SUITABLE_INTERPRETER = "suitable_interpreter"
    """Interpreters are free; language, the pot's rules, wishes or their own answers leave none of them."""


class Cause(StrEnum):
    """Why whoever is missing is never there for that long, on the days that are searched."""

    NOBODY = "nobody"
    """There is none at all."""
    HOURS = "hours"
    """Not even if nothing were booked and nobody away."""
    ABSENCE = "absence"
    """They would be there, if they were not away, or busy in a calendar of their own."""
    BUSY = "busy"
    """They would be there, but for other talks."""


class Change(StrEnum):
    """What could be given up. An interpreter who is needed never is."""

    BY_PHONE = "by_phone"
    """Neither a room nor travel, so that interpreters from elsewhere can be asked too."""
    SHORTER = "shorter"
    """Half as long, in whole quarters of an hour."""
    EARLIER = "earlier"
    """Days before the lead time is over."""
    DAYS_OFF = "days_off"
    """Saturdays, Sundays and public holidays."""
    LATER = "later"
    """The days after those that were searched."""
    ELSEWHERE = "elsewhere"
    """A room of another municipality; instead of a visit at home also one of the same."""
    ANOTHER_CASE_MANAGER = "another_case_manager"
    """Whoever else may have cases of the municipality."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What one change alone would give: how many starts, at least 1, and the first of them."""

    change: Change
    slots: int
    first: Span
    ags: str | None = None
    """Elsewhere: where."""

    @classmethod
    def of(cls, change: Change, found: Sequence[Span], ags: str | None = None) -> list[Self]:
        """`found`: in order of time. Empty where there are none."""
        return [cls(change, len(found), found[0], ags)] if found else []


@dataclass(frozen=True, slots=True)
class Shortage:
    missing: Missing | None
    """None: there are slots."""
    cause: Cause | None = None
    reliefs: tuple[Relief, ...] = ()
    """In the order of `Change`; only what helps."""


_FIELD = MappingProxyType(
    {
        Missing.CASE_MANAGER: "case_manager",
        Missing.CLIENT: "client",
        Missing.ROOM: "rooms",
        Missing.INTERPRETER: "interpreters",
    }
)
"""Of Parties."""


_EASED: Mapping[Cause, Callable[[Calendar], Calendar]] = MappingProxyType(
    {
        Cause.BUSY: lambda calendar: replace(calendar, busy=()),
        Cause.ABSENCE: lambda calendar: replace(calendar, busy=(), absences=()),
    }
)
"""As if nothing of that kind stood in a calendar."""


def shortage(parties: Parties, talk: Talk, days: Days, by_phone: Sequence[Calendar] | None = None) -> Shortage:
    """Looks for the constraint that empties the search, and at each change by itself.

    `by_phone`: who could interpret if nobody had to travel; None: the same as else.
    """
    if joint_spans(parties, talk, days.searched):
        return Shortage(None)
    missing, cause = _missing(parties, talk, days.searched)
    return Shortage(missing, cause, tuple(_reliefs(parties, talk, days, by_phone)))


def _reliefs(parties: Parties, talk: Talk, days: Days, by_phone: Sequence[Calendar] | None) -> Iterable[Relief]:
    people = parties.interpreters if by_phone is None else by_phone
    remote = replace(parties, rooms=None, interpreters=people), Talk(talk.duration, None)
    half = max(talk.duration / 2 // SHORTEST, 1) * SHORTEST
    tried = {
        Change.BY_PHONE: joint_spans(*remote, days.searched) if talk.place else [],
        Change.SHORTER: joint_spans(parties, Talk(half, talk.place), days.searched) if half < talk.duration else [],
        Change.EARLIER: joint_spans(parties, talk, days.earlier),
        Change.DAYS_OFF: joint_spans(parties, talk, days.off),
        Change.LATER: joint_spans(parties, talk, days.later),
    }
    return (relief for change, found in tried.items() for relief in Relief.of(change, found))


def _missing(parties: Parties, talk: Talk, days: Sequence[date]) -> tuple[Missing, Cause | None]:
    """Adds one constraint after the other."""
    if joint_spans(parties, Talk(talk.duration, None), days):
        return Missing.TRAVEL, None
    nobody = replace(parties, client=replace(parties.client, busy=()), rooms=None, interpreters=None)
    both = replace(nobody, client=parties.client)
    steps = {
        Missing.CASE_MANAGER: nobody,
        Missing.CLIENT: both,
        Missing.ROOM: replace(both, rooms=parties.rooms),
        Missing.INTERPRETER: parties,
    }
    missing, some = next((step, some) for step, some in steps.items() if not joint_spans(some, talk, days))
    return missing, _cause(missing, some, talk, days)


def _cause(missing: Missing, some: Parties, talk: Talk, days: Sequence[date]) -> Cause:
    """What would have to be lifted so that those who are missing come."""
    if not getattr(some, _FIELD[missing]):
        return Cause.NOBODY
    return next(
        (cause for cause, ease in _EASED.items() if joint_spans(_eased(some, missing, ease), talk, days)), Cause.HOURS
    )


def _eased(some: Parties, missing: Missing, ease: Callable[[Calendar], Calendar]) -> Parties:
    who = getattr(some, _FIELD[missing])
    changes: dict[str, Any] = {_FIELD[missing]: ease(who) if isinstance(who, Calendar) else list(map(ease, who))}
    return replace(some, **changes)
