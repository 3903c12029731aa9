"""Goals, steps, reminders and assessments of a case."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.case import areas, assessment, consents, plan, store, store_plan
from services.case.assessment import Assessment, Rating
from services.case.case import Case
from services.case.commands import BATCH, Edit, edited, today, touch
from services.case.plan import Goal, GoalKind, Step, StepKind, StepState
from shared import outbox
from shared.contracts.case import StepReminded
from shared.contracts.vocabulary import StepOwner, Topic
from shared.database import Connection
from shared.ids import new_id


class StepWish(NamedTuple):
    goal_id: UUID
    kind: StepKind
    owner: StepOwner
    due_on: date


async def agree(conn: Connection, edit: Edit, manager_id: UUID, area: Topic, kind: GoalKind) -> tuple[Case, Goal]:
    """Raises NotFound, VersionOutdated and as `plan.agree` and `areas.check`."""
    case = await edited(conn, edit, manager_id)
    await areas.check(conn, case, [area], today())
    goal = plan.agree(case, Goal(new_id(), area, kind, today()))
    await store_plan.save_goal(conn, case.case_id, goal)
    return await touch(conn, case), goal


async def progress(  # noqa: PLR0913
    conn: Connection, goal_id: UUID, version: int, manager_id: UUID, percent: int, *, drop: bool
) -> tuple[Case, Goal]:
    """Raises NotFound, VersionOutdated and as `plan.progress` and `areas.check`."""
    case = await edited(conn, Edit(await store_plan.case_of_goal(conn, goal_id), version), manager_id)
    [goal] = [each for each in (await store_plan.plan(conn, case.case_id)).goals if each.goal_id == goal_id]
    await areas.check(conn, case, [goal.area], today())
    goal = plan.progress(case, goal, percent, drop=drop)
    await store_plan.save_goal(conn, case.case_id, goal)
    return await touch(conn, case), goal


async def add_step(conn: Connection, edit: Edit, manager_id: UUID, wish: StepWish) -> tuple[Case, Step]:
    """Raises NotFound, VersionOutdated and as `plan.add_step` and `areas.check`."""
    case = await edited(conn, edit, manager_id)
    known = await store_plan.plan(conn, case.case_id)
    await areas.check(conn, case, known.areas(wish.goal_id), today())
    step = plan.add_step(case, known, Step(new_id(), *wish), today())
    await store_plan.save_step(conn, case.case_id, step, plan.reminders(step, today()))
    return await touch(conn, case), step


async def settle(
    conn: Connection, step_id: UUID, version: int, manager_id: UUID, state: StepState
) -> tuple[Case, Step]:
    """Raises NotFound, VersionOutdated and as `plan.settle` and `areas.check`."""
    case = await edited(conn, Edit(await store_plan.case_of_step(conn, step_id), version), manager_id)
    known = await store_plan.plan(conn, case.case_id)
    [step] = [each for each in known.steps if each.step_id == step_id]
    await areas.check(conn, case, known.areas(step.goal_id), today())
    step = plan.settle(case, step, state, today())
    await store_plan.save_step(conn, case.case_id, step, plan.reminders(step, today()))
    return await touch(conn, case), step


async def remind(conn: Connection) -> int:
    """Tells of steps that are due soon or overdue, each once; nothing of closed cases, nor of areas that are shut.

    Returns how many it took.
    """
    due = await store_plan.take_due_reminders(conn, today(), BATCH)
    for case_id, reminder, step, area, given in due:
        case = await store.load(conn, case_id)
        if not case.is_closed and area in consents.open_areas(given, today()):
            told = StepReminded(
                case_id=case_id,
                enquiry_id=case.enquiry_id,
                ags=case.ags,
                step_id=step.step_id,
                reminder=reminder,
                owner=step.owner,
                due_on=step.due_on,
                case_manager_id=case.case_manager_id,
            )
            await outbox.append(conn, told)
    return len(due)


async def assess(
    conn: Connection, edit: Edit, manager_id: UUID, ratings: Mapping[Topic, Rating]
) -> tuple[Case, Assessment]:
    """Raises NotFound, VersionOutdated and as `assessment.assess` and `areas.check`."""
    case = await edited(conn, edit, manager_id)
    await areas.check(conn, case, ratings, today())
    made = assessment.assess(case, Assessment(new_id(), today(), ratings))
    await store_plan.insert_assessment(conn, case.case_id, made)
    return await touch(conn, case), made
