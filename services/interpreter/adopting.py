"""Adopting a plan: it says who is asked first in every slot that can still be chosen. All of it, or nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.interpreter import open_work, plans, store, store_assignments, store_plans, store_rankings
from services.interpreter.asking_order import AskingOrder, asking_order
from services.interpreter.domain import Interpreter
from services.interpreter.freshness import Freshness
from services.interpreter.matching import FAIRNESS, candidate
from services.interpreter.open_requests import Diary, Open, Planned, without
from services.interpreter.open_work import Work
from services.interpreter.plan_contents import Choice
from services.interpreter.plan_refusals import Change, PlanIsStale
from services.interpreter.plans import AssignmentPlan, PlanState
from services.interpreter.ranking import Candidate
from services.interpreter.store_plans import Outcome, PlannedRequest
from shared import outbox
from shared.clock import now
from shared.database import Connection


async def adopt(conn: Connection, plan_id: UUID, version: int, may: Callable[[AssignmentPlan], None]) -> AssignmentPlan:
    """`may` raises where the plan is not the caller's. Raises NotFound, PlanIsStale and as `plans.adopt`."""
    at, plan = now(), await store_plans.load(conn, plan_id)
    may(plan)
    adopted = plans.adopt(plan, version, at)
    if adopted is plan:
        return plan
    contents = await store_plans.contents(conn, plan_id)
    await store_rankings.lock_open(conn, [each.booking_id for each in contents])
    work, people = await open_work.read(conn, at), await store.interpreters(conn, None)
    if changes := Freshness(plan, contents, work).changes(people):
        raise PlanIsStale(changes)
    await _reorder(conn, adopted, contents, work, people)
    await store_plans.save(conn, adopted)
    return adopted


async def changes(conn: Connection, plan: AssignmentPlan, contents: Sequence[PlannedRequest]) -> list[Change]:
    """Why a plan that is ready is stale; none: it can be adopted."""
    if plan.state is not PlanState.READY:
        return []
    work, people = await open_work.read(conn, now()), await store.interpreters(conn, None)
    return Freshness(plan, contents, work).changes(people)


async def _reorder(
    conn: Connection,
    plan: AssignmentPlan,
    contents: Sequence[PlannedRequest],
    work: Work,
    people: Sequence[Interpreter],
) -> None:
    """Of what is open still; a request that the plan could not meet may have come to its end."""
    meant = {each.booking_id: _meant(each.outcome, work.at) for each in contents if each.booking_id in work.open}
    after = work.with_plan(meant)
    cases = [after.open[booking_id].asked.case_id for booking_id in meant]
    pool = _Pool(
        people,
        await store_assignments.assignments_since(conn, work.at - FAIRNESS),
        await store_assignments.who_know_each(conn, cases),
    )
    diary = after.diary(lambda _: False)
    orders = {
        each.booking_id: _orders(each.outcome, after.open[each.booking_id], after, diary, pool)
        for each in contents
        if each.booking_id in meant
    }
    await store_rankings.save_orders(conn, orders)
    await store_rankings.mark_planned(conn, meant)
    enquiries = {each.booking_id: each.enquiry_id for each in contents}
    for booking_id, asked in orders.items():
        slots = [order.told for order in asked]
        await outbox.append(conn, *plans.reordered(plan, booking_id, enquiries[booking_id], slots, work.at))


@dataclass(frozen=True, slots=True)
class _Pool:
    people: Sequence[Interpreter]
    recent: Mapping[UUID, int]
    know: Mapping[UUID, Sequence[UUID]]

    def candidates(self, still: Open, free: frozenset[UUID]) -> list[Candidate]:
        knowing = self.know.get(still.asked.case_id, ())
        return [candidate(still.asked, one, self.recent, knowing) for one in self.people if one.id in free]


def _meant(outcome: Outcome, at: datetime) -> Planned:
    if isinstance(outcome, Choice):
        return Planned(outcome.slot_id, outcome.interpreter_id, at)
    return Planned(None, None, at)


def _orders(outcome: Outcome, still: Open, after: Work, diary: Diary, pool: _Pool) -> list[AskingOrder]:
    """Of every slot in which somebody can come; the others stay as they are."""
    found = []
    for slot in still.slots(after.at):
        wanted = after.appointment(still.asked, slot)
        engaged, elsewhere = diary.taken(wanted, still.id)
        possible = without(wanted, engaged)
        planned = _planned_for(outcome, slot.slot_id)
        found.append(asking_order(possible, pool.candidates(still, possible.slot.free), planned, elsewhere))
    return [order for order in found if order.asked]


def _planned_for(outcome: Outcome, slot_id: UUID) -> tuple[UUID, str] | None:
    """With the language that they would interpret."""
    if isinstance(outcome, Choice) and outcome.slot_id == slot_id:
        return outcome.interpreter_id, outcome.language
    return None
