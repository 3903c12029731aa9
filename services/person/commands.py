"""Use cases about people: what they said, what they consented to, who read it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from services.person import domain, duplicate_check, key_store, store, store_duplicates, store_erasures
from services.person.domain import Accessed, AccessPurpose, Consent, Person, Terms, Wish
from services.person.erasures import Erasure
from services.person.store import Access
from services.person.vault import Vault
from shared import erasure, outbox
from shared.auth import Role
from shared.clock import now, today
from shared.consent_rules import CounsellingNotConsented
from shared.contracts.intake import GivenConsent
from shared.contracts.vocabulary import GivenHow
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id
from shared.sealing import SealedContact


@dataclass(frozen=True, slots=True)
class Staff:
    """Who acts, as the access token says: `role` is the one by which they may."""

    subject: str
    role: str


async def expect(conn: Connection, enquiry_id: UUID, given: Sequence[GivenConsent], received_at: datetime) -> None:
    """An enquiry came in: its sealed block is due to be fetched, its consents stand as they were given."""
    person = Person(id=new_id(), enquiry_ids=(enquiry_id,))
    await store.insert_person(conn, person, now())
    consents = [_with_enquiry(enquiry_id, consent) for consent in given]
    await store.insert_consents(conn, consents, now())
    await store.note_counselling(conn, enquiry_id, domain.counselled_until(consents))
    for clerk in sorted({str(consent.recorded_by) for consent in given if consent.recorded_by}):
        await _note(conn, person.id, Staff(clerk, Role.CLERK), Accessed.CONSENT_RECORDED)
    await store.insert_fetch(conn, enquiry_id, received_at, now())


async def register(conn: Connection, vault: Vault, enquiry_id: UUID, contact: SealedContact) -> bool:
    """Stores the contact, encrypted for its person. False where it was done, withdrawn or erased meanwhile."""
    await store_duplicates.lock_identities(conn)
    try:
        person = await store.load(conn, await store.person_of(conn, enquiry_id))
    except NotFound:
        return False
    if not await store.take_fetch(conn, enquiry_id):
        return False
    consents = await store.consents_of(conn, enquiry_id)
    registered, events = domain.register(person, enquiry_id, consents, today())
    locked = vault.lock(person.id, contact, await key_store.master_version(conn))
    await store.save_registered(conn, registered, locked, now())
    await duplicate_check.check(conn, vault, person.id, contact)
    await outbox.append(conn, *events)
    return True


async def read_contact(
    conn: Connection, vault: Vault, staff: Staff, enquiry_id: UUID, why: AccessPurpose
) -> tuple[UUID, SealedContact, str]:
    """Person, contact and its version, for the case manager responsible; the access log has it in the same transaction.

    Raises NotFound for everybody else, before registration and after erasure; CounsellingNotConsented.
    """
    person = await of_reader(conn, staff, enquiry_id)
    locked = await store.locked_contact(conn, person.id)
    access = Access(new_id(), staff.subject, staff.role, Accessed.CONTACT, why, now())
    await store.insert_access(conn, person.id, access)
    return person.id, vault.unlock(person.id, locked), locked.version


async def preferred_language(conn: Connection, vault: Vault, person_id: UUID) -> str:
    """Of the person, BCP 47: for what is told to themselves. Raises NotFound before registration."""
    return vault.unlock(person_id, await store.locked_contact(conn, person_id)).preferred_language


async def give_consent(conn: Connection, enquiry_id: UUID, wish: Wish) -> Consent:
    """The participant consents. Raises NotFound, and as `consent_rules.check`."""
    person = await store.load(conn, await store.person_of(conn, enquiry_id))
    return await _give(conn, person, _consent(enquiry_id, wish, GivenHow.ONLINE, None))


async def record_consent(conn: Connection, staff: Staff, enquiry_id: UUID, wish: Wish, how: GivenHow) -> Consent:
    """The case manager responsible records a consent that was given to them, which the participant sees in their log.

    Raises as `give_consent`.
    """
    person = await of_responsible(conn, staff, enquiry_id)
    await _note(conn, person.id, staff, Accessed.CONSENT_RECORDED)
    return await _give(conn, person, _consent(enquiry_id, wish, how, staff.subject))


async def revoke_consent(conn: Connection, enquiry_id: UUID, consent_id: UUID) -> None:
    """The participant takes it back. Raises NotFound, ConsentNotInForce."""
    await _revoke(conn, await store.load(conn, await store.person_of(conn, enquiry_id)), enquiry_id, consent_id, None)


async def record_revocation(conn: Connection, staff: Staff, enquiry_id: UUID, consent_id: UUID) -> None:
    """The participant told the case manager responsible; the access log has it. Raises NotFound, ConsentNotInForce."""
    person = await of_responsible(conn, staff, enquiry_id)
    await _note(conn, person.id, staff, Accessed.REVOCATION_RECORDED)
    await _revoke(conn, person, enquiry_id, consent_id, staff.subject)


async def read_consents(conn: Connection, staff: Staff, enquiry_id: UUID, why: AccessPurpose) -> list[Consent]:
    """All that was ever given, for the case manager responsible, also where counselling has ended: a new consent is
    recorded by them. The access log has it in the same transaction. Raises NotFound for everybody else.
    """
    person = await of_responsible(conn, staff, enquiry_id)
    access = Access(new_id(), staff.subject, staff.role, Accessed.CONSENTS, why, now())
    await store.insert_access(conn, person.id, access)
    return await store.consents_of(conn, enquiry_id)


async def ask_erasure(conn: Connection, enquiry_id: UUID) -> UUID:
    """The participant asks; a case manager confirms that it was they. Returns the receipt's number. Raises NotFound."""
    person_id = await store.person_of(conn, enquiry_id)
    persons = await locked_records(conn, person_id)
    person = next(each for each in persons if each.id == person_id)
    asked = domain.asked_erasure(persons) or domain.ask_erasure(person, uuid4(), now())
    await store.save(conn, asked, now())
    return asked.erasure_id or uuid4()


