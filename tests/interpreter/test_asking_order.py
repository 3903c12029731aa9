"""Whatever a plan means: nobody who breaks a hard rule is asked, and nobody else is left out."""

from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.weeks import week
from services.interpreter.asking_order import asking_order
from services.interpreter.costs import Appointment, Supply
from services.interpreter.ranking import Candidate, rank, refusals, spoken_for


def candidates(people: list[Supply]) -> list[Candidate]:
    return [Candidate(each.interpreter, each.recent, knows_case=False, same_municipality=False) for each in people]


def is_allowed(appointment: Appointment, people: list[Supply], who: UUID) -> bool:
    known = next(each.interpreter for each in people if each.interpreter.id == who)
    return not refusals(appointment.talk, appointment.slot, known)


@settings(deadline=None, max_examples=80)
@given(st.integers(0, 10**6), st.data())
def test_a_plan_changes_the_order_and_never_a_hard_rule(seed: int, data: st.DataObject) -> None:
    [asked], people = week(1, 12, seed)
    appointment = asked.appointments[0]
    ids = [each.interpreter.id for each in people]
    meant = data.draw(st.none() | st.tuples(st.sampled_from(ids), st.sampled_from(appointment.talk.languages)))
    elsewhere = data.draw(st.sets(st.sampled_from(ids)))
    order = [(each.interpreter_id, language) for each, language in told(appointment, people, meant, elsewhere)]
    who = [each for each, _ in order]
    alone = {each.interpreter_id for each in rank(appointment.talk, appointment.slot, candidates(people)).ranked}
    assert all(is_allowed(appointment, people, each) for each in who)
    assert len(set(who)) == len(who)
    assert alone <= set(who) | ({meant[0]} if meant else set())
    assert all(language in appointment.talk.languages for _, language in order)
    if meant and is_allowed(appointment, people, meant[0]) and speaks(people, *meant):
        assert order[0] == meant
    others = [each in elsewhere for each in who if not meant or each != meant[0]]
    assert others == sorted(others), "whom the plan needs elsewhere comes last"


def told(appointment: Appointment, people: list[Supply], meant: Any, elsewhere: set[UUID]) -> Any:
    return asking_order(appointment, candidates(people), meant, elsewhere).asked


def speaks(people: list[Supply], who: UUID, language: str) -> bool:
    known = next(each.interpreter for each in people if each.interpreter.id == who)
    return spoken_for(known, language) is not None
