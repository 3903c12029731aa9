"""Small counts: what is under 5 is not published, nor what could be worked out from the rest."""

from collections.abc import Hashable, Mapping, Sequence
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

    No count may be negative. Equal counts are hidden together, so that their order tells nothing. Zeros that are
    given count as known to the reader, who then knows how many are hidden.
    """
    shown = {key: count for key, count in counts.items() if count >= LEAST}
    hidden = [count for count in counts.values() if count < LEAST]
    while shown and _tells(hidden):
        smallest = min(shown.values())
        hidden += [count for count in shown.values() if count == smallest]
        shown = {key: count for key, count in shown.items() if count > smallest}
    if _tells(hidden):
        return Counts({}, None, None)
    others = sum(hidden)
    largest_first = sorted(shown.items(), key=lambda item: item[1], reverse=True)
    return Counts(dict(largest_first), others, others + sum(shown.values()))


def _tells(hidden: Sequence[int]) -> bool:
    """Whether the sum would be a small count itself, or be the largest that so many small counts can have."""
    return 0 < sum(hidden) < LEAST or (bool(hidden) and min(hidden) == max(hidden) == LEAST - 1)
