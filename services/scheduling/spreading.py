"""Which of many possible slots are looked at: spread over days and halves of days, the best of each. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from operator import attrgetter
from typing import Any
from uuid import UUID

from services.scheduling.slots import Option
from services.scheduling.spans import Span
from services.scheduling.ways import Ways
from services.scheduling.windows import BERLIN

Key = Callable[[Option], Any]


@dataclass(frozen=True, slots=True)
class Preference:
    """Less is better: an interpreter who knows the case, then little travel, then an early start."""

    travelling: Sequence[Ways]
    familiar: frozenset[UUID]

    def __call__(self, option: Option) -> tuple[bool, int, Span]:
        trips = sum(ways.trips(option.span) for ways in self.travelling)
        return self.familiar.isdisjoint(option.interpreters), trips, option.span


def spread(by_day: Iterable[Sequence[Option]], most: int, key: Key = attrgetter("span")) -> list[Option]:
    """One of each day, morning and afternoon by turns, then a second one of each, until there are `most`.

    Of a half day the one with the least `key` counts.
    """
    days = enumerate(filter(None, by_day))
    rounds = zip_longest(*(_two_of(day, key, afternoon_first=bool(n % 2)) for n, day in days))
    chosen = [option for turn in rounds for option in turn if option]
    return sorted(chosen[:most])


def _two_of(day: Sequence[Option], key: Key, *, afternoon_first: bool) -> list[Option]:
    """The best of the morning and the best of the afternoon, if they do not overlap."""
    late = [option.span.starts.astimezone(BERLIN).hour >= 12 for option in day]
    halves = [[o for o, is_late in zip(day, late, strict=True) if is_late is half] for half in (False, True)]
    bests = [min(half, key=key) for half in (reversed(halves) if afternoon_first else halves) if half]
    return bests if len(bests) == 2 and not bests[0].span.overlaps(bests[1].span) else bests[:1]
