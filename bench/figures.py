"""Repeats and their spread."""

import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

REPEATS = 5


@dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))

    def __str__(self) -> str:
        return f"{self.median:.4g} ({self.least:.4g} to {self.most:.4g})"


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours to the bare one, pair by pair, since the machine's speed drifts."""

    name: str
    unit: str
    ours: Spread
    bare: Spread | None
    ratio: Spread | None
    reach: str
    """What the ratio (or the value, where nothing is compared) should reach."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


Run = Callable[[], Awaitable[float]]


async def compare(name: str, unit: str, reach: str, ours: Run, bare: Run, repeats: int = REPEATS) -> Figure:
    """Runs both in turn, after one run of each that does not count."""
    await ours()
    await bare()
    pairs = [(await ours(), await bare()) for _ in range(repeats)]
    return Figure(
        name,
        unit,
        Spread.of([mine for mine, _ in pairs]),
        Spread.of([theirs for _, theirs in pairs]),
        Spread.of([mine / theirs for mine, theirs in pairs]),
        reach,
    )
