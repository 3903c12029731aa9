"""The choice of a case manager: whom it never falls on, whom it prefers, and that it explains itself."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.case.choice import (
    POINTS,
    Choice,
    Need,
    Obstacle,
    Reason,
    choose,
    with_room,
)
from services.case.manager import CAPACITY_PER_FTE, WEIGHTS, CaseManager
from shared.contracts.vocabulary import Phase, Topic
from shared.municipalities import BY_AGS
from tests.case.callers import Callers
from tests.case.world import DINSLAKEN, MOERS, TODAY, World, manager

NEED = Need(DINSLAKEN, (Topic.HOUSING, Topic.RESIDENCE), ("ti", "ar"))
FULL = {Phase.CLARIFICATION: 40}
_TAGS = ("ti", "ar", "de", "uk", "tr")
_PLACES = sorted(BY_AGS)[:4]


@st.composite
def absences(draw: st.DrawFn) -> tuple[date | None, date | None]:
    starts = draw(st.none() | st.dates(TODAY - timedelta(days=5), TODAY + timedelta(days=5)))
    until = draw(st.none() | st.integers(0, 6).map(timedelta)) if starts else None
    return starts, starts + until if starts and until is not None else None


@st.composite
def managers(draw: st.DrawFn) -> CaseManager:
    starts, until = draw(absences())
    return CaseManager(
        id=draw(st.uuids()),
        fte=draw(st.sampled_from([Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal(1)])),
        municipalities=frozenset(draw(st.sets(st.sampled_from(_PLACES)))),
        languages=frozenset(draw(st.sets(st.sampled_from(_TAGS)))),
        topics=frozenset(draw(st.sets(st.sampled_from(Topic)))),
        absent_from=starts,
        absent_until=until,
        open_cases=draw(st.dictionaries(st.sampled_from(Phase), st.integers(0, 30))),
    )


needs = st.builds(
    Need,
    st.sampled_from(_PLACES),
    st.lists(st.sampled_from(Topic), min_size=1, unique=True).map(tuple),
    st.lists(st.sampled_from(_TAGS), min_size=1, unique=True).map(tuple),
)
teams = st.lists(managers(), max_size=5, unique_by=lambda manager: manager.id)


def can_have(need: Need, who: CaseManager) -> bool:
    """The rule in other words than the code's."""
    until = who.absent_until or date.max
    away = who.absent_from is not None and who.absent_from <= TODAY <= until
    load = sum(WEIGHTS[phase] * many for phase, many in who.open_cases.items())
    fits = load + WEIGHTS[Phase.CLARIFICATION] <= who.fte * CAPACITY_PER_FTE
    return need.ags in who.municipalities and not away and fits


@given(needs, teams)
def test_nobody_is_chosen_who_is_absent_elsewhere_or_without_room(need: Need, team: list[CaseManager]) -> None:
    choice = choose(need, team, TODAY)
    able = {who.id for who in team if can_have(need, who)}
    assert {candidate.case_manager_id for candidate in choice.ranked} == able
    assert (choice.chosen in able) if able else (choice.chosen is None)


@given(needs, teams)
def test_everybody_is_accounted_for_once(need: Need, team: list[CaseManager]) -> None:
    choice = choose(need, team, TODAY)
    able = [candidate.case_manager_id for candidate in choice.ranked]
    unable = [excluded.case_manager_id for excluded in choice.excluded]
    assert sorted(able + unable) == sorted(who.id for who in team)


