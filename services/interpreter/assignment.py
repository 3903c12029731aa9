"""Who interprets which of many open talks, at least total cost; every choice is explained against its runner-up.

It begins as greedy first-fit and is made better by exchanges (`exchange.py`) and then block by block, each block
exactly while the rest stays: so it is never worse than greedy, and what it costs is known. Up to `EXACT` options there
is one block, and the plan is optimal; above `LARGE` the exchanges have to do, so that a plan takes seconds.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from uuid import UUID

from services.interpreter.costs import (
    FAIRNESS,
    UNMET,
    Appointment,
    Cost,
    CostReason,
    OpenRequest,
    Option,
    Supply,
    collide,
    options,
)
from services.interpreter.exchange import exchanged
from services.interpreter.plan_contents import Choice, Plan, RunnerUp, Stage, Tell, Unmet, silent
from services.interpreter.ranking import Refusal, refusals
from services.interpreter.solver import solve

EXACT, BLOCK, LARGE = 2_500, 1_000, 20_000
"""Options up to which all are solved at once, of a block where there are more, and above which there are no blocks."""
SWEEPS = 3


Chosen = dict[int, Option]
"""Place of the request -> how it is met."""


def plan(requests: Sequence[OpenRequest], supplies: Sequence[Supply], tell: Tell = silent) -> Plan:
    """The same for the same requests and interpreters, in whatever order they come. `tell` hears how far it is."""
    asked = sorted(requests, key=lambda request: request.id)
    people = sorted(supplies, key=lambda supply: supply.interpreter.id)
    tell(Stage.WEIGHING, 0)
    possible = options(asked, people)
    chosen = optimal(possible, len(asked), people, tell)
    tell(Stage.EXPLAINING, 0)
    return explained(chosen, possible, asked, people)


def first_fit(possible: Sequence[Option], supplies: Sequence[Supply]) -> Chosen:
    """Greedy: each request in turn has the first of its own ranking who is still free."""
    chosen: Chosen = {}
    taken: dict[int, list[Appointment]] = {}
    ranked = sorted(possible, key=lambda o: (o.request, o.cost + FAIRNESS * supplies[o.supply].recent, o.supply))
    for option in ranked:
        busy = taken.setdefault(option.supply, [])
        if option.request not in chosen and not any(collide(option.appointment, other) for other in busy):
            chosen[option.request] = option
            busy.append(option.appointment)
    return chosen


def total(chosen: Chosen, requests: int, supplies: Sequence[Supply]) -> int:
    """What a plan costs, each talk without interpreter included."""
    work = Counter(option.supply for option in chosen.values())
    fairness = sum(FAIRNESS * (n * supplies[at].recent + n * (n - 1) // 2) for at, n in work.items())
    return sum(option.cost for option in chosen.values()) + fairness + UNMET * (requests - len(chosen))


def optimal(possible: Sequence[Option], requests: int, supplies: Sequence[Supply], tell: Tell = silent) -> Chosen:
    tell(Stage.EXCHANGING, 0)
    chosen = exchanged(possible, requests, supplies, first_fit(possible, supplies))
    if len(possible) > LARGE:
        return chosen
    most = EXACT if len(possible) <= EXACT else min(EXACT, BLOCK)
    for sweep in range(SWEEPS):
        before = total(chosen, requests, supplies)
        blocks = _blocks(possible, most, shifted=bool(sweep % 2))
        for number, block in enumerate(blocks):
            tell(Stage.SOLVING, (sweep + number / len(blocks)) / SWEEPS)
            better = _resolved(block, possible, chosen, supplies)
            if total(better, requests, supplies) < total(chosen, requests, supplies):
                chosen = better
        if len(blocks) == 1:
            break
        chosen = exchanged(possible, requests, supplies, chosen)
        if sweep and total(chosen, requests, supplies) == before:
            break
    return chosen


def _blocks(possible: Sequence[Option], most: int, *, shifted: bool) -> list[set[int]]:
    """Requests whose talks begin one after the other, with at most so many options; shifted by half a block."""
    size = Counter(option.request for option in possible)
    first = {option.request: option.appointment.starts_at for option in reversed(possible)}
    blocks: list[set[int]] = [set()]
    filled = most // 2 if shifted and len(possible) > most else 0
    for request in sorted(size, key=lambda at: (first[at], at)):
        if blocks[-1] and filled + size[request] > most:
            blocks.append(set())
            filled = 0
        blocks[-1].add(request)
        filled += size[request]
    return blocks


def _resolved(block: set[int], possible: Sequence[Option], chosen: Chosen, supplies: Sequence[Supply]) -> Chosen:
    """The block's requests anew, with all others as they are."""
    kept = {at: option for at, option in chosen.items() if at not in block}
    busy: dict[int, list[Appointment]] = {}
    for option in kept.values():
        busy.setdefault(option.supply, []).append(option.appointment)
    free = [
        option
        for option in possible
        if option.request in block
        and not any(collide(option.appointment, other) for other in busy.get(option.supply, ()))
    ]
    load = {at: supply.recent + len(busy.get(at, ())) for at, supply in enumerate(supplies)}
    found = solve(free, load) if free else []
    return chosen if found is None else kept | {free[at].request: free[at] for at in found}


def explained(
    chosen: Chosen, possible: Sequence[Option], requests: Sequence[OpenRequest], supplies: Sequence[Supply]
) -> Plan:
    work = Counter(option.supply for option in chosen.values())
    by_supply: dict[int, list[Option]] = {}
    for option in chosen.values():
        by_supply.setdefault(option.supply, []).append(option)
    ways: dict[int, list[Option]] = {}
    for option in possible:
        ways.setdefault(option.request, []).append(option)

    def costs(option: Option) -> tuple[Cost, ...]:
        """Theirs if they had it besides all that the plan gives them for others."""
        others = work[option.supply] - (option.request in chosen and chosen[option.request].supply == option.supply)
        return (*option.costs, Cost(CostReason.FAIRNESS, FAIRNESS * (supplies[option.supply].recent + others)))

    def needed_for(option: Option) -> tuple[UUID, ...]:
        others = (other for other in by_supply.get(option.supply, ()) if other.request != option.request)
        return tuple(requests[o.request].id for o in others if collide(o.appointment, option.appointment))

    def runner_up(best: Option) -> RunnerUp | None:
        others = [option for option in ways[best.request] if option.supply != best.supply]
        if not others:
            return None
        second = min(others, key=lambda option: (bool(needed_for(option)), sum(c.points for c in costs(option))))
        who = supplies[second.supply].interpreter.id
        return RunnerUp(who, second.appointment.slot.slot_id, costs(second), needed_for(second))

    choices = tuple(
        Choice(
            requests[at].id,
            option.appointment.slot.slot_id,
            supplies[option.supply].interpreter.id,
            option.language,
            costs(option),
            runner_up(option),
        )
        for at, option in sorted(chosen.items())
    )
    missing = (at for at in range(len(requests)) if at not in chosen)
    unmet = tuple(_unmet(requests[at], ways.get(at, ()), supplies) for at in missing)
    return Plan(choices, unmet, total(chosen, len(requests), supplies))


def _unmet(request: OpenRequest, ways: Iterable[Option], supplies: Sequence[Supply]) -> Unmet:
    counted: Counter[Refusal] = Counter()
    for supply in supplies:
        broken = [refusals(a.talk, a.slot, supply.interpreter) for a in request.appointments]
        counted.update(frozenset.intersection(*broken) if broken else ())
    return Unmet(request.id, len({option.supply for option in ways}), dict(sorted(counted.items())))
