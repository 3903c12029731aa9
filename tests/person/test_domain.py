"""A person in the vault and their consents, as verbs."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.person import domain
from services.person.domain import (
    Consent,
    ConsentNotInForce,
    ErasureNotAsked,
    NotExpected,
    Person,
    PersonState,
    Terms,
)
from shared.contracts.person import ConsentGiven, ConsentRevoked, PersonErased, PersonRegistered
from shared.contracts.vocabulary import ConsentKind, GivenHow, Purpose, Recipient, Topic

PERSON, ENQUIRY, CONSENT = UUID(int=1), UUID(int=2), UUID(int=3)
TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EXPECTED = Person(id=PERSON, enquiry_ids=(ENQUIRY,))
REGISTERED = EXPECTED.model_copy(update={"state": PersonState.REGISTERED})
NUMBER = UUID(int=4)


def consent(valid_until: date = TODAY, revoked_on: date | None = None) -> Consent:
    terms = Terms(
        kind=ConsentKind.PROCESSING,
        recipient=Recipient.OFFICE_MOERS,
        purpose=Purpose.COORDINATION,
        valid_until=valid_until,
        topics=(Topic.HOUSING,),
    )
    return Consent(
        id=CONSENT,
        enquiry_id=ENQUIRY,
        terms=terms,
        given_how=GivenHow.ONLINE,
        language_explained_in="ti",
        recorded_by=None,
        revoked_on=revoked_on,
    )


GIVEN = ConsentGiven(
    person_id=PERSON,
    consent_id=CONSENT,
    enquiry_id=ENQUIRY,
    kind=ConsentKind.PROCESSING,
    recipient=Recipient.OFFICE_MOERS,
    purpose=Purpose.COORDINATION,
    valid_until=TODAY,
    topics=[Topic.HOUSING],
    language_explained_in="ti",
    how=GivenHow.ONLINE,
)


def test_registration_tells_of_the_person_and_then_of_each_consent_in_force() -> None:
    person, events = domain.register(EXPECTED, ENQUIRY, [consent(), consent(revoked_on=TODAY)], TODAY)
    assert person == REGISTERED
    assert events == [PersonRegistered(person_id=PERSON, enquiry_id=ENQUIRY), GIVEN]


def test_nobody_is_registered_twice() -> None:
    with pytest.raises(NotExpected):
        domain.register(REGISTERED, ENQUIRY, [], TODAY)


def test_a_consent_of_somebody_registered_is_told_at_once() -> None:
    assert domain.give(REGISTERED, consent(), TODAY) == (consent(), [GIVEN])


def test_a_consent_of_somebody_expected_waits_for_registration() -> None:
    assert domain.give(EXPECTED, consent(), TODAY) == (consent(), [])


@pytest.mark.parametrize("person", [EXPECTED, REGISTERED])
def test_a_revocation_is_told_at_once_since_the_enquiry_itself_told_of_the_consent(person: Person) -> None:
    told = ConsentRevoked(person_id=PERSON, consent_id=CONSENT, enquiry_id=ENQUIRY, revoked_on=TODAY)
    assert domain.revoke(person, [consent()], CONSENT, TODAY) == (consent(revoked_on=TODAY), [told])


def test_a_consent_is_revoked_once() -> None:
    with pytest.raises(ConsentNotInForce):
        domain.revoke(REGISTERED, [consent(revoked_on=TODAY)], CONSENT, TODAY)


def to_counselling(number: int, **changed: Any) -> Consent:
    terms = consent().terms.model_copy(update={"recipient": Recipient.KIM, "purpose": Purpose.COUNSELLING})
    return consent(**changed).model_copy(update={"id": UUID(int=number), "terms": terms})


def test_with_the_last_consent_to_counselling_counselling_ends() -> None:
    first, second, other = to_counselling(7), to_counselling(8), consent()
    [told] = domain.revoke(REGISTERED, [first, second, other], first.id, TODAY)[1]
    assert not told.model_dump()["ends_counselling"], "another one is in force"
    gone = to_counselling(7, revoked_on=TODAY)
    [told] = domain.revoke(REGISTERED, [gone, second, other], second.id, TODAY)[1]
    assert told.model_dump()["ends_counselling"]


def test_counselling_without_a_consent_to_it_stands_on_another_basis_and_ends_with_none() -> None:
    assert domain.may_be_counselled([consent(revoked_on=TODAY)], TODAY)
    [told] = domain.revoke(REGISTERED, [consent()], CONSENT, TODAY)[1]
    assert not told.model_dump()["ends_counselling"]


def test_a_consent_to_counselling_counts_on_its_last_day_and_no_longer() -> None:
    assert domain.may_be_counselled([to_counselling(7)], TODAY)
    assert not domain.may_be_counselled([to_counselling(7)], TODAY + timedelta(days=1))


@pytest.mark.parametrize("person", [EXPECTED, REGISTERED])
def test_erasure_is_told_with_every_enquiry(person: Person) -> None:
    told = PersonErased(person_id=PERSON, enquiry_ids=[ENQUIRY], erasure_id=NUMBER)
    assert domain.erase([person], NUMBER) == [told]


def test_a_case_manager_confirms_only_what_the_participant_asked_for() -> None:
    with pytest.raises(ErasureNotAsked):
        domain.confirm_erasure([REGISTERED])
    asked = domain.ask_erasure(REGISTERED, NUMBER, NOW)
    domain.confirm_erasure([REGISTERED, asked])
    assert domain.asked_erasure([REGISTERED, asked]) == asked


def test_erasure_asked_for_again_was_asked_for_the_first_time() -> None:
    asked = domain.ask_erasure(REGISTERED, NUMBER, NOW)
    assert domain.ask_erasure(asked, UUID(int=5), NOW + timedelta(days=1)) == asked


def test_pauses_double_up_to_a_limit() -> None:
    pauses = [domain.retry_after(attempts).total_seconds() for attempts in (1, 2, 3, 6, 7, 1000)]
    assert pauses == [10, 20, 40, 320, 600, 600]
