"""Many talks at once: least cost, hard rules never broken, and a reason for every choice."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.weeks import Week, week
from services.interpreter import assignment
from services.interpreter.assignment import Chosen, first_fit, optimal, plan, total
from services.interpreter.costs import UNMET, Appointment, OpenRequest, Option, Supply, collide, options
from services.interpreter.exchange import exchanged
from services.interpreter.ranking import OpenSlot, Refusal, permitted_who_speak, refusals

SEED = st.integers(0, 10**6)
HARD = 0.25
"""So often that small weeks break every hard rule."""
SMALL = st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 10**6))


def crowded(requests: int, interpreters: int, seed: int, slots: int = 1) -> tuple[list[OpenRequest], list[Supply]]:
    """All speak the same two languages and all talks are near each other, so that interpreters are scarce.

    Each request can have its talk in that many slots; who is free in one may not be so in the next.
    """
    asked, people = week(requests, interpreters, seed, HARD)
    languages = people[0].interpreter.languages
    spoken = tuple(each.language for each in languages)
    same = [replace(each, interpreter=each.interpreter.model_copy(update={"languages": languages})) for each in people]
    return [
        replace(each, appointments=near(each, number, spoken, people, slots)) for number, each in enumerate(asked)
    ], same


def near(
    request: OpenRequest, number: int, spoken: tuple[str, ...], people: Sequence[Supply], slots: int
) -> tuple[Appointment, ...]:
    first, chance = request.appointments[0], Random(request.id.int)  # noqa: S311 - the same slots again
    everybody = [each.interpreter.id for each in people]
    free = [frozenset(who for who in everybody if at == 0 or chance.random() < 0.7) for at in range(slots)]
    starts = [first.starts_at.replace(day=17, hour=9 + (number + at) % (slots + 1)) for at in range(slots)]
    return tuple(
        replace(
            first,
            talk=replace(first.talk, languages=spoken),
            slot=OpenSlot(UUID(int=first.slot.slot_id.int + at), starts_at.date(), who),
            starts_at=starts_at,
            ends_at=starts_at + (first.ends_at - first.starts_at),
        )
        for at, (starts_at, who) in enumerate(zip(starts, free, strict=True))
    )


def possible_plans(possible: Sequence[Option], requests: int) -> list[Chosen]:
    ways = [[None, *(o for o in possible if o.request == at)] for at in range(requests)]
    return [{o.request: o for o in each if o} for each in product(*ways) if is_possible([o for o in each if o])]


def is_possible(chosen: Sequence[Option]) -> bool:
    return not any(
        one.supply == other.supply and collide(one.appointment, other.appointment)
        for number, one in enumerate(chosen)
        for other in chosen[:number]
    )


@settings(deadline=None, max_examples=60)
@given(SMALL, st.booleans())
def test_no_other_plan_costs_less_and_greedy_is_never_better(size: tuple[int, int, int], scarce: bool) -> None:  # noqa: FBT001
    asked, people = (crowded if scarce else week)(*size)
    possible = options(asked, people)
    found = total(optimal(possible, len(asked), people), len(asked), people)
    assert found == min(total(each, len(asked), people) for each in possible_plans(possible, len(asked)))
    assert found <= total(first_fit(possible, people), len(asked), people)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 3), st.integers(1, 3), SEED, st.integers(2, 3))
def test_no_other_choice_of_slots_costs_less_either(requests: int, people: int, seed: int, slots: int) -> None:
    asked, supplies = crowded(requests, people, seed, slots)
    possible = options(asked, supplies)
    found = optimal(possible, len(asked), supplies)
    assert is_possible(list(found.values()))
    cost = total(found, len(asked), supplies)
    assert cost == min(total(each, len(asked), supplies) for each in possible_plans(possible, len(asked)))
    assert cost <= total(first_fit(possible, supplies), len(asked), supplies)


def refused(asked: Sequence[OpenRequest], people: Sequence[Supply]) -> list[tuple[bool, frozenset[Refusal]]]:
    """Of every pair: whether the plan would take them, and which hard rules that would break."""
    return [
        (permitted_who_speak(each.talk, each.slot, who.interpreter), refusals(each.talk, each.slot, who.interpreter))
        for request in asked
        for each in request.appointments
        for who in people
    ]


@settings(deadline=None, max_examples=30)
@given(SEED, st.sampled_from([week, crowded]))
def test_the_quick_look_and_the_full_one_refuse_the_same(seed: int, made: Callable[[int, int, int], Week]) -> None:
    pairs = refused(*made(20, 20, seed))
    speak = [(quick, full) for quick, full in pairs if Refusal.LANGUAGE_NOT_SPOKEN not in full]
    assert all(quick == (not full) for quick, full in speak)


@settings(deadline=None, max_examples=60)
@given(SEED, st.sampled_from([week, crowded]))
def test_no_option_breaks_a_hard_rule_and_none_is_left_out(seed: int, made: Callable[[int, int, int], Week]) -> None:
    asked, people = made(20, 20, seed)
    found = {(each.request, each.supply) for each in options(asked, people)}
    pairs = product(range(len(asked)), range(len(people)))
    assert found == {at for at, (_, full) in zip(pairs, refused(asked, people), strict=True) if not full}


def test_weeks_break_every_hard_rule_each_alone() -> None:
    asked, people = week(400, 150, seed=11)
    assert {frozenset({each}) for each in Refusal} <= {broken for _, broken in refused(asked, people)}


@settings(deadline=None, max_examples=40)
@given(SMALL)
def test_a_runner_up_who_is_free_never_costs_less(size: tuple[int, int, int]) -> None:
    asked, people = crowded(*size)
    for choice in plan(asked, people).choices:
        if choice.runner_up and not choice.runner_up.needed_for:
            assert choice.cost <= choice.runner_up.cost


@settings(deadline=None, max_examples=20)
@given(SMALL, st.randoms())
def test_the_order_in_which_requests_and_interpreters_come_changes_nothing(
    size: tuple[int, int, int], chance: Random
) -> None:
    asked, people = crowded(*size)
    first = plan(asked, people)
    chance.shuffle(asked)
    chance.shuffle(people)
    assert plan(asked, people) == first


@pytest.mark.parametrize("block", [40, 10_000])
def test_a_week_breaks_no_hard_rule_and_costs_no_more_than_greedy(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "EXACT", block)
    asked, people = week(120, 30, seed=7)
    possible = options(asked, people)
    chosen = optimal(possible, len(asked), people)
    assert is_possible(list(chosen.values()))
    for at, option in chosen.items():
        who = people[option.supply].interpreter
        assert option.request == at
        assert not refusals(option.appointment.talk, option.appointment.slot, who)
    assert total(chosen, len(asked), people) < total(first_fit(possible, people), len(asked), people)


@pytest.mark.parametrize(("requests", "interpreters"), [(200, 20), (400, 120)])
def test_exchanges_break_no_hard_rule_and_never_cost_more(requests: int, interpreters: int) -> None:
    asked, people = week(requests, interpreters, seed=5)
    possible = options(asked, people)
    greedy = first_fit(possible, people)
    better = exchanged(possible, len(asked), people, greedy)
    assert is_possible(list(better.values()))
    assert all(request == option.request for request, option in better.items())
    assert total(better, len(asked), people) < total(greedy, len(asked), people)
    assert exchanged(possible, len(asked), people, better) == better


@settings(deadline=None, max_examples=60)
@given(SMALL)
def test_no_exchange_makes_any_possible_plan_worse(size: tuple[int, int, int]) -> None:
    asked, people = crowded(*size)
    possible = options(asked, people)
    for begun in possible_plans(possible, len(asked))[:50]:
        better = exchanged(possible, len(asked), people, begun)
        assert is_possible(list(better.values()))
        assert total(better, len(asked), people) <= total(begun, len(asked), people)


def test_every_talk_is_planned_or_says_why_not() -> None:
    asked, people = week(60, 10, seed=3)
    found = plan(asked, people)
    answered = [each.request_id for each in found.choices] + [each.request_id for each in found.unmet]
    assert sorted(answered) == sorted(each.id for each in asked)
    assert found.unmet
    assert all(each.needed_elsewhere or each.refusals for each in found.unmet)


def test_a_talk_without_interpreter_costs_more_than_any_with_one() -> None:
    asked, people = week(200, 60, seed=1)
    assert max(option.cost for option in options(asked, people)) + 4 * (20 + 200) < UNMET


def test_the_running_service_carries_no_solver() -> None:
    code = "import sys, services.interpreter.app; print('scipy' in sys.modules or 'reportlab' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
