"""What somebody said of themselves is put right (Art. 16 GDPR): what is found, sent and proven by it follows."""

from dataclasses import dataclass
from uuid import UUID

from services.person import commands, duplicate_check, messages, store, store_codes, store_duplicates
from services.person.commands import Staff
from services.person.domain import Accessed, AccessPurpose
from services.person.duplicates import VersionOutdated
from services.person.store import Access
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.ids import new_id
from shared.sealing import Contact, SealedContact


@dataclass(frozen=True, slots=True)
class Correction:
    """By the case manager responsible for the enquiry, who has read the version."""

    staff: Staff
    enquiry_id: UUID
    contact: Contact
    version: str


async def correct(conn: Connection, vault: Vault, correction: Correction) -> str:
    """Returns the version after it; the access log has it in the same transaction.

    Raises NotFound, CounsellingNotConsented, VersionOutdated.
    """
    await store_duplicates.lock_identities(conn)
    person = await commands.of_reader(conn, correction.staff, correction.enquiry_id)
    locked = await store.locked_contact(conn, person.id)
    if locked.version != correction.version:
        raise VersionOutdated(locked.version)
    before = vault.unlock(person.id, locked)
    contact = SealedContact(message=before.message, **correction.contact.model_dump())
    anew = vault.lock_anew(person.id, locked, contact)
    await store.save_contact(conn, person.id, anew.contact, now())
    await duplicate_check.check(conn, vault, person.id, contact)
    if (contact.contact_kind, contact.contact) != (before.contact_kind, before.contact):
        await store_codes.unverify_contact(conn, person.id)
        await messages.readdress(conn, vault, person.id, contact)
    await _note(conn, person.id, correction.staff)
    return anew.version


async def _note(conn: Connection, person_id: UUID, staff: Staff) -> None:
    why = AccessPurpose.ANSWER_PARTICIPANT
    await store.insert_access(
        conn, person_id, Access(new_id(), staff.subject, staff.role, Accessed.CONTACT_CORRECTED, why, now())
    )
