"""A plan of who interprets what is open: asked for, computed outside of the request, adopted as a whole or not at all.

    computing -> ready -> adopted
              -> failed

Stale is a plan that is ready while something of it has changed (`freshness.py`): it is looked at, never stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.interpreter.offers import berlin_date
from services.interpreter.plan_contents import Stage
from services.interpreter.plan_refusals import (
    DaysUpsideDown,
    PlanFailed,
    PlanNotReady,
    TooLateToPlan,
    VersionOutdated,
)
from shared.contracts.base import Event
from shared.contracts.interpreter import CandidatesReordered, ReorderedSlot

LONGEST = timedelta(days=31)
KEPT = timedelta(days=30)
"""After its last day, so that a complaint about who was asked can be answered (assumed)."""
MOST_ATTEMPTS = 3


class PlanState(StrEnum):
    COMPUTING = "computing"
    READY = "ready"
    ADOPTED = "adopted"
    FAILED = "failed"


class Fault(StrEnum):
    TIME_LIMIT = "time_limit"
    WORKER_FAILED = "worker_failed"
    INTERRUPTED = "interrupted"
    """The service ended again and again while it was computed."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Talks that begin on these days in Berlin, the last one included."""

    first_day: date
    last_day: date
    ags: str | None
    """None: of the whole county, whose interpreters are one pool."""

    def holds(self, starts_at: datetime) -> bool:
        return self.first_day <= berlin_date(starts_at) <= self.last_day


class Progress(NamedTuple):
    stage: Stage
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentPlan:
    id: UUID
    scope: Scope
    state: PlanState = PlanState.COMPUTING
    version: int = 1
    """Counts the states; the ETag."""
    stage: Stage = Stage.WAITING
    percent: int = 0
    attempts: int = 0
    due_at: datetime
    """While it is computed: when somebody else may take it up."""
    requested_at: datetime
    read_at: datetime | None = None
    """The state of things on which it stands."""
    adopted_at: datetime | None = None
    fault: Fault | None = None
    cost: int | None = None

    @property
    def is_computing(self) -> bool:
        return self.state is PlanState.COMPUTING

    @property
    def forget_on(self) -> date:
        return self.scope.last_day + KEPT


def request(id: UUID, scope: Scope, at: datetime) -> AssignmentPlan:
    """Raises DaysUpsideDown, TooLateToPlan."""
    if not scope.first_day <= scope.last_day < scope.first_day + LONGEST:
        raise DaysUpsideDown("to")
    if scope.last_day < berlin_date(at):
        raise TooLateToPlan("to")
    return AssignmentPlan(id=id, scope=scope, due_at=at, requested_at=at)


def claim(plan: AssignmentPlan, at: datetime, until: datetime) -> AssignmentPlan:
    """Somebody computes it by what is known at `at`, and is to be heard of before `until`.

    Tried too often, it has failed.
    """
    if plan.attempts >= MOST_ATTEMPTS:
        return failed(plan, Fault.INTERRUPTED)
    return replace(plan, attempts=plan.attempts + 1, due_at=until, read_at=at)


def go_on(plan: AssignmentPlan, progress: Progress, until: datetime) -> AssignmentPlan:
    """It never goes back within one attempt."""
    return replace(plan, stage=progress.stage, percent=max(plan.percent, progress.percent), due_at=until)


def again(plan: AssignmentPlan, at: datetime) -> AssignmentPlan:
    """It is to be computed anew."""
    return replace(plan, stage=Stage.WAITING, percent=0, due_at=at)


def computed(plan: AssignmentPlan, cost: int) -> AssignmentPlan:
    return replace(plan, state=PlanState.READY, version=plan.version + 1, stage=Stage.DONE, percent=100, cost=cost)


def failed(plan: AssignmentPlan, fault: Fault) -> AssignmentPlan:
    return replace(plan, state=PlanState.FAILED, version=plan.version + 1, fault=fault)


def adopt(plan: AssignmentPlan, version: int, at: datetime) -> AssignmentPlan:
    """Again, with the version that it has by then, is the same.

    Raises VersionOutdated, PlanNotReady, PlanFailed.
    """
    if plan.version != version:
        raise VersionOutdated(plan.version)
    if plan.state is PlanState.FAILED:
        raise PlanFailed
    if plan.state is PlanState.COMPUTING:
        raise PlanNotReady
    if plan.state is PlanState.ADOPTED:
        return plan
    return replace(plan, state=PlanState.ADOPTED, version=plan.version + 1, adopted_at=at)


def reordered(
    plan: AssignmentPlan, booking_id: UUID, enquiry_id: UUID, slots: Sequence[ReorderedSlot], at: datetime
) -> list[Event]:
    """What scheduling is told of one request of an adopted plan."""
    told = CandidatesReordered(
        booking_id=booking_id,
        enquiry_id=enquiry_id,
        plan_id=plan.id,
        slots=list(slots),
        reordered_on=berlin_date(at),
    )
    return [told] if slots else []
