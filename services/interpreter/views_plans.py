"""Plans as the API takes and shows them: ids and coded reasons."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field

from services.interpreter.costs import Cost, CostReason
from services.interpreter.offers import berlin_date
from services.interpreter.plan_contents import Choice, RunnerUp, Stage, Unmet, advantages
from services.interpreter.plan_refusals import Change, Changed, ScopeUnclear
from services.interpreter.plans import AssignmentPlan, Fault, PlanState, Scope
from services.interpreter.ranking import Refusal
from shared.bodies import Body
from shared.contracts.vocabulary import LanguageTag
from shared.municipalities import KnownAgs


class Pool(StrEnum):
    KREIS_WESEL = "kreis-wesel"
    """All interpreters of the county, and all its open requests."""


class PlanBody(Body):
    """Either `municipality` or `pool`; the days are those of Berlin, the last one included."""

    first_day: Annotated[date, Field(alias="from")]
    last_day: Annotated[date, Field(alias="to")]
    municipality: KnownAgs | None = None
    pool: Pool | None = None

    @property
    def scope(self) -> Scope:
        """Raises ScopeUnclear."""
        if (self.municipality is None) == (self.pool is None):
            raise ScopeUnclear("municipality")
        return Scope(self.first_day, self.last_day, self.municipality)


class ShownState(StrEnum):
    COMPUTING = "computing"
    READY = "ready"
    STALE = "stale"
    """Ready once; what has changed since stands in `changes`."""
    ADOPTED = "adopted"
    FAILED = "failed"


class Withheld(StrEnum):
    """What a coordinating office is told in place of what the talk needs (`plan_disclosure.py`)."""

    SUITABILITY = "suitability"
    NOT_SUITABLE = "not_suitable"


ShownCost: TypeAlias = CostReason | Withheld
ShownRule: TypeAlias = Refusal | Withheld


class CostView(BaseModel):
    reason: ShownCost
    points: int
    """One is worth a Euro of fee."""

    @classmethod
    def all(cls, costs: Sequence[Cost]) -> list[Self]:
        return [cls(reason=cost.reason, points=cost.points) for cost in costs]


class RunnerUpView(BaseModel):
    """Who would have come otherwise. They cost more, or are needed for another talk of the plan at that time."""

    interpreter_id: UUID
    slot_id: UUID
    cost: int
    costs: list[CostView]
    costs_more: Mapping[ShownCost, int]
    """Reason -> points by which they cost more than the choice; less than 0 where they cost less."""
    needed_for: list[UUID]
    """Requests for which the plan has them instead."""

    @classmethod
    def of(cls, choice: Choice, second: RunnerUp) -> Self:
        return cls(
            interpreter_id=second.interpreter_id,
            slot_id=second.slot_id,
            cost=second.cost,
            costs=CostView.all(second.costs),
            costs_more=advantages(choice),
            needed_for=list(second.needed_for),
        )


class ChoiceView(BaseModel):
    request_id: UUID
    """Of the booking."""
    slot_id: UUID
    starts_at: datetime | None
    """None where the request is over, so that it is not kept here any more."""
    ends_at: datetime | None
    day: date | None
    interpreter_id: UUID
    language: LanguageTag | None
    """What is interpreted. It and the times are withheld from a coordinating office."""
    cost: int
    costs: list[CostView]
    runner_up: RunnerUpView | None

    @classmethod
    def of(cls, choice: Choice, span: tuple[datetime, datetime] | None) -> Self:
        starts_at, ends_at = span or (None, None)
        return cls(
            request_id=choice.request_id,
            slot_id=choice.slot_id,
            starts_at=starts_at,
            ends_at=ends_at,
            day=starts_at and berlin_date(starts_at),
            interpreter_id=choice.interpreter_id,
            language=choice.language,
            cost=choice.cost,
            costs=CostView.all(choice.costs),
            runner_up=RunnerUpView.of(choice, choice.runner_up) if choice.runner_up else None,
        )


class UnmetView(BaseModel):
    request_id: UUID
    needed_elsewhere: int
    """Interpreters who could have come, but are planned for others then."""
    refusals: Mapping[ShownRule, int]
    """Hard rule -> interpreters whom it keeps out of every slot."""

    @classmethod
    def of(cls, unmet: Unmet) -> Self:
        return cls(request_id=unmet.request_id, needed_elsewhere=unmet.needed_elsewhere, refusals=dict(unmet.refusals))


class ChangeView(BaseModel):
    request_id: UUID
    what: Changed
    interpreter_id: UUID | None
    rules: list[ShownRule]


class PlanSummary(BaseModel):
    plan_id: UUID
    state: PlanState
    version: int
    """The ETag: what If-Match must hold, in double quotes."""
    first_day: Annotated[date, Field(serialization_alias="from")]
    last_day: Annotated[date, Field(serialization_alias="to")]
    municipality: str | None
    pool: Pool | None
    stage: Stage
    percent: int
    requested_at: datetime
    adopted_at: datetime | None
    fault: Fault | None
    cost: int | None
    """Of the whole plan; a talk without interpreter counts 10,000."""

    @classmethod
    def of(cls, plan: AssignmentPlan) -> Self:
        return cls(
            plan_id=plan.id,
            state=plan.state,
            version=plan.version,
            first_day=plan.scope.first_day,
            last_day=plan.scope.last_day,
            municipality=plan.scope.ags,
            pool=None if plan.scope.ags else Pool.KREIS_WESEL,
            stage=plan.stage,
            percent=plan.percent,
            requested_at=plan.requested_at,
            adopted_at=plan.adopted_at,
            fault=plan.fault,
            cost=plan.cost,
        )


class PlanView(PlanSummary):
    state: ShownState  # type: ignore[assignment]  # one more than is stored
    choices: list[ChoiceView]
    unmet: list[UnmetView]
    changes: list[ChangeView]

    @classmethod
    def whole(
        cls,
        plan: AssignmentPlan,
        outcomes: Sequence[Choice | Unmet],
        spans: Mapping[UUID, tuple[datetime, datetime]],
        changes: Sequence[Change],
    ) -> Self:
        """`spans`: slot -> when it is. `changes`: why it is stale."""
        state = ShownState.STALE if changes else ShownState(plan.state)
        return cls(
            **PlanSummary.of(plan).model_dump(exclude={"state"}),
            state=state,
            choices=[ChoiceView.of(each, spans.get(each.slot_id)) for each in outcomes if isinstance(each, Choice)],
            unmet=[UnmetView.of(each) for each in outcomes if isinstance(each, Unmet)],
            changes=[
                ChangeView(
                    request_id=each.request_id,
                    what=each.what,
                    interpreter_id=each.interpreter_id,
                    rules=list(each.rules),
                )
                for each in changes
            ],
        )
