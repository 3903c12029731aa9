"""Every language says everything."""

import re
from typing import Any

import pytest

from services.gateway_bot.draft import Consent
from services.gateway_bot.questions import region
from services.gateway_bot.texts import TEXTS
from services.intake.domain import Status
from services.interpreter.offers import OfferState
from services.scheduling.booking import State
from shared.contracts.vocabulary import DIALECTS

every_language = pytest.mark.parametrize("language", TEXTS)


def _flat(value: Any, path: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        return {key: text for name, part in value.items() for key, text in _flat(part, f"{path}.{name}").items()}
    return {path: str(value)}


@every_language
def test_every_status_and_state_has_its_words(language: str) -> None:
    texts = TEXTS[language]
    assert set(texts.statuses) == set(Status)
    assert set(texts.bookings) == set(State)
    assert set(texts.consents) == set(Consent)
    assert set(texts.hints) == {"unclear", "outdated", "postcode", "topics", "consent", "name", "birth_year"}


@every_language
def test_every_text_has_the_placeholders_and_commands_of_the_german_one(language: str) -> None:
    german, texts = _flat(TEXTS["de"].model_dump()), _flat(TEXTS[language].model_dump())
    for name, text in texts.items():
        found = re.findall(r"\{\w+\}|/\w+", text.replace("KIM/", ""))
        assert sorted(found) == sorted(re.findall(r"\{\w+\}|/\w+", german[name])), name
        assert text.strip(), name


@every_language
def test_every_state_of_an_offer_has_its_words(language: str) -> None:
    assert set(TEXTS[language].offers) == set(OfferState)


@every_language
def test_every_dialect_has_a_region_that_has_a_name(language: str) -> None:
    assert all(region(tag, language).strip() for tag in DIALECTS)
