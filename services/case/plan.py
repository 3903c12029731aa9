"""The plan (Hilfeplan): goals with progress, and their steps with an owner and a due date. Codes, never free text.

No step without its goal, and no goal before the situation was assessed: house rules, in the order of the phases.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Self
from uuid import UUID

from services.case import refusals
from services.case.case import Case, ClosingReason, Ending
from shared.contracts.vocabulary import Phase, Reminder, StepOwner, Topic

PHASES = frozenset({Phase.PLANNING, Phase.LINKING})
"""In which plans are made."""
NOTICE = timedelta(days=3)
"""How long before it is due somebody is reminded of a step; assumed."""


class GoalKind(StrEnum):
    """What is to become of a life area."""

    OBTAIN = "obtain"
    KEEP = "keep"
    IMPROVE = "improve"
    FIND_ORIENTATION = "find_orientation"


class StepKind(StrEnum):
    APPLY = "apply"
    GATHER_DOCUMENTS = "gather_documents"
    MAKE_APPOINTMENT = "make_appointment"
    REGISTER = "register"
    ATTEND = "attend"
    GET_INFORMATION = "get_information"
    ACCOMPANY = "accompany"


class StepState(StrEnum):
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Goal:
    goal_id: UUID
    area: Topic
    kind: GoalKind
    agreed_on: date
    progress: int = 0
    """Percent; 100: reached."""
    is_dropped: bool = False

    @property
    def is_open(self) -> bool:
        return self.progress < 100 and not self.is_dropped


@dataclass(frozen=True, slots=True)
class Step:
    step_id: UUID
    goal_id: UUID
    kind: StepKind
    owner: StepOwner
    due_on: date
    state: StepState = StepState.OPEN
    settled_on: date | None = None

    def is_overdue(self, today: date) -> bool:
        return self.state is StepState.OPEN and self.due_on < today


@dataclass(frozen=True, slots=True)
class Plan:
    goals: tuple[Goal, ...] = ()
    steps: tuple[Step, ...] = ()

    def goal(self, goal_id: UUID) -> Goal | None:
        return next((goal for goal in self.goals if goal.goal_id == goal_id), None)

    def areas(self, goal_id: UUID) -> tuple[Topic, ...]:
        """The life area of the goal; none where there is no such goal."""
        return tuple(goal.area for goal in self.goals if goal.goal_id == goal_id)

    def within(self, areas: Collection[Topic]) -> Self:
        """The goals of these life areas alone, with their steps."""
        goals = tuple(goal for goal in self.goals if goal.area in areas)
        kept = {goal.goal_id for goal in goals}
        return replace(self, goals=goals, steps=tuple(step for step in self.steps if step.goal_id in kept))


def agree(case: Case, goal: Goal) -> Goal:
    """Raises CaseIsClosed, PlanTooEarly."""
    _check_phase(case)
    return goal


def progress(case: Case, goal: Goal, percent: int, *, drop: bool) -> Goal:
    """A goal that was reached or dropped can be taken up again. Raises CaseIsClosed, PlanTooEarly."""
    _check_phase(case)
    return replace(goal, progress=percent, is_dropped=drop)


def add_step(case: Case, plan: Plan, step: Step, today: date) -> Step:
    """Raises CaseIsClosed, PlanTooEarly, StepBeforeGoal, GoalIsOver, DueInThePast."""
    _check_phase(case)
    goal = plan.goal(step.goal_id)
    if goal is None:
        raise refusals.StepBeforeGoal("goal_id")
    if not goal.is_open:
        raise refusals.GoalIsOver("goal_id")
    if step.due_on < today:
        raise refusals.DueInThePast("due_on")
    return step


def settle(case: Case, step: Step, state: StepState, today: date) -> Step:
    """Also opens it again. Raises CaseIsClosed, PlanTooEarly."""
    _check_phase(case)
    return replace(step, state=state, settled_on=None if state is StepState.OPEN else today)


def check_ending(plan: Plan, ending: Ending | None) -> None:
    """Raises GoalsStillOpen."""
    if ending and ending.reason is ClosingReason.GOALS_REACHED and any(goal.is_open for goal in plan.goals):
        raise refusals.GoalsStillOpen("reason")


def reminders(step: Step, today: date) -> list[tuple[Reminder, date]]:
    """When to remind of an open step; nobody is reminded of what they have only just agreed to."""
    if step.state is not StepState.OPEN:
        return []
    due = [(Reminder.DUE_SOON, step.due_on - NOTICE), (Reminder.OVERDUE, step.due_on + timedelta(days=1))]
    return [(reminder, on) for reminder, on in due if on > today]


def _check_phase(case: Case) -> None:
    if case.is_closed:
        raise refusals.CaseIsClosed
    if case.phase not in PHASES:
        raise refusals.PlanTooEarly("phase")
