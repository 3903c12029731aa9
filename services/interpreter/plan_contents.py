"""What a plan of many talks says of each: the choice with its costs and its runner-up, or why it is unmet. Pure.

Apart from the search, so that the service that runs all the time can show a plan without carrying the solver.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from services.interpreter.costs import Cost, CostReason
from services.interpreter.ranking import Refusal


class Stage(StrEnum):
    """What the search is at, in this order."""

    WAITING = "waiting"
    READING = "reading"
    WEIGHING = "weighing"
    EXCHANGING = "exchanging"
    SOLVING = "solving"
    EXPLAINING = "explaining"
    DONE = "done"


Tell: TypeAlias = Callable[[Stage, float], None]
"""Hears the stage, and how much of it is done: from 0 to 1."""


def silent(_stage: Stage, _share: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, slots=True)
class RunnerUp:
    interpreter_id: UUID
    slot_id: UUID
    costs: tuple[Cost, ...]
    needed_for: tuple[UUID, ...]
    """The requests that the plan gives them at that time, where it does."""

    @property
    def cost(self) -> int:
        return sum(cost.points for cost in self.costs)


@dataclass(frozen=True, slots=True)
class Choice:
    request_id: UUID
    slot_id: UUID
    interpreter_id: UUID
    language: str
    costs: tuple[Cost, ...]
    """Fairness: what their last assignment in the plan costs."""
    runner_up: RunnerUp | None

    @property
    def cost(self) -> int:
        return sum(cost.points for cost in self.costs)


@dataclass(frozen=True, slots=True)
class Unmet:
    request_id: UUID
    needed_elsewhere: int
    """Interpreters who could have come, but are planned for others then."""
    refusals: Mapping[Refusal, int]
    """Rule -> interpreters whom it keeps out, in all of the request's slots."""


@dataclass(frozen=True, slots=True)
class Plan:
    choices: tuple[Choice, ...]
    unmet: tuple[Unmet, ...]
    cost: int


def advantages(choice: Choice) -> Mapping[CostReason, int]:
    """Reason -> points by which the runner-up costs more; fewer where it costs less. Nothing where there is none."""
    if choice.runner_up is None:
        return {}
    more = Counter({cost.reason: cost.points for cost in choice.runner_up.costs})
    more.subtract({cost.reason: cost.points for cost in choice.costs})
    return {reason: points for reason, points in sorted(more.items(), key=lambda each: -each[1]) if points}