@given(needs, teams, st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_choice_in_whatever_order(
    need: Need, team: list[CaseManager], random: Random
) -> None:
    shuffled = random.sample(team, len(team))
    assert choose(need, shuffled, TODAY) == choose(need, team, TODAY)


@given(needs, teams)
def test_points_stay_within_what_a_reason_can_give_and_rank_the_candidates(need: Need, team: list[CaseManager]) -> None:
    ranked = choose(need, team, TODAY).ranked
    assert all(0 <= given <= POINTS[reason] for each in ranked for reason, given in each.points.items())
    assert [each.total for each in ranked] == sorted((each.total for each in ranked), reverse=True)


@given(needs, teams)
def test_somebody_has_room_in_a_municipality_exactly_where_somebody_is_chosen(
    need: Need, team: list[CaseManager]
) -> None:
    assert (need.ags in with_room(team, TODAY)) == (choose(need, team, TODAY).chosen is not None)


@given(needs, teams)
def test_a_choice_survives_being_stored(need: Need, team: list[CaseManager]) -> None:
    choice = choose(need, team, TODAY)
    assert Choice.model_validate(choice.model_dump(mode="json")) == choice


def test_who_speaks_the_language_comes_before_who_has_more_room() -> None:
    busy = manager(languages=frozenset({"ar"}), open_cases={Phase.CLARIFICATION: 39})
    assert choose(NEED, [manager(), busy], TODAY).chosen == busy.id


def test_the_preferred_language_counts_more_than_the_second() -> None:
    first, second = manager(languages=frozenset({"ti"})), manager(languages=frozenset({"ar"}))
    assert choose(NEED, [second, first], TODAY).chosen == first.id


def test_with_equal_languages_topics_and_room_decide() -> None:
    knows_less = manager(topics=frozenset({Topic.HOUSING}))
    busy = manager(open_cases={Phase.LINKING: 4})
    free = manager()
    ranked = choose(NEED, [knows_less, busy, free], TODAY).ranked
    assert [each.case_manager_id for each in ranked] == [free.id, busy.id, knows_less.id]


def test_equals_are_chosen_by_id() -> None:
    first, second = manager(), manager()
    assert choose(NEED, [second, first], TODAY).chosen == min(first.id, second.id)


def test_a_choice_says_for_what_it_gave_points() -> None:
    half_full = manager(languages=frozenset({"ti"}), open_cases={Phase.CLARIFICATION: 20})
    [candidate] = choose(NEED, [half_full], TODAY).ranked
    assert candidate.points == {
        Reason.SPEAKS_LANGUAGE: Decimal(4),
        Reason.KNOWS_TOPICS: Decimal(2),
        Reason.HAS_ROOM: Decimal("1.5"),
    }


def test_a_choice_says_what_stood_in_the_way() -> None:
    team = {
        Obstacle.OTHER_MUNICIPALITY: manager(municipalities=frozenset({MOERS})),
        Obstacle.ABSENT: manager(absent_from=TODAY),
        Obstacle.AT_CAPACITY: manager(open_cases=FULL),
    }
    choice = choose(NEED, team.values(), TODAY)
    assert choice.chosen is None
    assert {each.obstacle: each.case_manager_id for each in choice.excluded} == {o: m.id for o, m in team.items()}


def test_the_last_day_of_an_absence_belongs_to_it() -> None:
    away = manager(absent_from=TODAY - timedelta(days=3), absent_until=TODAY)
    assert choose(NEED, [away], TODAY).chosen is None
    assert choose(NEED, [away], TODAY + timedelta(days=1)).chosen == away.id


def test_cases_weigh_by_their_phase() -> None:
    linking, planning = manager(open_cases={Phase.LINKING: 40}), manager(open_cases={Phase.PLANNING: 40})
    assert choose(NEED, [linking, planning], TODAY).chosen == linking.id
    assert not planning.has_room


async def test_after_a_named_hand_over_the_successor_reads_who_named_them(world: World, api: Callers) -> None:
    predecessor, case = await world.post(), await world.accept()
    named, _ = await world.post(), await world.post()
    path, body = f"/cases/{case.case_id}/hand-over", {"ags": DINSLAKEN, "case_manager_id": str(named.id)}
    answer = await api.manager_of(case).call("POST", path, body, If_Match=f'"{case.version}"')
    assert answer.status_code == 200, answer.text
    choice = (await api.manager_of(await world.stored(case)).get(f"/cases/{case.case_id}/choice")).json()
    assert choice == {
        "ranked": [{"case_manager_id": str(named.id), "points": {}}],
        "excluded": [],
        "named_by": str(predecessor.id),
    }
