"""Assignment of generated weeks, against greedy first-fit: unmet talks, cost, fairness, time. No servers are needed."""

import time
from collections import Counter
from collections.abc import Sequence

from bench.figures import REPEATS, Asked, Figure, Spread
from bench.weeks import week
from services.interpreter.assignment import Chosen, first_fit, optimal, total
from services.interpreter.costs import Supply, options

Size = tuple[int, int]
"""Talks, interpreters."""
SIZES: Sequence[Size] = ((60, 30), (300, 30), (1_000, 60), (2_000, 100), (2_000, 500))


async def assignment(sizes: Sequence[Size] = SIZES) -> list[Figure]:
    return [figure for size in sizes for figure in _measured(*size)]


def size(text: str) -> Size:
    """`2000x500`: talks x interpreters. Raises ValueError."""
    talks, _, interpreters = text.partition("x")
    given = int(talks), int(interpreters)
    if min(given) < 1:
        raise ValueError(text)
    return given


def _measured(requests: int, interpreters: int) -> list[Figure]:
    """A week of its own for each repeat. Ours is the plan, the bare one greedy; the ratio is theirs of a week."""
    runs = [_run(requests, interpreters, seed) for seed in range(REPEATS)]
    name = f"{requests} talks x {interpreters} interpreters"
    asked = (
        Asked(f"assignment, unmet, {name}", "talks", "at most 1"),
        Asked(f"assignment, cost, {name}", "points", "at most 1"),
        Asked(f"assignment, Gini of the work, {name}", "0 to 1", "lower is fairer"),
        Asked(f"assignment, time, {name}", "s", "under 5 s"),
    )
    return [
        Figure(
            each,
            Spread.of([ours[at] for ours, _ in runs]),
            Spread.of([bare[at] for _, bare in runs]),
            None if at == len(asked) - 1 else Spread.of([ours[at] / max(bare[at], 1e-9) for ours, bare in runs]),
            "assignment: Gini over the work of 90 days and the plan; greedy's time is in ours too",
        )
        for at, each in enumerate(asked)
    ]


def _run(requests: int, interpreters: int, seed: int) -> tuple[Sequence[float], Sequence[float]]:
    asked, people = week(requests, interpreters, seed)
    began = time.perf_counter()
    possible = options(asked, people)
    greedy = first_fit(possible, people)
    between = time.perf_counter()
    best = optimal(possible, requests, people)
    took = time.perf_counter() - began
    return (
        [*_quality(best, requests, people), took],
        [*_quality(greedy, requests, people), between - began],
    )


def _quality(chosen: Chosen, requests: int, people: Sequence[Supply]) -> list[float]:
    planned = Counter(option.supply for option in chosen.values())
    work = [supply.recent + planned[at] for at, supply in enumerate(people)]
    return [requests - len(chosen), total(chosen, requests, people), gini(work)]


def gini(values: Sequence[int]) -> float:
    """0: all have the same; towards 1: one has all."""
    ordered, all_of_it = sorted(values), sum(values)
    if not all_of_it:
        return 0.0
    weighted = sum(rank * value for rank, value in enumerate(ordered, start=1))
    return 2 * weighted / (len(ordered) * all_of_it) - (len(ordered) + 1) / len(ordered)
