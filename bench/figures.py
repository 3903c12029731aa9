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
class Asked:
    """What is measured: its name, its unit, and what the ratio (or the value, where nothing is compared) should be."""

    name: str
    unit: str
    reach: str


@dataclass(frozen=True)
class Figure:
    """`ratio` is ours to the bare one, pair by pair, since the machine's speed drifts."""

    asked: Asked
    ours: Spread
    bare: Spread | None = None
    ratio: Spread | None = None
    detail: str = ""
    """What is in it, such as the hops crossed."""

    def as_json(self) -> dict[str, Any]:
        fields = asdict(self)
        return {**fields.pop("asked"), **fields}


Run = Callable[[], Awaitable[Sequence[float]]]
"""One measurement: a value for each figure that is taken from it."""


async def compare(asked: Sequence[Asked], ours: Run, bare: Run, detail: str = "") -> list[Figure]:
    """Runs both in turn, after one run of each that does not count."""
    await ours()
    await bare()
    pairs = [(await ours(), await bare()) for _ in range(REPEATS)]
    return [
        Figure(
            each,
            Spread.of([mine[at] for mine, _ in pairs]),
            Spread.of([theirs[at] for _, theirs in pairs]),
            Spread.of([mine[at] / theirs[at] for mine, theirs in pairs]),
            detail,
        )
        for at, each in enumerate(asked)
    ]


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p99, in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000
