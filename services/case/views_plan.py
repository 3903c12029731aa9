"""What the API takes and shows of plans and assessments."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.case.assessment import Assessment, Rating, changes
from services.case.case import Talk
from services.case.commands_plan import StepWish
from services.case.plan import Goal, GoalKind, Plan, Step, StepKind, StepState
from services.case.store_managers import Uncovered
from services.case.store_plan import Task
from services.case.views import TalkView
from shared.bodies import Body
from shared.contracts.vocabulary import StepOwner, Topic


class GoalInput(Body):
    area: Topic
    kind: GoalKind


class ProgressInput(Body):
    progress: Annotated[int, Field(ge=0, le=100)]
    """Percent; 100: reached."""
    is_dropped: bool = False


class StepInput(Body):
    goal_id: UUID
    kind: StepKind
    owner: StepOwner
    due_on: date

    @property
    def wish(self) -> StepWish:
        return StepWish(self.goal_id, self.kind, self.owner, self.due_on)


class StepStateInput(Body):
    state: StepState


class GoalView(BaseModel):
    goal_id: UUID
    area: Topic
    kind: GoalKind
    agreed_on: date
    progress: int
    is_dropped: bool

    @classmethod
    def of(cls, goal: Goal) -> Self:
        return cls.model_validate(goal, from_attributes=True)


class StepView(BaseModel):
    step_id: UUID
    goal_id: UUID
    kind: StepKind
    owner: StepOwner
    due_on: date
    state: StepState
    settled_on: date | None

    @classmethod
    def of(cls, step: Step) -> Self:
        return cls.model_validate(step, from_attributes=True)


class PlanView(BaseModel):
    goals: list[GoalView]
    steps: list[StepView]
    """The first due first."""

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(goals=list(map(GoalView.of, plan.goals)), steps=list(map(StepView.of, plan.steps)))


class TaskView(BaseModel):
    """One of four: a step that is open, a talk to which the participant did not come and after which none was asked
    for, a consent to counselling that is nearly over, or a case whose case manager the caller supervises and is absent.
    """

    case_id: UUID
    step: StepView | None = None
    missed_talk: TalkView | None = None
    consent_until: date | None = None
    """Last day of the consent to counselling: without a new one the case is closed then."""
    uncovered_since: date | None = None
    """First day of the absence."""
    is_overdue: bool

    @classmethod
    def of(cls, task: Task, today: date) -> Self:
        return cls(case_id=task.case_id, step=StepView.of(task.step), is_overdue=task.step.is_overdue(today))

    @classmethod
    def of_consent(cls, case_id: UUID, until: date) -> Self:
        return cls(case_id=case_id, consent_until=until, is_overdue=False)

    @classmethod
    def of_uncovered(cls, found: Uncovered) -> Self:
        return cls(case_id=found.id, uncovered_since=found.absent_from, is_overdue=False)

    @classmethod
    def of_missed(cls, case_id: UUID, talk: Talk) -> Self:
        return cls(case_id=case_id, missed_talk=TalkView.of(talk), is_overdue=False)


class AssessmentInput(Body):
    ratings: Annotated[dict[Topic, Annotated[int, Field(ge=1, le=5)]], Field(min_length=1)]
    """Life area -> value, from 1 (acute) to 5 (stable)."""

    @property
    def values(self) -> dict[Topic, Rating]:
        return {area: Rating(value) for area, value in self.ratings.items()}


class AssessmentView(BaseModel):
    assessment_id: UUID
    assessed_on: date
    ratings: dict[Topic, int]

    @classmethod
    def of(cls, made: Assessment) -> Self:
        ratings = {area: int(value) for area, value in made.ratings.items()}
        return cls(assessment_id=made.assessment_id, assessed_on=made.assessed_on, ratings=ratings)


class ChangeView(BaseModel):
    area: Topic
    first: int
    latest: int
    by: int
    """Above 0: better than at first."""


class AssessmentsView(BaseModel):
    assessments: list[AssessmentView]
    """The oldest first."""
    changes: list[ChangeView]

    @classmethod
    def of(cls, made: list[Assessment]) -> Self:
        shown = [ChangeView(area=c.area, first=c.first, latest=c.latest, by=c.by) for c in changes(made)]
        return cls(assessments=list(map(AssessmentView.of, made)), changes=shown)
