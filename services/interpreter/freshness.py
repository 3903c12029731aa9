"""What of a plan holds no more: looked at when it is shown, and under locks when it is adopted. Reads nothing."""

from collections.abc import Iterable
from uuid import UUID

from services.interpreter.costs import Appointment
from services.interpreter.domain import Interpreter
from services.interpreter.open_requests import Diary, Open, without
from services.interpreter.open_work import Work
from services.interpreter.plan_contents import Choice
from services.interpreter.plan_refusals import Change, Changed
from services.interpreter.plans import AssignmentPlan
from services.interpreter.ranking import refusals
from services.interpreter.store_plans import PlannedRequest


class Freshness:
    """By what is known as of `work`."""

    def __init__(self, plan: AssignmentPlan, contents: Iterable[PlannedRequest], work: Work) -> None:
        self._plan = plan
        self._contents = list(contents)
        self._work = work
        self.diary: Diary = work.diary({each.booking_id for each in self._contents}.__contains__)

    def changes(self, people: Iterable[Interpreter]) -> list[Change]:
        """By request. `people`: all whom the plan has chosen. Of an unmet request nothing is to be adopted."""
        known = {who.id: who for who in people}
        choices = (each.outcome for each in self._contents if isinstance(each.outcome, Choice))
        found = (self._change(choice, known.get(choice.interpreter_id)) for choice in choices)
        return [change for change in found if change]

    def _change(self, choice: Choice, who: Interpreter | None) -> Change | None:
        still = self._work.open.get(choice.request_id)
        if still is None:
            return Change(choice.request_id, Changed.REQUEST_GONE)
        if still.planned and self._plan.read_at and still.planned.at > self._plan.read_at:
            return Change(choice.request_id, Changed.PLANNED_OTHERWISE)
        appointment = self.appointment(still, choice.slot_id)
        if appointment is None:
            return Change(choice.request_id, Changed.SLOT_GONE)
        engaged = frozenset[UUID]().union(*self.diary.taken(appointment, still.id))
        now = without(appointment, engaged)
        broken = sorted(refusals(now.talk, now.slot, who)) if who else []
        if who and not broken:
            return None
        return Change(choice.request_id, Changed.RULE_BROKEN, choice.interpreter_id, tuple(broken))

    def appointment(self, still: Open, slot_id: UUID) -> Appointment | None:
        slots = still.slots(self._work.at)
        return next((self._work.appointment(still.asked, s) for s in slots if s.slot_id == slot_id), None)
