"""A person in the vault, and what they consented to. Nothing here knows a name."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared import consent_rules
from shared.consent_rules import Asked
from shared.contracts.person import (
    ConsentGiven,
    ConsentRevoked,
    CounsellingExpired,
    PersonErased,
    PersonEvent,
    PersonRegistered,
)
from shared.contracts.vocabulary import ConsentKind, GivenHow, Purpose, Recipient, Topic
from shared.errors import Conflict, NotFound

FIRST_RETRY = timedelta(seconds=10)
"""Longer than one fetch may take, so that no two are on their way at once."""
LONGEST_RETRY = timedelta(minutes=10)


class PersonState(StrEnum):
    EXPECTED = "expected"
    """The enquiry is known, the sealed block is not here yet."""
    REGISTERED = "registered"


class AccessPurpose(StrEnum):
    """Why a staff member reads personal data."""

    ARRANGE_TALK = "arrange_talk"
    COUNSELLING = "counselling"
    REFERRAL = "referral"
    ANSWER_PARTICIPANT = "answer_participant"
    DUPLICATE_CHECK = "duplicate_check"
    """Whether two records are of one person."""


class Accessed(StrEnum):
    """What of the personal data was read."""

    CONTACT = "contact"
    CONTACT_CORRECTED = "contact_corrected"
    """Nothing was read: name, contact or language were put right."""
    NOTES = "notes"
    """The key that opens them."""
    DUPLICATES = "duplicates"
    """Whether there are others like it; it is told in the same way where there is none."""
    MATCH = "match"
    """That it is like another record. The participant is not told: that would tell of somebody else (Art. 15 (4) GDPR).
    """
    CONSENTS = "consents"
    CONSENT_RECORDED = "consent_recorded"
    """Nothing was read: somebody noted what the participant consented to."""
    REVOCATION_RECORDED = "revocation_recorded"
    """The same of a consent that was taken back."""
    SECOND_FACTOR = "second_factor"
    """A code for the participant: nothing was read, but could be with their own code besides."""
    EXPORT = "export"
    """Everything, by the participant themselves."""
    CASE = "case"
    """This and what follows is kept by case, and told with the rest."""
    TALKS = "talks"
    CHOICE = "choice"
    PLAN = "plan"
    ASSESSMENTS = "assessments"
    REFERRALS = "referrals"
    CONFERENCES = "conferences"


class FetchFailure(StrEnum):
    """Why a sealed block will never arrive by trying again."""

    MISSING = "missing"
    """Intake has none."""
    UNDECIPHERABLE = "undecipherable"
    """No private key of ours opens it."""
    UNREADABLE = "unreadable"
    """It opens, but what is inside is no contact."""


class ConsentNotInForce(Conflict):
    """This consent was revoked before."""


class NotExpected(Conflict):
    """This person's contact is in the vault already."""


class ErasureNotAsked(Conflict):
    """The participant has not asked for erasure, so there is nothing to confirm."""


class _State(BaseModel):
    model_config = ConfigDict(frozen=True)


class Terms(_State):
    """What is consented to: these data for this purpose to this recipient, up to and including that day."""

    kind: ConsentKind
    recipient: Recipient
    purpose: Purpose
    valid_until: date
    topics: tuple[Topic, ...] = ()
    """What it is about; none named: whatever it is asked for (a consent from before this was asked)."""

    @property
    def is_for_counselling(self) -> bool:
        return (self.kind, self.recipient, self.purpose) == consent_rules.COUNSELLING


class Wish(_State):
    """What somebody consents to now, and how that was explained to them."""

    terms: Terms
    language_explained_in: str | None
    recipient_confirmed: bool = False
    """Whether the recipient was confirmed by an act of its own."""

    def check(self, today: date) -> None:
        """Raises as `consent_rules.check`."""
        terms, confirmed = self.terms, self.recipient_confirmed
        asked = Asked(terms.kind, terms.recipient, terms.purpose, terms.valid_until, confirmed)
        consent_rules.check(asked, today)


class Consent(_State):
    id: UUID
    enquiry_id: UUID
    terms: Terms
    given_how: GivenHow
    language_explained_in: str | None = None
    """BCP 47; None: not told."""
    recorded_by: str | None
    """Subject of the staff member who recorded it; None: given by the participant themselves."""
    revoked_on: date | None = None
    revocation_recorded_by: str | None = None
    """Subject of the staff member to whom it was revoked; None: by the participant themselves, or not at all."""

    def counts(self, today: date) -> bool:
        return self.revoked_on is None and today <= self.terms.valid_until


