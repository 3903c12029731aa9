"""Dialect, gender, conflicts of interest, direction: what narrows or orders the choice of an interpreter."""

from dataclasses import replace

import pytest

from services.interpreter.domain import Direction, Level, SpokenLanguage, register
from services.interpreter.next_options import next_options
from services.interpreter.ranking import Refusal, Talk, refusals
from shared.contracts.interpreter import CandidatesRanked, InterpreterProfileChanged
from shared.contracts.person import InterpreterConflictsStated
from shared.contracts.vocabulary import Gender, Mode, NextOption
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, IN_A_YEAR, Booking, interpreter, languages, slot
from tests.interpreter.test_ranking import TALK, candidate, order
from tests.interpreter.test_ranking import slot as open_slot

TOKEN, OTHER = "a" * 64, "b" * 64


def test_who_speaks_the_dialect_comes_first() -> None:
    other, same = candidate(), candidate(dialects=("ti-ER",))
    assert order(replace(TALK, dialect="ti-ER"), other, same) == [same.interpreter.id, other.interpreter.id]


def test_a_wish_orders_and_a_condition_refuses() -> None:
    woman, man = candidate(languages=languages(ti="b2")), candidate(gender=Gender.MALE)
    wish = replace(TALK, gender=Gender.FEMALE)
    assert order(wish, man, woman) == [woman.interpreter.id, man.interpreter.id]
    assert order(replace(wish, gender_binding=True), man, woman) == [woman.interpreter.id]


def test_a_conflict_of_interest_is_never_weighed() -> None:
    near, stranger = candidate(conflicts=(TOKEN,), knows_case=True), candidate(conflicts=(OTHER,))
    talk = replace(TALK, conflicts=frozenset({TOKEN}))
    assert order(talk, near, stranger) == [stranger.interpreter.id]
    assert refusals(talk, open_slot(near.interpreter.id), near.interpreter) == {Refusal.CONFLICT_OF_INTEREST}


def test_a_talk_has_two_directions() -> None:
    one_way = SpokenLanguage(language="ti", level=Level.NATIVE, direction=Direction.INTO_GERMAN)
    half = candidate(languages=(one_way,))
    assert order(TALK, half) == []
    _, [told] = register(None, half.interpreter)
    assert isinstance(told, InterpreterProfileChanged)
    assert told.languages == []


def test_from_afar_the_municipality_does_not_matter() -> None:
    far = candidate(municipalities=(ALPEN,))
    assert order(TALK, far) == []
    assert order(replace(TALK, remote=True), far) == [far.interpreter.id]


WOMAN_ONLY = replace(TALK, gender=Gender.FEMALE, gender_binding=True, conflicts=frozenset({TOKEN}))
BY_PHONE = replace(TALK, remote=True)


@pytest.mark.parametrize(
    ("talk", "profile", "expected"),
    [
        (WOMAN_ONLY, {}, [NextOption.OTHER_TIME]),
        (WOMAN_ONLY, {"municipalities": (ALPEN,)}, [NextOption.PHONE_OR_VIDEO]),
        (WOMAN_ONLY, {"gender": Gender.MALE}, [NextOption.OTHER_GENDER]),
        (WOMAN_ONLY, {"gender": Gender.MALE, "municipalities": (ALPEN,)}, []),
        (WOMAN_ONLY, {"languages": languages(am="native")}, []),
        (WOMAN_ONLY, {"conflicts": (TOKEN,)}, []),
        (BY_PHONE, {}, [NextOption.OTHER_TIME]),
        (BY_PHONE, {"municipalities": (ALPEN,), "gender": Gender.MALE}, [NextOption.OTHER_TIME]),
        (replace(TALK, earliest=IN_A_YEAR), {}, [NextOption.OTHER_TIME]),
        (replace(TALK, earliest=IN_A_YEAR), {"municipalities": (ALPEN,)}, []),
    ],
)
def test_an_option_lifts_a_rule_that_keeps_somebody_out(
    talk: Talk, profile: dict[str, object], expected: list[NextOption]
) -> None:
    """Nobody is free, which alone makes only another time an option."""
    assert next_options([(talk, open_slot())], [interpreter(**profile)]) == [*expected, NextOption.NEIGHBOUR_COUNTY]


async def test_the_answer_tells_what_could_still_be_tried_where_nobody_was_found(agency: Agency) -> None:
    who = (await agency.knows()).id
    await agency.hears(Booking().requested((slot(), [])), Booking().requested((slot(), [who])))
    nobody, somebody = await agency.told(CandidatesRanked)
    assert nobody.next_options == [NextOption.OTHER_TIME, NextOption.NEIGHBOUR_COUNTY]
    assert somebody.next_options == []


async def test_wishes_and_conflicts_travel_with_the_request(agency: Agency) -> None:
    woman, man, relative = await agency.knows(), await agency.knows(gender=Gender.MALE), await agency.knows()
    await agency.hears(InterpreterConflictsStated(interpreter_id=relative.id, tokens=[TOKEN]))
    everybody = [man.id, woman.id, relative.id]
    await agency.hears(
        Booking().requested(
            (slot(), everybody), gender=Gender.FEMALE, gender_binding=True, conflict_tokens=[TOKEN], mode=Mode.PHONE
        )
    )
    [told] = await agency.told(CandidatesRanked)
    assert told.slots[0].interpreter_ids == [woman.id]
    listed = await agency.client.get("/interpreters", headers=agency.token("administrator"))
    assert TOKEN not in listed.text
