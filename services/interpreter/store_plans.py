"""Plans in SQL, with what they say of each request."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter

from services.interpreter.plan_contents import Choice, Plan, Stage, Unmet
from services.interpreter.plans import AssignmentPlan, Fault, PlanState, Scope
from shared.database import Connection
from shared.errors import NotFound

Outcome: TypeAlias = Choice | Unmet
_OUTCOME: TypeAdapter[Outcome] = TypeAdapter(Outcome)
_PLAN = """
    select id, first_day, last_day, ags, state, version, stage, percent, attempts, due_at, requested_at, read_at,
        adopted_at, fault, cost
    from assignment_plan
"""


class PlannedRequest(NamedTuple):
    booking_id: UUID
    enquiry_id: UUID
    outcome: Outcome


async def save(conn: Connection, plan: AssignmentPlan) -> None:
    await conn.execute(
        """
        insert into assignment_plan (id, first_day, last_day, ags, state, version, stage, percent, attempts, due_at,
            requested_at, read_at, adopted_at, fault, cost, forget_on)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        on conflict (id) do update set state = excluded.state, version = excluded.version, stage = excluded.stage,
            percent = excluded.percent, attempts = excluded.attempts, due_at = excluded.due_at,
            read_at = excluded.read_at, adopted_at = excluded.adopted_at, fault = excluded.fault, cost = excluded.cost
        """,
        *(plan.id, plan.scope.first_day, plan.scope.last_day, plan.scope.ags, plan.state, plan.version, plan.stage),
        *(plan.percent, plan.attempts, plan.due_at, plan.requested_at, plan.read_at, plan.adopted_at, plan.fault),
        *(plan.cost, plan.forget_on),
    )


async def find(conn: Connection, plan_id: UUID) -> AssignmentPlan | None:
    """Locked until the transaction ends."""
    row = await conn.fetchrow(f"{_PLAN} where id = $1 for update", plan_id)
    return _plan(row) if row else None


async def load(conn: Connection, plan_id: UUID) -> AssignmentPlan:
    """Locked until the transaction ends. Raises NotFound."""
    if found := await find(conn, plan_id):
        return found
    raise NotFound


async def look(conn: Connection, plan_id: UUID) -> AssignmentPlan:
    """The same without a lock, for reading. Raises NotFound."""
    row = await conn.fetchrow(f"{_PLAN} where id = $1", plan_id)
    if row is None:
        raise NotFound
    return _plan(row)


async def latest(conn: Connection, municipalities: Iterable[str] | None, most: int) -> list[AssignmentPlan]:
    """Of these municipalities; None: of all, and of the county's pool. The one asked for last first."""
    rows = await conn.fetch(
        f"{_PLAN} where $1::text[] is null or ags = any($1) order by requested_at desc, id desc limit $2",
        *(None if municipalities is None else list(municipalities), most),
    )
    return [_plan(row) for row in rows]


async def being_computed(conn: Connection) -> int:
    number: int = await conn.fetchval("select count(*) from assignment_plan where state = 'computing'")
    return number


async def due(conn: Connection, now: datetime) -> AssignmentPlan | None:
    """The next one that is to be computed, locked; one that others work on is left out."""
    row = await conn.fetchrow(
        f"{_PLAN} where state = 'computing' and due_at <= $1 order by due_at, id limit 1 for update skip locked", now
    )
    return _plan(row) if row else None


async def keep_contents(conn: Connection, plan_id: UUID, made: Plan) -> bool:
    """False where a request was erased meanwhile: then nothing is kept. None is erased until the transaction ends."""
    everything: list[Outcome] = [*made.choices, *made.unmet]
    outcomes = {each.request_id: _OUTCOME.dump_python(each, mode="json") for each in everything}
    rows = await conn.fetch(
        "select booking_id, enquiry_id from ranking where booking_id = any($1) order by booking_id for key share",
        list(outcomes),
    )
    if len(rows) < len(outcomes):
        return False
    await conn.executemany(
        "insert into planned_request (plan_id, booking_id, enquiry_id, outcome) values ($1, $2, $3, $4)",
        [(plan_id, row["booking_id"], row["enquiry_id"], outcomes[row["booking_id"]]) for row in rows],
    )
    return True


async def contents(conn: Connection, plan_id: UUID) -> Sequence[PlannedRequest]:
    """By request."""
    rows = await conn.fetch(
        "select booking_id, enquiry_id, outcome from planned_request where plan_id = $1 order by booking_id", plan_id
    )
    return [PlannedRequest(r["booking_id"], r["enquiry_id"], _OUTCOME.validate_python(r["outcome"])) for r in rows]


async def forget(conn: Connection, today: date, most: int) -> int:
    """Those whose time is over, with all that they say; returns how many."""
    rows = await conn.fetch(
        """
        delete from assignment_plan where id in (
            select id from assignment_plan where forget_on < $1 order by forget_on limit $2 for update skip locked
        ) returning 1
        """,
        *(today, most),
    )
    return len(rows)


def _plan(row: Any) -> AssignmentPlan:
    given = dict(row)
    scope = Scope(given.pop("first_day"), given.pop("last_day"), given.pop("ags"))
    given |= {"state": PlanState(given["state"]), "stage": Stage(given["stage"])}
    return AssignmentPlan(scope=scope, **given | {"fault": Fault(given["fault"]) if given["fault"] else None})
