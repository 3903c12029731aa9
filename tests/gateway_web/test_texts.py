"""Whatever can be shown has words in both languages."""

import re
from collections.abc import Iterable
from enum import StrEnum

import pytest

from services.gateway_web.consents import Why
from services.gateway_web.consents_shown import State as ConsentState
from services.gateway_web.enquiry_form import CONSENTS, CONTACT_KINDS
from services.gateway_web.texts import CATALOGUES, LANGUAGE_NAMES, Catalogue
from services.interpreter.costs import CostReason
from services.interpreter.offers import Way
from services.interpreter.plan_contents import Stage
from services.interpreter.plan_refusals import Changed
from services.interpreter.plans import Fault
from services.interpreter.ranking import Refusal
from services.interpreter.views_plans import ShownState
from services.person.duplicates import MergeRefused, Part
from services.person.messages import Kind
from services.person.store_messages import Settled
from services.scheduling.booking import State
from services.scheduling.series import Gap
from shared.consent_rules import ConsentOver, ConsentTooLong, CounsellingNotConsented, RecipientNeverByDefault
from shared.contracts.base import INTERNAL, disclosure_of
from shared.contracts.registry import EVENTS
from shared.contracts.vocabulary import (
    LANGUAGES,
    CancelledBy,
    ConsentKind,
    Criterion,
    FeedbackRemark,
    FindingKind,
    GivenHow,
    Mode,
    Phase,
    Purpose,
    Recipient,
    ReferralService,
    ReleaseReason,
    Topic,
)
from shared.errors import RuleBroken
from shared.municipalities import OFFICES

every_language = pytest.mark.parametrize("texts", CATALOGUES.values(), ids=CATALOGUES)
_ROW_HAS_ITS_OWN = {"ags"}


def _keys(section: str, names: Iterable[str]) -> set[str]:
    return {f"{section}.{name}" for name in names}


def test_both_languages_have_the_same_keys() -> None:
    german, english = (set(CATALOGUES[language].texts) for language in ("de", "en"))
    assert german == english


def test_both_languages_name_the_same_values() -> None:
    allowed = {"number"}  # a month is a number in German dates, and a word in English ones
    for key, german in CATALOGUES["de"].texts.items():
        english = CATALOGUES["en"].texts[key]
        assert _places(german) - allowed <= _places(english) | {"weekday", "day", "month", "year"}, key


@every_language
def test_no_text_is_empty(texts: Catalogue) -> None:
    assert all(text.strip() for text in texts.texts.values())


def test_every_language_has_its_names() -> None:
    assert set(LANGUAGE_NAMES) == LANGUAGES
    assert all(len(names) == 3 and all(names) for names in LANGUAGE_NAMES.values())


@every_language
@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("topic", Topic),
        ("mode", Mode),
        ("criterion", Criterion),
        ("consent_kind", ConsentKind),
        ("purpose", Purpose),
        ("recipient", Recipient),
        ("phase", Phase),
        ("phase_name", Phase),
        ("service", ReferralService),
        ("finding", FindingKind),
        ("reason", ReleaseReason),
        ("cancelled_by", CancelledBy),
        ("plan_state", ShownState),
        ("plan_stage", Stage),
        ("plan_fault", Fault),
        ("plan_change", Changed),
        ("plan_cost", CostReason),
        ("plan_rule", Refusal),
        ("message_kind", Kind),
        ("message_state", Settled),
        ("part", Part),
        ("staff_consent_kind", ConsentKind),
        ("staff_purpose", Purpose),
        ("given_how", GivenHow),
        ("access_purpose", Why),
        ("consent_state", ConsentState),
        ("talk_state", State),
        ("gap", Gap),
        ("remark", FeedbackRemark),
    ],
)
def test_every_code_of_the_vocabulary_has_a_text(texts: Catalogue, section: str, codes: type[StrEnum]) -> None:
    assert _keys(section, codes) <= set(texts.texts)


@every_language
def test_every_rule_against_a_merge_or_a_consent_has_a_text(texts: Catalogue) -> None:
    consents: list[type[RuleBroken]] = [CounsellingNotConsented, ConsentOver, ConsentTooLong, RecipientNeverByDefault]
    rules = {each.rule for each in [*MergeRefused.__subclasses__(), *consents]}
    assert _keys("error", rules) <= set(texts.texts)


@every_language
def test_every_office_and_every_tick_box_has_a_text(texts: Catalogue) -> None:
    assert _keys("office", OFFICES) <= set(texts.texts)
    assert _keys("consent", CONSENTS) | _keys("contact_kind", CONTACT_KINDS) <= set(texts.texts)


@every_language
def test_every_event_and_field_that_an_office_may_see_has_a_text(texts: Catalogue) -> None:
    for kind, model in EVENTS.items():
        shown = {name for name in model.model_fields if disclosure_of(model, name) is not INTERNAL}
        named = {name for name in shown - _ROW_HAS_ITS_OWN if not name.endswith("_on")}
        assert _keys("field", named) <= set(texts.texts), kind
        assert not shown or f"event.{kind}" in texts.texts


def _places(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)", text))


def test_however_an_offer_was_accepted_has_its_words() -> None:
    assert all(CATALOGUES[language].get(f"accepted.{way}", "") for language in CATALOGUES for way in Way)
