"""Who is asked, and in which order: hard rules first, points after."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.interpreter.domain import Level
from services.interpreter.ranking import (
    POINTS,
    Candidate,
    OpenSlot,
    Reason,
    Refusal,
    SlotRanking,
    Talk,
    rank,
    refusals,
    spoken_for,
)
from services.interpreter.substitutes import SUBSTITUTES
from services.interpreter.tariffs import TARIFFS, Kind, tariff
from shared.contracts.vocabulary import LANGUAGES, TalkPurpose, Topic
from shared.ids import new_id
from tests.interpreter.people import (
    ALPEN,
    DAY_OF_TALK,
    DINSLAKEN,
    IN_A_YEAR,
    TODAY,
    credentials,
    interpreter,
    languages,
)

STRICT = tariff(DAY_OF_TALK, "heinsberg").rules
LENIENT = tariff(DAY_OF_TALK, "borken").rules
TALK = Talk(ags=DINSLAKEN, languages=("ti",), kinds=frozenset(), rules=STRICT, earliest=TODAY)
DAY_BEFORE = DAY_OF_TALK - timedelta(days=1)


def slot(*free: UUID) -> OpenSlot:
    return OpenSlot(new_id(), DAY_OF_TALK, frozenset(free))


def candidate(
    *, recent: int = 0, knows_case: bool = False, same_municipality: bool = False, **profile: Any
) -> Candidate:
    return Candidate(interpreter(**profile), recent, knows_case, same_municipality)


def ranked(talk: Talk, *candidates: Candidate) -> SlotRanking:
    """With everybody free."""
    return rank(talk, slot(*(one.interpreter.id for one in candidates)), candidates)


def order(talk: Talk, *candidates: Candidate) -> list[UUID]:
    return [found.interpreter_id for found in ranked(talk, *candidates).ranked]


@pytest.mark.parametrize(
    ("talk", "profile", "refusal"),
    [
        (TALK, {"active": False}, Refusal.INACTIVE),
        (TALK, {"municipalities": (ALPEN,)}, Refusal.MUNICIPALITY_NOT_SERVED),
        (TALK, {"languages": languages(am="native")}, Refusal.LANGUAGE_NOT_SPOKEN),
        (TALK, {"credentials": credentials(DAY_BEFORE)}, Refusal.CREDENTIAL_MISSING),
        (TALK, {"credentials": credentials(None)}, Refusal.CREDENTIAL_MISSING),
        (replace(TALK, kinds=frozenset({Kind.LEGAL_CONSEQUENCES})), {}, Refusal.NOT_SWORN),
        (
            replace(TALK, kinds=frozenset({Kind.LEGAL_CONSEQUENCES})),
            {"credentials": credentials(sworn=DAY_BEFORE)},
            Refusal.NOT_SWORN,
        ),
        (replace(TALK, kinds=frozenset({Kind.MEDICAL})), {}, Refusal.EXCLUDED_BY_POT),
        (replace(TALK, kinds=frozenset({Kind.WITHOUT_PROFESSIONAL})), {}, Refusal.EXCLUDED_BY_POT),
        (replace(TALK, earliest=DAY_OF_TALK + timedelta(days=1)), {}, Refusal.LEAD_TIME),
    ],
)
def test_a_hard_rule_refuses_by_its_name(talk: Talk, profile: dict[str, Any], refusal: Refusal) -> None:
    one = candidate(**profile)
    assert refusals(talk, slot(one.interpreter.id), one.interpreter) == {refusal}
    assert order(talk, one) == []


def test_who_is_not_free_is_not_ranked() -> None:
    free, busy = candidate(), candidate()
    found = rank(TALK, slot(free.interpreter.id), [free, busy])
    assert [one.interpreter_id for one in found.ranked] == [free.interpreter.id]
    assert refusals(TALK, slot(), busy.interpreter) == {Refusal.NOT_FREE}


def test_credentials_hold_on_their_last_day_which_may_be_the_talks() -> None:
    sworn_talk = replace(TALK, kinds=frozenset({Kind.LEGAL_CONSEQUENCES}))
    one = candidate(credentials=credentials(DAY_OF_TALK, sworn=DAY_OF_TALK))
    assert order(sworn_talk, one) == [one.interpreter.id]


def test_nobody_who_could_come_is_an_empty_list_without_a_language() -> None:
    found = ranked(TALK, candidate(active=False))
    assert (found.language, found.ranked) == (None, ())


def test_a_pot_reads_topics_as_kinds_of_talk() -> None:
    both = [Topic.RESIDENCE, Topic.HEALTH, Topic.HOUSING]
    counselling = TalkPurpose.COUNSELLING
    assert STRICT.exclusions.kinds(both, counselling) == {Kind.LEGAL_CONSEQUENCES, Kind.MEDICAL}
    assert LENIENT.exclusions.kinds(both, counselling) == frozenset()


@pytest.mark.parametrize("pot", TARIFFS.pots)
def test_what_a_pot_excludes_can_be_stated_of_a_talk(pot: str) -> None:
    """Otherwise it would stand in the data and exclude nothing."""
    excluding = tariff(DAY_OF_TALK, pot).rules.exclusions
    stated = {kind for purpose in TalkPurpose for kind in excluding.kinds([], purpose)}
    assert stated == excluding.never | excluding.sworn_only


@pytest.mark.parametrize(
    "purpose",
    [TalkPurpose.MEDICAL, TalkPurpose.LONG_TERM, TalkPurpose.WRITTEN_WORK, TalkPurpose.WITHOUT_PROFESSIONAL],
)
@pytest.mark.parametrize("pot", TARIFFS.pots)
def test_nobody_comes_for_what_every_pot_excludes(pot: str, purpose: TalkPurpose) -> None:
    rules = tariff(DAY_OF_TALK, pot).rules
    talk, who = replace(TALK, rules=rules, kinds=rules.exclusions.kinds([], purpose)), candidate()
    assert refusals(talk, slot(who.interpreter.id), who.interpreter) == {Refusal.EXCLUDED_BY_POT}


@pytest.mark.parametrize("pot", TARIFFS.pots)
def test_every_pot_takes_sworn_interpreters_alone_where_the_purpose_has_legal_consequences(pot: str) -> None:
    rules = tariff(DAY_OF_TALK, pot).rules
    act = replace(TALK, rules=rules, kinds=rules.exclusions.kinds([Topic.HOUSING], TalkPurpose.LEGAL_ACT))
    sworn, expired = (
        candidate(credentials=credentials(sworn=DAY_OF_TALK)),
        candidate(credentials=credentials(sworn=DAY_BEFORE)),
    )
    native = candidate(knows_case=True, same_municipality=True)
    assert order(act, native, expired, sworn) == [sworn.interpreter.id]


def test_at_high_stakes_levels_count_double_and_the_credential_is_preferred() -> None:
    assert STRICT.stakes.are_high([Topic.FAMILY], TalkPurpose.COUNSELLING)
    assert STRICT.stakes.are_high([], TalkPurpose.LEGAL_ACT)
    assert not STRICT.stakes.are_high([Topic.HOUSING], TalkPurpose.COUNSELLING)
    high = replace(TALK, high_stakes=True)
    near, good = candidate(same_municipality=True, languages=languages(ti="c2")), candidate()
    assert order(TALK, near, good) == [near.interpreter.id, good.interpreter.id]
    assert order(high, near, good) == [good.interpreter.id, near.interpreter.id]
    sworn, expired = (
        candidate(credentials=credentials(sworn=DAY_OF_TALK)),
        candidate(credentials=credentials(sworn=DAY_BEFORE)),
    )
    assert order(high, expired, sworn, candidate(recent=9))[0] == sworn.interpreter.id
    [best], [other] = ranked(high, sworn).ranked, ranked(high, expired).ranked
    assert best.score == other.score + POINTS[Reason.CREDENTIAL]


def test_the_better_level_comes_first() -> None:
    c1, native, b2, c2 = (candidate(languages=languages(ti=level)) for level in ("c1", "native", "b2", "c2"))
    assert order(TALK, c1, native, b2, c2) == [one.interpreter.id for one in (native, c2, c1, b2)]


def test_who_had_fewer_assignments_comes_first() -> None:
    busy, idle, middle = candidate(recent=9), candidate(), candidate(recent=2)
    assert order(TALK, busy, idle, middle) == [one.interpreter.id for one in (idle, middle, busy)]


def test_who_knows_the_case_comes_first() -> None:
    near, known = candidate(same_municipality=True), candidate(knows_case=True, languages=languages(ti="c1"))
    assert order(TALK, near, known) == [known.interpreter.id, near.interpreter.id]


def test_who_lives_there_comes_first_among_equals() -> None:
    far, near = candidate(), candidate(same_municipality=True)
    assert order(TALK, far, near) == [near.interpreter.id, far.interpreter.id]


def test_equal_ones_stand_by_id() -> None:
    equal = [candidate() for _ in range(5)]
    assert order(TALK, *reversed(equal)) == sorted(one.interpreter.id for one in equal)


def test_the_reasons_are_told_and_add_up() -> None:
    one = candidate(recent=2, knows_case=True, same_municipality=True, languages=languages(ti="c2"))
    [found] = ranked(TALK, one).ranked
    assert [(scored.reason, scored.points) for scored in found.reasons] == [
        (Reason.LANGUAGE_C2, 24),
        (Reason.CONTINUITY, 40),
        (Reason.SAME_MUNICIPALITY, 10),
        (Reason.RECENT_ASSIGNMENTS, -8),
    ]
    assert found.score == 66


def test_the_preferred_language_that_somebody_speaks_is_chosen_for_all() -> None:
    tigrinya, amharic = candidate(), candidate(languages=languages(am="native"))
    found = ranked(replace(TALK, languages=("so", "am", "ti")), tigrinya, amharic)
    assert found.language == "am"
    assert [one.interpreter_id for one in found.ranked] == [amharic.interpreter.id]


def test_a_substitute_stands_behind_everybody_who_speaks_the_language_itself() -> None:
    bosnian = replace(TALK, languages=("bs",))
    serbian = candidate(languages=languages(sr="native"), knows_case=True, same_municipality=True)
    itself = candidate(languages=languages(bs="b2"), recent=90)
    found = ranked(bosnian, serbian, itself)
    assert [one.interpreter_id for one in found.ranked] == [itself.interpreter.id, serbian.interpreter.id]
    assert found.language == "bs"
    assert Reason.SUBSTITUTE in {scored.reason for scored in found.ranked[1].reasons}


def test_a_substitute_comes_where_nobody_speaks_the_language_itself() -> None:
    croatian = candidate(languages=languages(hr="c1"))
    found = ranked(replace(TALK, languages=("bs", "sr")), croatian)
    assert (found.language, [one.interpreter_id for one in found.ranked]) == ("bs", [croatian.interpreter.id])


def test_another_language_of_the_participant_is_better_than_a_substitute() -> None:
    croatian, english = candidate(languages=languages(hr="native")), candidate(languages=languages(en="c1"))
    assert ranked(replace(TALK, languages=("bs", "en")), croatian, english).language == "en"


def test_only_the_list_makes_substitutes_and_never_russian_for_ukrainian() -> None:
    assert not set(SUBSTITUTES) - LANGUAGES
    for wanted in LANGUAGES:
        for spoken in LANGUAGES - {wanted}:
            who = interpreter(languages=languages(**{spoken: "native"}))
            allowed = spoken in SUBSTITUTES.get(wanted, ())
            assert spoken_for(who, wanted) == (spoken if allowed else None)
    assert "ru" not in SUBSTITUTES.get("uk", ())
    for apart in (("fa", "prs"), ("kmr", "ckb")):
        assert not set(apart) & {tag for one in apart for tag in SUBSTITUTES.get(one, ())}


FEW = ("ti", "am", "bs", "hr", "uk", "ru")
_LEVELS = st.dictionaries(st.sampled_from(FEW), st.sampled_from([level.value for level in Level]), min_size=1)
_UNTIL = st.sampled_from([None, DAY_BEFORE, DAY_OF_TALK, IN_A_YEAR])
_CANDIDATES = st.lists(
    st.builds(
        lambda who, levels, until, sworn, flags, recent: Candidate(
            interpreter(
                id=who,
                languages=languages(**levels),
                municipalities=(DINSLAKEN,) if flags[0] else (ALPEN,),
                credentials=credentials(until, sworn),
                active=flags[1],
            ),
            recent,
            knows_case=flags[2],
            same_municipality=flags[3],
        ),
        st.uuids(),
        _LEVELS,
        _UNTIL,
        _UNTIL,
        st.tuples(*[st.booleans()] * 4),
        st.integers(0, 40),
    ),
    max_size=8,
    unique_by=lambda one: one.interpreter.id,
)
_TALKS = st.builds(
    lambda wanted, kinds, rules, days: Talk(DINSLAKEN, wanted, kinds, rules, DAY_OF_TALK + timedelta(days=days)),
    st.lists(st.sampled_from(FEW), min_size=1, max_size=3, unique=True),
    st.frozensets(st.sampled_from(Kind), max_size=1),
    st.sampled_from([STRICT, LENIENT]),
    st.sampled_from([-3, 0, 0, 0, 1]),
)


def _some_free(candidates: Sequence[Candidate], chosen: Callable[[int], bool]) -> OpenSlot:
    return slot(*(one.interpreter.id for n, one in enumerate(candidates) if chosen(n)))


def _breaks_no_rule(talk: Talk, open_slot: OpenSlot, one: Candidate, language: str) -> bool:
    """The hard rules once more, from their wording."""
    who, held = one.interpreter, one.interpreter.credentials
    documents = all(until and until >= open_slot.day for until in (held.certificate_of_conduct, held.data_secrecy))
    sworn = Kind.LEGAL_CONSEQUENCES not in talk.kinds or (held.sworn and held.sworn >= open_slot.day)
    possible = talk.kinds <= {Kind.LEGAL_CONSEQUENCES} and talk.earliest <= open_slot.day
    spoken = {language, *SUBSTITUTES.get(language, ())} & {one.language for one in who.languages}
    there = talk.ags in who.municipalities and who.id in open_slot.free
    return bool(who.active and documents and sworn and possible and spoken and there)


@settings(deadline=None)
@given(_TALKS, _CANDIDATES, st.sets(st.integers(0, 7)))
def test_nobody_who_breaks_a_hard_rule_is_ever_ranked_and_nobody_else_is_left_out(
    talk: Talk, candidates: list[Candidate], busy: set[int]
) -> None:
    open_slot = _some_free(candidates, lambda n: n not in busy)
    found = rank(talk, open_slot, candidates)
    fit = {
        language: {one.interpreter.id for one in candidates if _breaks_no_rule(talk, open_slot, one, language)}
        for language in talk.languages
    }
    if found.language is None:
        assert not any(fit.values())
    else:
        assert {one.interpreter_id for one in found.ranked} == fit[found.language]


@settings(deadline=None)
@given(_TALKS, _CANDIDATES, st.sets(st.integers(0, 7)), st.randoms())
def test_the_order_in_which_candidates_come_changes_nothing(
    talk: Talk, candidates: list[Candidate], busy: set[int], chance: Any
) -> None:
    open_slot = _some_free(candidates, lambda n: n not in busy)
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert rank(talk, open_slot, shuffled) == rank(talk, open_slot, candidates)


@settings(deadline=None)
@given(_TALKS, _CANDIDATES)
def test_the_same_question_has_the_same_answer(talk: Talk, candidates: list[Candidate]) -> None:
    open_slot = _some_free(candidates, lambda _: True)
    found = rank(talk, open_slot, candidates)
    assert found == rank(talk, open_slot, candidates)
    scores = [(-one.score, one.interpreter_id) for one in found.ranked]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(scores)


def test_of_two_from_elsewhere_the_nearer_one_comes_first() -> None:
    far, near = (Candidate(interpreter(), 0, False, False, km=km) for km in (40, 8))
    first, second = ranked(TALK, far, near).ranked
    assert [first.interpreter_id, second.interpreter_id] == [near.interpreter.id, far.interpreter.id]
    assert [each.points for each in second.reasons if each.reason is Reason.DISTANCE] == [-8]
