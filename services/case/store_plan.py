"""Plans, their reminders and assessments in SQL. The case is locked by whoever changes something here."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from services.case import store_consents
from services.case.assessment import Assessment, Rating
from services.case.consents import Consent
from services.case.plan import Goal, GoalKind, Plan, Step, StepKind, StepState
from shared.contracts.vocabulary import Reminder, StepOwner, Topic
from shared.database import Connection
from shared.errors import NotFound

_STEP = "id, goal_id, kind, owner, due_on, state, settled_on"


class Task(NamedTuple):
    case_id: UUID
    step: Step
    area: Topic
    """Of its goal."""
    counselling: list[Consent]
    """Of its participant."""


class DueReminder(NamedTuple):
    case_id: UUID
    reminder: Reminder
    step: Step
    area: Topic
    """Of its goal."""
    counselling: list[Consent]
    """Of its participant."""


async def case_of_goal(conn: Connection, goal_id: UUID) -> UUID:
    """Raises NotFound."""
    return _found(await conn.fetchval("select case_id from goal where id = $1", goal_id))


async def case_of_step(conn: Connection, step_id: UUID) -> UUID:
    """Raises NotFound."""
    return _found(await conn.fetchval("select case_id from step where id = $1", step_id))


async def plan(conn: Connection, case_id: UUID) -> Plan:
    goals = await conn.fetch(
        "select id, area, kind, agreed_on, progress, is_dropped from goal where case_id = $1 order by id", case_id
    )
    steps = await conn.fetch(f"select {_STEP} from step where case_id = $1 order by due_on, id", case_id)  # noqa: S608
    return Plan(tuple(map(_goal, goals)), tuple(map(_step, steps)))


async def save_goal(conn: Connection, case_id: UUID, goal: Goal) -> None:
    await conn.execute(
        """
        insert into goal (id, case_id, area, kind, agreed_on, progress, is_dropped) values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (id) do update set progress = excluded.progress, is_dropped = excluded.is_dropped
        """,
        goal.goal_id,
        case_id,
        goal.area,
        goal.kind,
        goal.agreed_on,
        goal.progress,
        goal.is_dropped,
    )


async def save_step(conn: Connection, case_id: UUID, step: Step, due: Iterable[tuple[Reminder, date]]) -> None:
    """With the reminders that are still to come, instead of those that were."""
    await conn.execute(
        """
        insert into step (id, case_id, goal_id, kind, owner, due_on, state, settled_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id) do update set state = excluded.state, settled_on = excluded.settled_on
        """,
        step.step_id,
        case_id,
        step.goal_id,
        step.kind,
        step.owner,
        step.due_on,
        step.state,
        step.settled_on,
    )
    await conn.execute("delete from reminder where step_id = $1", step.step_id)
    await conn.executemany(
        "insert into reminder (step_id, kind, due_on) values ($1, $2, $3)",
        [(step.step_id, reminder, on) for reminder, on in due],
    )


async def tasks(conn: Connection, case_manager_id: UUID, limit: int) -> list[Task]:
    """Open steps of the open cases of a case manager, the first due first."""
    rows = await conn.fetch(
        f"""
        select step.case_id, step.id, goal_id, step.kind, owner, due_on, state, settled_on, area,
            {store_consents.COUNSELLING_OF_CASE}
        from step join case_file on case_file.id = step.case_id join goal on goal.id = goal_id
        where case_manager_id = $1 and phase <> 'closed' and state = 'open' order by due_on, step.id limit $2
        """,  # noqa: S608 - our own names
        case_manager_id,
        limit,
    )
    return [Task(row["case_id"], _step(row), Topic(row["area"]), store_consents.of_row(row)) for row in rows]


async def take_due_reminders(conn: Connection, today: date, limit: int) -> list[DueReminder]:
    """Locks their cases and deletes them; cases that others work on come later."""
    rows = await conn.fetch(
        f"""
        select step.case_id, reminder.kind as reminder, step.id, goal_id, step.kind, owner, step.due_on, state,
            settled_on, area, {store_consents.COUNSELLING_OF_CASE}
        from reminder join step on step.id = step_id join case_file on case_file.id = step.case_id
            join goal on goal.id = goal_id
        where reminder.due_on <= $1 order by reminder.due_on, step.id limit $2
        for update of case_file, reminder skip locked
        """,  # noqa: S608 - our own names
        today,
        limit,
    )
    due = [
        DueReminder(
            row["case_id"], Reminder(row["reminder"]), _step(row), Topic(row["area"]), store_consents.of_row(row)
        )
        for row in rows
    ]
    await conn.executemany(
        "delete from reminder where step_id = $1 and kind = $2", [(each.step.step_id, each.reminder) for each in due]
    )
    return due


async def insert_assessment(conn: Connection, case_id: UUID, made: Assessment) -> None:
    await conn.execute(
        "insert into assessment (id, case_id, assessed_on) values ($1, $2, $3)",
        made.assessment_id,
        case_id,
        made.assessed_on,
    )
    await conn.executemany(
        "insert into rating (assessment_id, area, value) values ($1, $2, $3)",
        [(made.assessment_id, area, int(value)) for area, value in made.ratings.items()],
    )


async def assessments(conn: Connection, case_id: UUID) -> list[Assessment]:
    """In the order in which they were made."""
    rows = await conn.fetch(
        """
        select id, assessed_on, array(
            select (area, value) from rating where assessment_id = assessment.id order by area
        ) as ratings
        from assessment where case_id = $1 order by id
        """,
        case_id,
    )
    return [
        Assessment(row["id"], row["assessed_on"], {Topic(area): Rating(value) for area, value in row["ratings"]})
        for row in rows
    ]


def _found(case_id: UUID | None) -> UUID:
    if case_id is None:
        raise NotFound
    return case_id


def _goal(row: Any) -> Goal:
    area, kind = Topic(row["area"]), GoalKind(row["kind"])
    return Goal(row["id"], area, kind, row["agreed_on"], row["progress"], row["is_dropped"])


def _step(row: Any) -> Step:
    return Step(
        row["id"],
        row["goal_id"],
        StepKind(row["kind"]),
        StepOwner(row["owner"]),
        row["due_on"],
        StepState(row["state"]),
        row["settled_on"],
    )
