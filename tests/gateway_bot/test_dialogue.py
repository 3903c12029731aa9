"""The dialogue as a function: no Telegram, no services."""

from dataclasses import replace
from datetime import date
from functools import reduce
from typing import Any

import pytest

from services.gateway_bot import dialogue
from services.gateway_bot.clients import Sealed
from services.gateway_bot.draft import ORDER, Ask, Consent, Draft
from services.gateway_bot.enquiry import enquiry_of
from services.gateway_bot.says import Given, Pressed, Say, Typed
from services.gateway_bot.texts import TEXTS
from shared.contracts.vocabulary import Criterion, Gender, Mode, Topic

ANSWERS: dict[Any, list[Given]] = {
    Ask.LANGUAGE: [Pressed("language", "en")],
    Ask.TALK: [Pressed("talk", "ti")],
    Ask.DIALECT: [Pressed("dialect", "ti-ER")],
    Ask.POSTCODE: [Typed("46535")],
    Ask.TOPICS: [Pressed("topics", "housing"), Pressed("topics", "residence"), Pressed("topics", "done")],
    Ask.MODE: [Pressed("mode", "phone")],
    Ask.GENDER: [Pressed("gender", "female")],
    Ask.GENDER_BINDING: [Pressed("gender_binding", "yes")],
    **{criterion: [Pressed(criterion, "yes")] for criterion in Criterion},
    **{consent: [Pressed(consent, "yes")] for consent in Consent},
    Ask.NAME: [Typed("Selam")],
    Ask.BIRTH_YEAR: [Typed("١٩٩١")],
    Ask.SUMMARY: [Pressed("summary", "send")],
}
every_language = pytest.mark.parametrize("ui", TEXTS)


def until(step: Any) -> Draft:
    """The draft of somebody who has answered everything before this step."""
    given = [each for earlier in ORDER[: ORDER.index(step)] for each in ANSWERS[earlier]]
    return reduce(lambda draft, each: dialogue.answer(draft, each)[0], given, dialogue.begin()[0])


def labels(say: Say) -> list[str]:
    return [button.label for row in say.buttons for button in row]


def test_the_whole_way_makes_an_enquiry_ready_to_send() -> None:
    draft = until(Ask.SENDING)
    assert draft == Draft(
        step=Ask.SENDING,
        ui="en",
        language="ti",
        dialect="ti-ER",
        gender=Gender.FEMALE,
        gender_binding=True,
        postcode="46535",
        topics=frozenset({Topic.HOUSING, Topic.RESIDENCE}),
        mode=Mode.PHONE,
        criteria=frozenset(Criterion),
        consents=frozenset(Consent),
        name="Selam",
        birth_year=1991,
    )


@every_language
def test_whoever_begins_learns_that_it_is_voluntary_and_that_telegram_sees_the_chat(ui: str) -> None:
    _, said = dialogue.answer(Draft(), Pressed("language", ui))
    assert said[0].text == TEXTS[ui].about
    assert any(word in said[0].text for word in ("Telegram", "تيليجرام"))


def test_the_own_language_is_offered_first_and_every_other_one_too() -> None:
    _, said = dialogue.answer(Draft(), Pressed("language", "uk"))
    assert labels(said[-1])[0] == "українська"
    assert "ትግርኛ" in labels(said[-1])


def test_a_topic_is_turned_on_and_off_in_place() -> None:
    draft, [said] = dialogue.answer(until(Ask.TOPICS), Pressed("topics", "work"))
    assert (draft.topics, said.in_place) == (frozenset({Topic.WORK}), True)
    assert "✅ Work" in labels(said)
    draft, [said] = dialogue.answer(draft, Pressed("topics", "work"))
    assert draft.topics == frozenset()
    assert "Work" in labels(said)


@pytest.mark.parametrize(
    ("step", "given", "hint"),
    [
        (Ask.LANGUAGE, Pressed("language", "xx"), "unclear"),
        (Ask.LANGUAGE, Typed("Deutsch"), "unclear"),
        (Ask.TALK, Pressed("talk", "ku"), "unclear"),
        (Ask.DIALECT, Pressed("dialect", "ar-SY"), "unclear"),
        (Ask.DIALECT, Pressed("dialect", "ti"), "unclear"),
        (Ask.DIALECT, Pressed("dialect", ""), "unclear"),
        (Ask.DIALECT, Typed("Eritrea"), "unclear"),
        (Ask.POSTCODE, Pressed("dialect", "ti-ER"), "outdated"),
        (Ask.POSTCODE, Typed("10115"), "postcode"),
        (Ask.POSTCODE, Typed("Dinslaken"), "postcode"),
        (Ask.TOPICS, Pressed("topics", "done"), "topics"),
        (Ask.TOPICS, Pressed("topics", "weather"), "unclear"),
        (Ask.MODE, Pressed("mode", "letter"), "unclear"),
        (Ask.GENDER, Pressed("gender", "undisclosed"), "unclear"),
        (Ask.GENDER, Pressed("gender", "yes"), "unclear"),
        (Ask.GENDER, Pressed("gender_binding", "yes"), "outdated"),
        (Ask.GENDER, Typed("female"), "unclear"),
        (Ask.GENDER_BINDING, Pressed("gender_binding", "skip"), "unclear"),
        (Ask.GENDER_BINDING, Pressed("gender", "male"), "outdated"),
        (Ask.GENDER_BINDING, Typed("yes"), "unclear"),
        (Criterion.COMPLEX_NEED, Pressed("complex_need", "perhaps"), "unclear"),
        (Criterion.COMPLEX_NEED, Typed("yes"), "unclear"),
        (Consent.COUNSELLING, Pressed("consent-counselling", "no"), "consent"),
        (Ask.NAME, Typed("x" * 101), "name"),
        (Ask.NAME, Typed("two\nlines"), "unclear"),
        (Ask.NAME, Pressed("name", "x"), "unclear"),
        (Ask.BIRTH_YEAR, Typed("91"), "birth_year"),
        (Ask.BIRTH_YEAR, Typed("1899"), "birth_year"),
        (Ask.BIRTH_YEAR, Pressed("birth_year", "x"), "unclear"),
        (Ask.SUMMARY, Typed("ok"), "unclear"),
        (Ask.NAME, Pressed("consent-office", "no"), "outdated"),
        (Ask.SUMMARY, Pressed("language", "de"), "outdated"),
    ],
)
def test_what_does_not_fit_is_explained_and_asked_again(step: Any, given: Given, hint: str) -> None:
    draft = until(step)
    after, said = dialogue.answer(draft, given)
    assert after == draft
    assert said[0].text == draft.texts.hints[hint]
    assert said[1].text
    assert len(said) == 2