class Person(_State):
    id: UUID
    enquiry_ids: tuple[UUID, ...]
    state: PersonState = PersonState.EXPECTED
    erasure_asked_at: datetime | None = None
    erasure_id: UUID | None = None
    """Number of the receipt, given when erasure is asked for."""


def register(
    person: Person, enquiry_id: UUID, consents: list[Consent], today: date
) -> tuple[Person, list[PersonEvent]]:
    """The contact is in the vault. Consents that are in force become known now, with their person."""
    if person.state is not PersonState.EXPECTED:
        raise NotExpected
    given = [_given(person, consent, today) for consent in consents if consent.revoked_on is None]
    registered = person.model_copy(update={"state": PersonState.REGISTERED})
    return registered, [PersonRegistered(person_id=person.id, enquiry_id=enquiry_id), *given]


def give(person: Person, consent: Consent, today: date) -> tuple[Consent, list[PersonEvent]]:
    """What the rules allow (Wish.check). Before registration nobody hears of it: registration tells."""
    return consent, [_given(person, consent, today)] if person.state is PersonState.REGISTERED else []


def revoke(
    person: Person, consents: Sequence[Consent], consent_id: UUID, today: date, recorded_by: str | None = None
) -> tuple[Consent, list[PersonEvent]]:
    """Of all that were given for the enquiry, one. Counts at once, also before registration: coordination knows the
    consent from the enquiry itself. Raises NotFound, ConsentNotInForce.
    """
    consent = next((each for each in consents if each.id == consent_id), None)
    if consent is None:
        raise NotFound
    if consent.revoked_on is not None:
        raise ConsentNotInForce
    revoked = consent.model_copy(update={"revoked_on": today, "revocation_recorded_by": recorded_by})
    remaining = [revoked if each.id == consent_id else each for each in consents]
    event = ConsentRevoked(
        person_id=person.id,
        consent_id=consent.id,
        enquiry_id=consent.enquiry_id,
        revoked_on=today,
        ends_counselling=consent.terms.is_for_counselling and not may_be_counselled(remaining, today),
    )
    return revoked, [event]


def may_be_counselled(consents: Iterable[Consent], today: date) -> bool:
    """False where consent to it was given and none is in force any more. Where none was, it stands on another basis."""
    given = [consent for consent in consents if consent.terms.is_for_counselling]
    return not given or any(consent.counts(today) for consent in given)


def counselled_until(consents: Iterable[Consent]) -> date | None:
    """The last day of the last consent to it; None: there is none that was not revoked."""
    days = [each.terms.valid_until for each in consents if each.terms.is_for_counselling and each.revoked_on is None]
    return max(days, default=None)


def expire(person: Person, enquiry_id: UUID, today: date) -> list[PersonEvent]:
    """Counselling was consented to until yesterday at the latest. Before registration too, as `revoke`."""
    return [CounsellingExpired(person_id=person.id, enquiry_id=enquiry_id, expired_on=today)]


def ask_erasure(person: Person, erasure_id: UUID, now: datetime) -> Person:
    """Asked again, the first time counts."""
    if person.erasure_asked_at is not None:
        return person
    return person.model_copy(update={"erasure_asked_at": now, "erasure_id": erasure_id})


def asked_erasure(persons: Sequence[Person]) -> Person | None:
    """Of the records of one person, the one by which erasure is asked for."""
    return next((each for each in persons if each.erasure_asked_at is not None), None)


def confirm_erasure(persons: Sequence[Person]) -> None:
    """A case manager confirms that it was the participant who asked. Raises ErasureNotAsked."""
    if asked_erasure(persons) is None:
        raise ErasureNotAsked


def enquiries_of(persons: Sequence[Person]) -> list[UUID]:
    return [enquiry_id for each in persons for enquiry_id in each.enquiry_ids]


def erase(persons: Sequence[Person], erasure_id: UUID) -> list[PersonEvent]:
    """Art. 17 GDPR, all records of one person, the survivor first.

    Before registration too: intake drops its sealed copy when it hears.
    """
    return [PersonErased(person_id=persons[0].id, enquiry_ids=enquiries_of(persons), erasure_id=erasure_id)]


def retry_after(attempts: int) -> timedelta:
    """The pause after the given number of attempts: doubled each time, up to a limit."""
    return min(FIRST_RETRY * (1 << min(attempts - 1, 20)), LONGEST_RETRY)


def _given(person: Person, consent: Consent, today: date) -> ConsentGiven:
    return ConsentGiven(
        person_id=person.id,
        consent_id=consent.id,
        enquiry_id=consent.enquiry_id,
        language_explained_in=consent.language_explained_in,
        how=consent.given_how,
        allows_counselling=consent.terms.is_for_counselling and consent.counts(today),
        **consent.terms.model_dump(),
    )
