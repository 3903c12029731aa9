"""Keys for the notes that case keeps: derived from the person's data key, so that erasure destroys them with it."""

from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.person import crypto, store
from services.person.commands import Staff, of_reader
from services.person.crypto import KEY_BYTES, Key
from services.person.domain import Accessed, AccessPurpose
from services.person.store import Access
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.ids import new_id


async def hand_out(conn: Connection, vault: Vault, staff: Staff, enquiry_id: UUID, why: AccessPurpose) -> Key:
    """For the case manager responsible; the access log has it in the same transaction.

    Raises NotFound for everybody else, before registration and after erasure; CounsellingNotConsented.
    """
    person = await of_reader(conn, staff, enquiry_id)
    locked = await store.locked_contact(conn, person.id)
    data_key = vault.unwrap(locked.data_key, crypto.person_owner(person.id))
    access = Access(new_id(), staff.subject, staff.role, Accessed.NOTES, why, now())
    await store.insert_access(conn, person.id, access)
    return derive(data_key)


def owner(case_id: UUID | str, note_id: UUID | str) -> str:
    """To what case binds a note's ciphertext (services/case/notes.py)."""
    return f"note:{case_id}:{note_id}"


def derive(data_key: Key) -> Key:
    """HKDF (RFC 5869): the data key itself never leaves, and no note key tells it."""
    return Key(HKDF(SHA256(), KEY_BYTES, salt=None, info=b"kim/case/notes/1").derive(data_key.secret))
