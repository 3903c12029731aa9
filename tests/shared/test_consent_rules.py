"""One set of rules for all consents, and a recipient that is in no default."""

import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.gateway_bot.draft import TERMS
from services.gateway_web.enquiry_form import CONSENTS
from services.intake.consents import Chosen
from services.intake.consents import given as given_with_enquiry
from shared.consent_rules import (
    EXPLICIT,
    LAW,
    LONGEST,
    Asked,
    ConsentOver,
    ConsentTooLong,
    RecipientNeverByDefault,
    check,
)
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient
from shared.errors import Invalid
from shared.ids import new_id
from shared.municipalities import OFFICES

TODAY = date(2026, 11, 24)
ROOT = Path(__file__).parents[2]
NAMES_IT = {
    "shared/contracts/vocabulary.py": "that it exists",
    "shared/data/consent_rules.toml": "that it is in no default",
    "services/gateway_web/texts/de.toml": "what it is called, once somebody named it",
    "services/gateway_web/texts/en.toml": "what it is called, once somebody named it",
    "services/gateway_web/templates/consent.html": "that it has to be confirmed, once somebody named it",
    "services/person/texts/words.toml": "what it is called, once somebody named it",
}
"""Where the foreigners' authority may stand, beside what is generated from there, and tests."""


def asked(
    days: int = 0,
    kind: ConsentKind = ConsentKind.PROCESSING,
    recipient: Recipient = Recipient.KIM,
    purpose: Purpose = Purpose.COUNSELLING,
    *,
    confirmed: bool = False,
) -> Asked:
    return Asked(kind, recipient, purpose, TODAY + timedelta(days=days), confirmed)


@given(some.integers(-2000, 2000), some.sampled_from(ConsentKind))
def test_a_consent_counts_for_today_at_least_and_not_longer_than_the_rule_allows(days: int, kind: ConsentKind) -> None:
    if 0 <= days <= LONGEST.days:
        check(asked(days, kind), TODAY)
        return
    with pytest.raises(ConsentOver if days < 0 else ConsentTooLong) as refused:
        check(asked(days, kind), TODAY)
    assert refused.value.field == "valid_until"


@pytest.mark.parametrize("kind", ConsentKind)
def test_who_gives_a_consent_that_is_over_hears_the_law_it_would_stand_on(kind: ConsentKind) -> None:
    with pytest.raises(ConsentOver) as refused:
        check(asked(-1, kind), TODAY)
    assert refused.value.members == {"rule": "consent-in-force", "source": LAW[kind]}


def test_the_three_kinds_stand_on_three_laws() -> None:
    assert len(set(LAW.values())) == len(ConsentKind)


def test_an_assumed_rule_says_that_it_is() -> None:
    with pytest.raises(ConsentTooLong) as refused:
        check(asked(LONGEST.days + 1), TODAY)
    assert refused.value.members["rule"] == "consent-renewed"
    assert str(refused.value.members["source"]).startswith("assumed: ")


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("confirmed", [False, True])
def test_the_foreigners_authority_is_consented_to_for_a_referral_and_by_an_act_of_its_own(
    purpose: Purpose, *, confirmed: bool
) -> None:
    wish = asked(recipient=Recipient.FOREIGNERS_AUTHORITY, purpose=purpose, confirmed=confirmed)
    if purpose is Purpose.REFERRAL and confirmed:
        check(wish, TODAY)
        return
    with pytest.raises(RecipientNeverByDefault) as refused:
        check(wish, TODAY)
    assert refused.value.field == "recipient"


def test_it_is_the_foreigners_authority_that_is_in_no_default() -> None:
    assert frozenset({Recipient.FOREIGNERS_AUTHORITY}) == EXPLICIT


@pytest.mark.parametrize("office", OFFICES)
@pytest.mark.parametrize("purpose", Purpose)
def test_whoever_names_no_recipient_never_gets_the_foreigners_authority(office: str, purpose: Purpose) -> None:
    try:
        made = given_with_enquiry([Chosen(ConsentKind.PROCESSING, purpose, None, TODAY)], office, TODAY, [new_id()])
    except Invalid:
        made = []
    assert EXPLICIT.isdisjoint(each.recipient for each in made)


def test_form_and_chat_ask_for_no_referral_so_that_intake_fills_in_each_recipient() -> None:
    asked_for = {purpose for _, purpose in CONSENTS.values()} | {terms.purpose for terms in TERMS.values()}
    assert Purpose.REFERRAL not in asked_for


def test_no_default_seed_demo_or_text_names_it_anywhere_else() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    ours = [name for name in files if name.startswith(("services/", "shared/", "deploy/", "bench/"))]
    naming = {name for name in ours if _names_it((ROOT / name).read_bytes())}
    generated = {name for name in naming if name.endswith((".schema.json", "openapi.json", "asyncapi.json"))}
    assert naming - generated == NAMES_IT.keys()


def _names_it(content: bytes) -> bool:
    return any(form in content for form in (b"foreigners-authority", b"FOREIGNERS_AUTHORITY"))
