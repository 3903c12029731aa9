"""Why there is no joint slot, and what would give some. Pure, and in codes: nobody is named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.scheduling.slots import Option, Parties, Talk, joint_options
from services.scheduling.spans import Span


class Missing(StrEnum):
    """The first constraint, in this order, that leaves nothing."""

    CASE_MANAGER = "case_manager"
    """Never there for that long: hours, absence, or other talks."""
    CLIENT = "client"
    ROOM = "room"
    INTERPRETER = "interpreter"
    TRAVEL = "travel"
    """All would be there at once, if nobody had to get there from another place."""


class Change(StrEnum):
    """What could be given up. An interpreter who is needed never is."""

    BY_PHONE = "by_phone"
    """Neither a room nor travel."""
    SHORTER = "shorter"
    """Half as long."""
    LATER = "later"
    """The days after those that were searched."""


@dataclass(frozen=True, slots=True)
class Relief:
    """What one change alone would give: how many starts, at least 1, and the first of them."""

    change: Change
    slots: int
    first: Span


@dataclass(frozen=True, slots=True)
class Shortage:
    missing: Missing | None
    """None: there are slots."""
    reliefs: tuple[Relief, ...] = ()
    """In the order of `Change`; only what helps."""


def shortage(parties: Parties, talk: Talk, days: Sequence[date], later: Sequence[date]) -> Shortage:
    """Looks for the constraint that empties the search over `days`, and at each change by itself.

    `later`: the days that `Change.LATER` adds.
    """
    if _options(parties, talk, days):
        return Shortage(None)
    remote = replace(parties, rooms=None), Talk(talk.duration, None)
    tried = {
        Change.BY_PHONE: _options(*remote, days) if talk.place else [],
        Change.SHORTER: _options(parties, Talk(talk.duration / 2, talk.place), days),
        Change.LATER: _options(parties, talk, later),
    }
    reliefs = [Relief(change, len(found), found[0].span) for change, found in tried.items() if found]
    return Shortage(_missing(parties, talk, days), tuple(reliefs))


def _missing(parties: Parties, talk: Talk, days: Sequence[date]) -> Missing:
    """Adds one constraint after the other."""
    if _options(parties, Talk(talk.duration, None), days):
        return Missing.TRAVEL
    manager = replace(parties, client=parties.case_manager, rooms=None, interpreters=None)
    both = replace(manager, client=parties.client)
    steps = {
        Missing.CASE_MANAGER: manager,
        Missing.CLIENT: both,
        Missing.ROOM: replace(both, rooms=parties.rooms),
    }
    return next((step for step, some in steps.items() if not _options(some, talk, days)), Missing.INTERPRETER)


def _options(parties: Parties, talk: Talk, days: Sequence[date]) -> list[Option]:
    """Those to which somebody can come to interpret, where that is needed."""
    found = [option for day in days for option in joint_options(parties, talk, day)]
    return found if parties.interpreters is None else [option for option in found if option.interpreters]
