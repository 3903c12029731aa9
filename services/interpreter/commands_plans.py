"""Plans: asked for, computed by somebody else, forgotten; each within the caller's transaction."""

from datetime import timedelta

from services.interpreter import plans, store_plans
from services.interpreter.plan_contents import Plan
from services.interpreter.plan_refusals import TooManyPlans
from services.interpreter.plans import AssignmentPlan, Fault, PlanState, Progress, Scope
from shared.clock import now, today
from shared.database import Connection
from shared.ids import new_id

MOST_AT_ONCE = 5
"""Plans that are computed, or wait for it."""
LEASE = timedelta(seconds=15)
"""After which somebody else takes up a plan of which nothing is heard any more."""
AT_ONCE = 50
"""Plans that are forgotten in one transaction."""


async def request(conn: Connection, scope: Scope) -> AssignmentPlan:
    """Raises DaysUpsideDown, TooLateToPlan, TooManyPlans."""
    plan = plans.request(new_id(), scope, now())
    if await store_plans.being_computed(conn) >= MOST_AT_ONCE:
        raise TooManyPlans
    await store_plans.save(conn, plan)
    return plan


async def claim(conn: Connection) -> AssignmentPlan | None:
    """The next plan that is due, leased; one that was tried too often has failed by that. None: there is none."""
    at = now()
    if (plan := await store_plans.due(conn, at)) is None:
        return None
    claimed = plans.claim(plan, at, at + LEASE)
    await store_plans.save(conn, claimed)
    return claimed


async def go_on(conn: Connection, claimed: AssignmentPlan, progress: Progress) -> bool:
    """Tells how far it is. False where somebody else computes it by now, or it is gone."""
    if (plan := await _still(conn, claimed)) is None:
        return False
    await store_plans.save(conn, plans.go_on(plan, progress, now() + LEASE))
    return True


async def finish(conn: Connection, claimed: AssignmentPlan, made: Plan) -> None:
    """It is ready; where a person of it was erased meanwhile it is computed anew."""
    if (plan := await _still(conn, claimed)) is None:
        return
    if await store_plans.keep_contents(conn, plan.id, made):
        await store_plans.save(conn, plans.computed(plan, made.cost))
    else:
        await store_plans.save(conn, plans.again(plan, now()))


async def fail(conn: Connection, claimed: AssignmentPlan, fault: Fault) -> None:
    if plan := await _still(conn, claimed):
        await store_plans.save(conn, plans.failed(plan, fault))


async def forget(conn: Connection) -> int:
    """Plans whose time is over; returns how many."""
    return await store_plans.forget(conn, today(), AT_ONCE)


async def _still(conn: Connection, claimed: AssignmentPlan) -> AssignmentPlan | None:
    """The plan as it is stored, unless somebody else has taken it up or it is gone."""
    plan = await store_plans.find(conn, claimed.id)
    same = plan and plan.state is PlanState.COMPUTING and plan.attempts == claimed.attempts
    return plan if same else None
