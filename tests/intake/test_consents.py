"""Three different things in law, and a recipient like no other."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from services.intake.consents import Chosen, ConsentGivenTwice, RecipientNotNamed, WrongRecipient, given
from shared.consent_rules import LONGEST, ConsentOver, ConsentTooLong, RecipientNeverByDefault
from shared.contracts.intake import GivenConsent
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient
from shared.errors import Invalid

TODAY = date(2026, 3, 16)
IDS = [UUID(int=number) for number in range(1, 4)]


def _chosen(
    purpose: Purpose = Purpose.COORDINATION,
    recipient: Recipient | None = None,
    valid_until: date = TODAY,
    kind: ConsentKind = ConsentKind.PROCESSING,
) -> Chosen:
    return Chosen(kind, purpose, recipient, valid_until)


def _given(*chosen: Chosen, office: str = "dinslaken") -> list[GivenConsent]:
    return given(chosen, office, TODAY, IDS[: len(chosen)])


def _refused(error: type[Invalid], *chosen: Chosen) -> str | None:
    with pytest.raises(error) as raised:
        _given(*chosen)
    return raised.value.field


@pytest.mark.parametrize(
    ("office", "recipient"),
    [
        ("dinslaken", Recipient.OFFICE_DINSLAKEN),
        ("wesel", Recipient.OFFICE_WESEL),
        ("moers", Recipient.OFFICE_MOERS),
        ("kreis-wesel", Recipient.OFFICE_KREIS_WESEL),
    ],
)
def test_coordination_is_done_by_the_office_of_the_municipality(office: str, recipient: Recipient) -> None:
    assert _given(_chosen(), office=office)[0].recipient is recipient
    assert _given(_chosen(recipient=recipient), office=office)[0].recipient is recipient


def test_counselling_is_done_by_kim() -> None:
    assert _given(_chosen(Purpose.COUNSELLING))[0].recipient is Recipient.KIM


@pytest.mark.parametrize("recipient", sorted(set(Recipient) - {Recipient.OFFICE_DINSLAKEN}))
def test_nobody_else_can_be_let_in_for_coordination(recipient: Recipient) -> None:
    assert _refused(WrongRecipient, _chosen(recipient=recipient)) == "consents.0.recipient"


def test_the_foreigners_authority_is_let_in_only_by_name_for_a_referral_and_confirmed() -> None:
    named = _chosen(Purpose.REFERRAL, Recipient.FOREIGNERS_AUTHORITY)
    assert _refused(RecipientNeverByDefault, named) == "consents.0.recipient"
    named = named._replace(recipient_confirmed=True)
    assert _given(named)[0].recipient is Recipient.FOREIGNERS_AUTHORITY
    for purpose in (Purpose.COUNSELLING, Purpose.COORDINATION):
        _refused(WrongRecipient, _chosen(purpose, Recipient.FOREIGNERS_AUTHORITY))


def test_a_referral_has_no_recipient_by_default() -> None:
    assert _refused(RecipientNotNamed, _chosen(Purpose.REFERRAL)) == "consents.0.recipient"


def test_a_consent_may_end_today_but_not_have_ended_yesterday() -> None:
    assert _given(_chosen(valid_until=TODAY))[0].valid_until == TODAY
    yesterday = _chosen(valid_until=TODAY - timedelta(days=1))
    assert _refused(ConsentOver, _chosen(Purpose.COUNSELLING), yesterday) == "consents.1.valid_until"


def test_a_consent_lasts_two_years_at_most() -> None:
    assert _given(_chosen(valid_until=TODAY + LONGEST))
    assert _refused(ConsentTooLong, _chosen(valid_until=TODAY + LONGEST + timedelta(days=1)))


def test_the_same_is_consented_to_once_also_where_the_default_makes_it_the_same() -> None:
    twice = (_chosen(), _chosen(recipient=Recipient.OFFICE_DINSLAKEN))
    assert _refused(ConsentGivenTwice, *twice) == "consents"


def test_the_three_kinds_are_consented_to_apart() -> None:
    consents = _given(*(_chosen(kind=kind) for kind in ConsentKind))
    assert [consent.kind for consent in consents] == list(ConsentKind)
    assert [consent.consent_id for consent in consents] == IDS
