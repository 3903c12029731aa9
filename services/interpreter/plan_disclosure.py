"""What a coordinating office sees of a plan.

Of a single talk, language, dialect, gender and exact time reach an office only with the participant's consent (ADR 4),
and a plan knows of none. So an office sees who is asked on which day and what that costs, and of what the talk needs
only how much it weighs: `suitability`, `not_suitable`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from services.interpreter.costs import CostReason
from services.interpreter.offers import berlin_date
from services.interpreter.plan_refusals import Change
from services.interpreter.ranking import Refusal
from services.interpreter.views_plans import (
    ChoiceView,
    CostView,
    PlanView,
    RunnerUpView,
    ShownCost,
    ShownRule,
    UnmetView,
    Withheld,
)

OPEN_COSTS = frozenset({CostReason.DISTANCE, CostReason.CONTINUITY, CostReason.FEE, CostReason.FAIRNESS})
OPEN_RULES = frozenset(
    {
        Refusal.INACTIVE,
        Refusal.NOT_FREE,
        Refusal.MUNICIPALITY_NOT_SERVED,
        Refusal.CREDENTIAL_MISSING,
        Refusal.LEAD_TIME,
    }
)
"""Of the interpreter or the day alone; all other rules tell what the participant needs."""


def for_office(plan: PlanView) -> PlanView:
    return plan.model_copy(
        update={
            "choices": [_choice(each) for each in plan.choices],
            "unmet": [_unmet(each) for each in plan.unmet],
            "changes": [each.model_copy(update={"rules": rules(each.rules)}) for each in plan.changes],
        }
    )


def changes_for_office(changes: Iterable[Change]) -> list[Change]:
    return [Change(each.request_id, each.what, each.interpreter_id, tuple(rules(each.rules))) for each in changes]


def rules(broken: Iterable[str]) -> list[ShownRule]:
    """Each once; those that tell of the participant as one."""
    return sorted({Refusal(each) if each in OPEN_RULES else Withheld.NOT_SUITABLE for each in broken})


def _choice(shown: ChoiceView) -> ChoiceView:
    day = None if shown.starts_at is None else berlin_date(shown.starts_at)
    hidden = {"language": None, "starts_at": None, "ends_at": None, "day": day}
    seconds = shown.runner_up and _runner_up(shown.runner_up)
    return shown.model_copy(update={**hidden, "costs": _costs(shown.costs), "runner_up": seconds})


def _runner_up(shown: RunnerUpView) -> RunnerUpView:
    return shown.model_copy(update={"costs": _costs(shown.costs), "costs_more": _summed(shown.costs_more.items())})


def _unmet(shown: UnmetView) -> UnmetView:
    """Whom several rules keep out that tell of the participant counts at least once: the largest of these numbers."""
    told: dict[ShownRule, int] = {rule: number for rule, number in shown.refusals.items() if rule in OPEN_RULES}
    if hidden := [number for rule, number in shown.refusals.items() if rule not in OPEN_RULES]:
        told[Withheld.NOT_SUITABLE] = max(hidden)
    return shown.model_copy(update={"refusals": told})


def _costs(costs: Iterable[CostView]) -> list[CostView]:
    summed = _summed((each.reason, each.points) for each in costs)
    return [CostView(reason=reason, points=points) for reason, points in summed.items()]


def _summed(costs: Iterable[tuple[ShownCost, int]]) -> Mapping[ShownCost, int]:
    summed: Counter[ShownCost] = Counter()
    for reason, points in costs:
        summed[reason if reason in OPEN_COSTS else Withheld.SUITABILITY] += points
    return {reason: points for reason, points in summed.items() if points}
