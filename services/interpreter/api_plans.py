"""HTTP: plans of all that is open in some days, for whoever coordinates; computed outside of the request."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Response

from services.interpreter import adopting, commands_plans, store_plans, store_rankings
from services.interpreter.callers import Planning, Reading, Writing
from services.interpreter.plan_disclosure import changes_for_office, for_office
from services.interpreter.plan_refusals import PlanIsStale, VersionMissing
from services.interpreter.plans import AssignmentPlan, PlanState, Scope
from services.interpreter.views_plans import PlanBody, PlanSummary, PlanView
from shared import versions
from shared.auth import Principal, Role
from shared.database import Connection
from shared.errors import Forbidden, NotFound
from shared.idempotency import Router
from shared.municipalities import OFFICES

router = Router(tags=["plans"])
AGAIN_IN = "1"
"""Seconds after which a look at a plan that is being computed is worthwhile."""
MOST_LISTED = 20


def _version(
    if_match: Annotated[str | None, Header(description="The ETag of the plan as it was read")] = None,
) -> int:
    """Raises VersionMissing, Invalid."""
    return int(versions.seen(if_match, versions.COUNTED, VersionMissing))


Version = Annotated[int, Depends(_version)]


@router.post("/plans", status_code=202)
async def request_plan(body: PlanBody, who: Planning, tx: Writing, response: Response) -> PlanSummary:
    """Have a plan computed of all that is open then. `Location` says where it will be.

    A coordinator plans a municipality of their own office. 429 while enough others are being computed.
    """
    scope = body.scope
    if not _may(who, scope):
        raise Forbidden("municipality" if scope.ags else "pool")
    plan = await commands_plans.request(tx, scope)
    response.headers["Location"] = f"/plans/{plan.id}"
    _tag(plan, response)
    return PlanSummary.of(plan)


@router.get("/plans")
async def list_plans(who: Planning, tx: Reading) -> list[PlanSummary]:
    """The latest, as they were stored: whether one is stale is seen when it is looked at."""
    found = await store_plans.latest(tx, _municipalities(who), MOST_LISTED)
    return [PlanSummary.of(plan) for plan in found]


@router.get("/plans/{plan_id}")
async def show_plan(plan_id: UUID, who: Planning, tx: Reading, response: Response) -> PlanView:
    """How far it is; once it is ready, every choice against its runner-up, what is unmet, and whether it is stale."""
    plan = await store_plans.look(tx, plan_id)
    _require(who, plan)
    _tag(plan, response)
    return await _shown(tx, who, plan)


@router.post("/plans/{plan_id}/adoption")
async def adopt_plan(plan_id: UUID, who: Planning, version: Version, tx: Writing, response: Response) -> PlanView:
    """From now on whoever the plan has chosen is asked first. Participants choose their slots as before.

    428 without If-Match; 409 `version-outdated` with the present `version`, `plan-is-stale` with what changed in
    `changes`: then nothing of it is adopted.
    """
    try:
        plan = await adopting.adopt(tx, plan_id, version, lambda plan: _require(who, plan))
    except PlanIsStale as stale:
        if _municipalities(who) is None:
            raise
        raise PlanIsStale(changes_for_office(stale.changes)) from None
    _tag(plan, response)
    return await _shown(tx, who, plan)


async def _shown(conn: Connection, who: Principal, plan: AssignmentPlan) -> PlanView:
    """To a coordinator, what an office may see."""
    contents = await store_plans.contents(conn, plan.id)
    spans = await store_rankings.spans(conn, [each.booking_id for each in contents])
    changes = await adopting.changes(conn, plan, contents)
    shown = PlanView.whole(plan, [each.outcome for each in contents], spans, changes)
    return shown if _municipalities(who) is None else for_office(shown)


def _municipalities(who: Principal) -> frozenset[str] | None:
    """None: all, and the county as a whole."""
    if Role.ADMINISTRATOR in who.roles:
        return None
    return OFFICES.get(who.office or "", frozenset())


def _may(who: Principal, scope: Scope) -> bool:
    served = _municipalities(who)
    return served is None or scope.ags in served


def _require(who: Principal, plan: AssignmentPlan) -> None:
    """Raises NotFound."""
    if not _may(who, plan.scope):
        raise NotFound


def _tag(plan: AssignmentPlan, response: Response) -> None:
    versions.tag(plan.version, response)
    if plan.state is PlanState.COMPUTING:
        response.headers["Retry-After"] = AGAIN_IN
