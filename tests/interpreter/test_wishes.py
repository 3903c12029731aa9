"""Dialect, gender, conflicts of interest, direction: what narrows or orders the choice of an interpreter."""

from dataclasses import replace

import pytest

from services.interpreter.domain import Direction, Level, SpokenLanguage, register
from services.interpreter.next_options import next_options
from services.interpreter.ranking import Refusal, refusals
from shared.contracts.interpreter import CandidatesRanked, InterpreterProfileChanged
from shared.contracts.person import InterpreterConflictsStated
from shared.contracts.vocabulary import Gender, Mode, NextOption
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, Booking, interpreter, languages, slot
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


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ({"municipalities": (ALPEN,)}, [NextOption.PHONE_OR_VIDEO]),
        ({}, [NextOption.OTHER_TIME, NextOption.PHONE_OR_VIDEO, NextOption.OTHER_GENDER]),
        ({"gender": Gender.MALE}, [NextOption.OTHER_GENDER]),
        ({"languages": languages(am="native")}, []),
        ({"conflicts": (TOKEN,)}, []),
    ],
)
def test_options_are_what_somebody_could_still_do(profile: dict[str, object], expected: list[NextOption]) -> None:
    talk = replace(TALK, gender=Gender.FEMALE, gender_binding=True, conflicts=frozenset({TOKEN}))
    found = next_options([(talk, open_slot())], [interpreter(**profile)])
    assert found == [*expected, NextOption.NEIGHBOUR_COUNTY]


async def test_the_answer_tells_what_could_still_be_tried_where_nobody_was_found(agency: Agency) -> None:
    who = (await agency.knows()).id
    await agency.hears(Booking().requested((slot(), [])), Booking().requested((slot(), [who])))
    nobody, somebody = await agency.told(CandidatesRanked)
    assert nobody.next_options == [
        NextOption.OTHER_TIME, NextOption.PHONE_OR_VIDEO, NextOption.OTHER_GENDER, NextOption.NEIGHBOUR_COUNTY,
    ]  # fmt: skip
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
