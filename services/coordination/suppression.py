"""Small counts: what is under 5 is not published, nor what could be worked out from the rest."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

LEAST = 5
"""The smallest count that is published."""
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Counts(Generic[K]):
    shown: dict[K, int]
    """Largest first. A key that is missing has a hidden count, or none: which of the two cannot be told."""
    others: int | None
    """Sum of the hidden counts; None where it must stay hidden, and then the total does too."""
    total: int | None


def suppress(counts: Mapping[K, int]) -> Counts[K]:
    """Primary suppression, then complementary: the smallest counts shown are hidden until the sum hidden tells none.

    No count may be negative. The sum of the hidden is shown from 5 on; since it comes from counts under 5, or from
    such and a larger one, it is always that of several.
    """
    shown = sorted((item for item in counts.items() if item[1] >= LEAST), key=lambda item: item[1], reverse=True)
    hidden = sum(count for count in counts.values() if count < LEAST)
    if 0 < hidden < LEAST and shown:
        hidden += shown.pop()[1]
    if 0 < hidden < LEAST:
        return Counts(dict(shown), None, None)
    return Counts(dict(shown), hidden, hidden + sum(count for _, count in shown))
