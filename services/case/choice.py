"""Who gets a case: a pure choice that says for everybody why, or why not.

Nobody is chosen who is absent, works elsewhere, or has no room. Those who could are ranked by points; where they are
equal, by id, so that the same facts always give the same choice. All points are assumed, as no rule of Kreis Wesel
on them is public.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.case.manager import CaseManager
from shared.contracts.vocabulary import Topic

_CENT = Decimal("0.01")


class Obstacle(StrEnum):
    """Why somebody cannot have the case; the first that applies."""

    OTHER_MUNICIPALITY = "other_municipality"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    """Declared, or a token in common. Which of them is not told."""
    GIVES_IT_AWAY = "gives_it_away"
    ABSENT = "absent"
    AT_CAPACITY = "at_capacity"
    NOT_AVAILABLE = "not_available"
    """What colleagues are shown of a conflict of interest; see `for_colleagues`."""


class Reason(StrEnum):
    """What points are given for."""

    SPEAKS_LANGUAGE = "speaks_language"
    KNOWS_TOPICS = "knows_topics"
    HAS_ROOM = "has_room"


POINTS: Mapping[Reason, Decimal] = MappingProxyType(
    {
        Reason.SPEAKS_LANGUAGE: Decimal(4),  # less 5 % for each place down in the order of preference
        Reason.KNOWS_TOPICS: Decimal(2),  # times the share of the topics
        Reason.HAS_ROOM: Decimal(3),  # times the share of the capacity that is free
    }
)
"""The most that a reason can give. With equal topics, the language always comes before the room."""


class Need(NamedTuple):
    ags: str
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]
    """In the order of preference."""
    tokens: frozenset[str] = frozenset()
    """For conflicts of interest: of what, nobody can tell."""
    in_conflict: frozenset[UUID] = frozenset()
    """Case managers who have declared one."""
    gives_away: UUID | None = None


_UNTOLD = frozenset({Obstacle.CONFLICT_OF_INTEREST, Obstacle.ABSENT, Obstacle.AT_CAPACITY})


def for_colleagues(obstacle: Obstacle) -> Obstacle:
    """A conflict would tell of the participant's family, village or community. Absence and a lack of room look the
    same: otherwise it would be told by being the only one that is not.
    """
    return Obstacle.NOT_AVAILABLE if obstacle in _UNTOLD else obstacle


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Candidate(_Frozen):
    case_manager_id: UUID
    points: dict[Reason, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.points.values(), Decimal(0))


class Excluded(_Frozen):
    case_manager_id: UUID
    obstacle: Obstacle


class Choice(_Frozen):
    """Ids, codes and numbers that explain a choice."""

    ranked: tuple[Candidate, ...]
    """Those who could have the case, the chosen one first; empty: it waits."""
    excluded: tuple[Excluded, ...]
    named_by: UUID | None = None
    """The case manager who named a successor, so that nobody was ranked; None: it was chosen by points."""

    def as_shown(self) -> Self:
        """To whoever has the case."""
        shown = (each.model_copy(update={"obstacle": for_colleagues(each.obstacle)}) for each in self.excluded)
        return self.model_copy(update={"excluded": tuple(shown)})

    @property
    def chosen(self) -> UUID | None:
        return self.ranked[0].case_manager_id if self.ranked else None


def named(successor: UUID, by: UUID | None) -> Choice:
    """Nobody was compared with whom a case manager has named."""
    return Choice(ranked=(Candidate(case_manager_id=successor, points={}),), excluded=(), named_by=by)


def choose(need: Need, managers: Iterable[CaseManager], today: date) -> Choice:
    """The best of those who can. The order of `managers` does not matter."""
    looked_at = [(manager, _obstacle(need, manager, today)) for manager in managers]
    able = [Candidate(case_manager_id=m.id, points=_points(need, m)) for m, obstacle in looked_at if not obstacle]
    unable = [Excluded(case_manager_id=m.id, obstacle=obstacle) for m, obstacle in looked_at if obstacle]
    return Choice(
        ranked=tuple(sorted(able, key=lambda candidate: (-candidate.total, candidate.case_manager_id))),
        excluded=tuple(sorted(unable, key=lambda excluded: excluded.case_manager_id)),
    )


def with_room(managers: Iterable[CaseManager], today: date) -> frozenset[str]:
    """AGS of the municipalities in which somebody could have a case."""
    return frozenset(ags for m in managers for ags in m.municipalities if obstacle(ags, frozenset(), m, today) is None)


def _obstacle(need: Need, manager: CaseManager, today: date) -> Obstacle | None:
    if manager.id in need.in_conflict:
        return Obstacle.CONFLICT_OF_INTEREST
    found = obstacle(need.ags, need.tokens, manager, today)
    if manager.id == need.gives_away and found in {None, Obstacle.AT_CAPACITY}:
        return Obstacle.GIVES_IT_AWAY
    return found


def obstacle(ags: str, tokens: frozenset[str], manager: CaseManager, today: date) -> Obstacle | None:
    """What stands in the way of any case of the municipality with these tokens."""
    if ags not in manager.municipalities:
        return Obstacle.OTHER_MUNICIPALITY
    if not tokens.isdisjoint(manager.conflict_tokens):
        return Obstacle.CONFLICT_OF_INTEREST
    if manager.is_absent(today):
        return Obstacle.ABSENT
    return None if manager.has_room else Obstacle.AT_CAPACITY


def _points(need: Need, manager: CaseManager) -> dict[Reason, Decimal]:
    known = len(manager.topics.intersection(need.topics))
    share = {
        Reason.SPEAKS_LANGUAGE: _language(need, manager),
        Reason.KNOWS_TOPICS: Decimal(known) / max(len(need.topics), 1),
        Reason.HAS_ROOM: 1 - manager.load / manager.capacity,
    }
    return {
        reason: (most * share[reason]).quantize(_CENT, ROUND_HALF_EVEN)
        for reason, most in POINTS.items()
        if share[reason]
    }


def _language(need: Need, manager: CaseManager) -> Decimal:
    """Share for the most preferred language that they have in common; never under 80 %."""
    common = (place for place, tag in enumerate(need.languages) if tag in manager.languages)
    place = next(common, None)
    return Decimal(0) if place is None else 1 - Decimal("0.05") * min(place, 4)