async def confirm_erasure(conn: Connection, staff: Staff, person_id: UUID, segment: timedelta) -> UUID:
    """By the case manager responsible. Returns the receipt's number. Raises NotFound, ErasureNotAsked."""
    persons = await locked_records(conn, person_id)
    if not await store.is_responsible(conn, staff.subject, domain.enquiries_of(persons)):
        raise NotFound
    domain.confirm_erasure(persons)
    return await _erase(conn, persons, segment)


async def erase(conn: Connection, person_id: UUID, segment: timedelta) -> UUID:
    """Destroys the data key and all rows; the others are told. Returns the receipt's number. Raises NotFound.

    Of all the records that are of this person: whichever of them is named, the survivor or one merged into it.
    """
    return await _erase(conn, await locked_records(conn, person_id), segment)


async def erase_restored(conn: Connection, enquiry_ids: Sequence[UUID], segment: timedelta) -> int:
    """Whom the ledger of erasures names and a restore brought back. Returns how many persons that were."""
    persons = await store_erasures.persons_of(conn, enquiry_ids)
    for person_id in persons:
        with suppress(NotFound):  # it went with one that it was merged with
            await erase(conn, person_id, segment)
    await store_erasures.delete_enquiries(conn, enquiry_ids)
    return len(persons)


async def locked_records(conn: Connection, person_id: UUID) -> list[Person]:
    """Of one person, locked, and locked against being erased meanwhile; the survivor first. Raises NotFound."""
    await store_duplicates.lock_identities(conn)
    ids = await store_duplicates.records_of(conn, person_id)
    await erasure.lock(conn, [found for each in ids for found in await store_erasures.enquiries_of(conn, each)])
    return [await store.load(conn, each) for each in ids]


async def _erase(conn: Connection, persons: list[Person], segment: timedelta) -> UUID:
    survivor, asked, enquiry_ids = persons[0], domain.asked_erasure(persons), domain.enquiries_of(persons)
    # random, unlike our other ids: whoever knows it may see the receipt
    erasure_id = (asked and asked.erasure_id) or uuid4()
    begun = Erasure(erasure_id, survivor.id, enquiry_ids, merged_ids=[each.id for each in persons[1:]])
    await store_erasures.begin(conn, begun, asked.erasure_asked_at if asked else None, now())
    for each in persons:
        await store_erasures.delete_person(conn, each.id, each.enquiry_ids)
    await erasure.forget(conn, enquiry_ids, segment)
    await outbox.append(conn, *domain.erase(persons, erasure_id))
    return erasure_id


async def _note(conn: Connection, person_id: UUID, staff: Staff, what: Accessed) -> None:
    access = Access(new_id(), staff.subject, staff.role, what, AccessPurpose.ANSWER_PARTICIPANT, now())
    await store.insert_access(conn, person_id, access)


async def _give(conn: Connection, person: Person, consent: Consent) -> Consent:
    given, events = domain.give(person, consent, today())
    await store.insert_consents(conn, [given], now())
    if given.terms.is_for_counselling:
        known = await store.consents_of(conn, given.enquiry_id)
        await store.note_counselling(conn, given.enquiry_id, domain.counselled_until(known))
    await outbox.append(conn, *events)
    return given


async def of_responsible(conn: Connection, staff: Staff, enquiry_id: UUID) -> Person:
    """Locked. Raises NotFound where somebody else is responsible."""
    if not await store.is_responsible(conn, staff.subject, [enquiry_id]):
        raise NotFound
    return await store.load(conn, await store.person_of(conn, enquiry_id))


async def of_reader(conn: Connection, staff: Staff, enquiry_id: UUID) -> Person:
    """For whoever is responsible, while there is consent to it. Locked. Raises NotFound, CounsellingNotConsented."""
    person = await of_responsible(conn, staff, enquiry_id)
    if not domain.may_be_counselled(await store.consents_of(conn, enquiry_id), today()):
        raise CounsellingNotConsented
    return person


async def _revoke(
    conn: Connection, person: Person, enquiry_id: UUID, consent_id: UUID, recorded_by: str | None
) -> None:
    consents = await store.consents_of(conn, enquiry_id)
    revoked, events = domain.revoke(person, consents, consent_id, today(), recorded_by)
    await store.save_revoked(conn, revoked)
    if revoked.terms.is_for_counselling:
        known = await store.consents_of(conn, enquiry_id)
        goes_on = domain.may_be_counselled(known, today())
        await store.note_counselling(conn, enquiry_id, domain.counselled_until(known) if goes_on else None)
    await outbox.append(conn, *events)


def _with_enquiry(enquiry_id: UUID, given: GivenConsent) -> Consent:
    terms = Terms(**given.model_dump(include=set(Terms.model_fields)))
    return Consent(
        id=given.consent_id,
        enquiry_id=enquiry_id,
        terms=terms,
        given_how=given.how or GivenHow.WITH_ENQUIRY,
        language_explained_in=given.language_explained_in,
        recorded_by=str(given.recorded_by) if given.recorded_by else None,
    )


def _consent(enquiry_id: UUID, wish: Wish, how: GivenHow, recorded_by: str | None) -> Consent:
    """Raises as `consent_rules.check`."""
    wish.check(today())
    return Consent(
        id=new_id(),
        enquiry_id=enquiry_id,
        terms=wish.terms,
        given_how=how,
        language_explained_in=wish.language_explained_in,
        recorded_by=recorded_by,
    )
