"""HTTP: plans, tasks and assessments of a case manager's own cases. Changes name the version of the case (If-Match)."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.case import (
    areas,
    assessment,
    commands,
    commands_plan,
    consents,
    store_consents,
    store_managers,
    store_plan,
    store_talks,
)
from services.case.accesses import Read
from services.case.callers import Edited, Logged, Manager, Reading, Transaction, Version, read_file, subject, tag
from services.case.views_plan import (
    AssessmentInput,
    AssessmentsView,
    AssessmentView,
    GoalInput,
    GoalView,
    PlanView,
    ProgressInput,
    StepInput,
    StepStateInput,
    StepView,
    TaskView,
)
from shared.idempotency import Router

router = Router()


@router.get("/cases/{case_id}/plan")
async def plan(case_id: UUID, who: Manager, db: Logged, response: Response) -> PlanView:
    """Without goals of life areas that consent to counselling does not cover."""
    case = await read_file(db, case_id, who, Read.PLAN)
    tag(case, response)
    known = await store_plan.plan(db, case_id)
    return PlanView.of(known.within(await areas.open_areas(db, case.enquiry_id, commands.today())))


@router.post("/cases/{case_id}/goals", status_code=201)
async def agree(body: GoalInput, who: Manager, edit: Edited, tx: Transaction, response: Response) -> GoalView:
    """409 `plan-too-early` before phase planning, `consent-missing` for an area that is not consented to."""
    case, goal = await commands_plan.agree(tx, edit, subject(who), body.area, body.kind)
    tag(case, response)
    return GoalView.of(goal)


@router.post("/goals/{goal_id}/progress")
async def progress(  # noqa: PLR0913, PLR0917 - what a request is made of
    goal_id: UUID, body: ProgressInput, who: Manager, version: Version, tx: Transaction, response: Response
) -> GoalView:
    case, goal = await commands_plan.progress(tx, goal_id, version, subject(who), body.progress, drop=body.is_dropped)
    tag(case, response)
    return GoalView.of(goal)


@router.post("/cases/{case_id}/steps", status_code=201)
async def add_step(body: StepInput, who: Manager, edit: Edited, tx: Transaction, response: Response) -> StepView:
    """409 `step-before-goal` where this case has no such goal."""
    case, step = await commands_plan.add_step(tx, edit, subject(who), body.wish)
    tag(case, response)
    return StepView.of(step)


@router.post("/steps/{step_id}/state")
async def settle(  # noqa: PLR0913, PLR0917 - what a request is made of
    step_id: UUID, body: StepStateInput, who: Manager, version: Version, tx: Transaction, response: Response
) -> StepView:
    case, step = await commands_plan.settle(tx, step_id, version, subject(who), body.state)
    tag(case, response)
    return StepView.of(step)


@router.get("/tasks")
async def tasks(who: Manager, db: Reading, limit: Annotated[int, Query(ge=1, le=200)] = 100) -> list[TaskView]:
    """Of all open cases of the case manager: missed talks, consents to counselling that are nearly over, open steps,
    the first due first. For a supervisor, before all else, the cases of those who are absent.
    """
    today, soon = commands.today(), commands.today() + consents.NOTICE
    uncovered = await store_managers.uncovered(db, today, subject(who), None, limit)
    ending = [TaskView.of_consent(*each) for each in await store_consents.ending(db, subject(who), soon)]
    missed = [TaskView.of_missed(*each) for each in await store_talks.missed(db, subject(who))]
    steps = [
        TaskView.of(task, today)
        for task in await store_plan.tasks(db, subject(who), limit)
        if task.area in consents.open_areas(task.counselling, today)
    ]
    return [*map(TaskView.of_uncovered, uncovered), *missed, *ending, *steps][:limit]


@router.get("/cases/{case_id}/assessments")
async def assessments(case_id: UUID, who: Manager, db: Logged, response: Response) -> AssessmentsView:
    """With the change in each life area, of those that consent to counselling covers."""
    case = await read_file(db, case_id, who, Read.ASSESSMENTS)
    tag(case, response)
    made = await store_plan.assessments(db, case_id)
    return AssessmentsView.of(assessment.within(made, await areas.open_areas(db, case.enquiry_id, commands.today())))


@router.post("/cases/{case_id}/assessments", status_code=201)
async def assess(
    body: AssessmentInput, who: Manager, edit: Edited, tx: Transaction, response: Response
) -> AssessmentView:
    """409 `assessment-too-early` in clarification, `consent-missing` for an area that is not consented to."""
    case, made = await commands_plan.assess(tx, edit, subject(who), body.values)
    tag(case, response)
    return AssessmentView.of(made)