def test_a_postcode_may_be_typed_in_the_digits_of_another_script() -> None:
    after, _ = dialogue.answer(until(Ask.POSTCODE), Typed("٤٦٥٣٥"))
    assert after.postcode == "46535"


def test_only_what_was_agreed_to_is_a_consent_and_only_a_yes_is_a_criterion() -> None:
    draft = until(Criterion.COMPLEX_NEED)
    for step in (*Criterion, *Consent):
        yes = step in {Criterion.MANY_ACTORS, Consent.COUNSELLING}
        draft, _ = dialogue.answer(draft, Pressed(step, "yes" if yes else "no"))
    assert draft.criteria == {Criterion.MANY_ACTORS}
    assert draft.consents == {Consent.COUNSELLING}


def test_who_skips_the_year_of_birth_tells_none_and_goes_on() -> None:
    after, [said] = dialogue.answer(until(Ask.BIRTH_YEAR), Pressed("birth_year", "skip"))
    assert (after.step, after.birth_year) == (Ask.SUMMARY, None)
    assert "{" not in said.text


def test_who_skips_dialect_and_wish_is_interpreted_by_anybody_and_goes_on() -> None:
    after, _ = dialogue.answer(until(Ask.DIALECT), Pressed("dialect", "skip"))
    assert (after.step, after.dialect) == (Ask.POSTCODE, None)
    after, _ = dialogue.answer(until(Ask.GENDER), Pressed("gender", "skip"))
    assert (after.step, after.gender, after.gender_binding) == (next(iter(Criterion)), None, False)


def test_whose_language_has_no_dialects_is_not_asked_for_one() -> None:
    after, _ = dialogue.answer(until(Ask.TALK), Pressed("talk", "uk"))
    assert after.step is Ask.POSTCODE


@pytest.mark.parametrize(("ui", "syria"), [("de", "Syrien"), ("ar", "سوريا"), ("tr", "Suriye"), ("uk", "Сирія")])
def test_the_regions_of_dialects_are_named_in_the_persons_language(ui: str, syria: str) -> None:
    _, [said] = dialogue.answer(Draft(step=Ask.TALK, ui=ui), Pressed("talk", "ar"))
    assert syria in labels(said)
    assert len(labels(said)) == len(set(labels(said)))


@every_language
def test_the_summary_shows_whom_they_wish_for(ui: str) -> None:
    texts = TEXTS[ui]
    asked = until(Ask.BIRTH_YEAR)
    for gender, binding, shown in (
        (None, False, texts.anybody),
        (Gender.MALE, False, texts.genders[Gender.MALE]),
        (Gender.MALE, True, texts.nobody_else.format(gender=texts.genders[Gender.MALE])),
    ):
        draft = replace(asked, ui=ui, gender=gender, gender_binding=binding)
        _, [said] = dialogue.answer(draft, Typed("1991"))
        assert shown in said.text
        assert (texts.nobody_else.format(gender="") in said.text) == binding or gender is None


@every_language
def test_the_summary_shows_what_will_be_sent(ui: str) -> None:
    draft = until(Ask.NAME)
    draft, _ = dialogue.answer(Draft(**{**vars(draft), "ui": ui}), Typed("{Selam}"))
    _, [said] = dialogue.answer(draft, Typed("1991"))
    for shown in ("{Selam}", "1991", "46535", "ትግርኛ", TEXTS[ui].topics[Topic.HOUSING], TEXTS[ui].modes[Mode.PHONE]):
        assert shown in said.text
    assert labels(said) == [TEXTS[ui].send]
    assert len(said.text) <= 4096


def test_a_draft_shows_neither_name_nor_postcode_where_it_is_printed() -> None:
    assert "Selam" not in repr(until(Ask.SUMMARY))
    assert "46535" not in repr(until(Ask.SUMMARY))


def test_no_button_carries_more_than_telegram_takes() -> None:
    for step in ORDER[:-1]:
        _, said = dialogue.answer(until(step), Typed("\0"))
        for row in said[-1].buttons:
            for button in row:
                assert len(button.data.encode()) <= 64


def test_the_enquiry_says_what_is_wished_of_the_interpreter() -> None:
    body = enquiry_of(until(Ask.SENDING), Sealed("sealed", "key"), date(2026, 11, 24))
    assert (body["dialect"], body["gender"], body["gender_binding"]) == ("ti-ER", "female", True)
