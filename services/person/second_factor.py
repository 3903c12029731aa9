"""Use cases of the second factor: a code by the verified contact or from the case manager, and the proof for it."""

from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest, digest
from secrets import randbelow, token_urlsafe
from uuid import UUID

from services.person import commands, crypto, messages, one_time_codes, store, store_codes
from services.person.commands import Staff
from services.person.crypto import Key
from services.person.domain import Accessed, AccessPurpose
from services.person.messages import Kind, Message
from services.person.one_time_codes import (
    DIGITS,
    LIFETIME,
    PROVEN_FOR,
    SPAN,
    CodePurpose,
    CodeWrong,
    ContactNotVerified,
    SecondFactorNeeded,
)
from services.person.store import Access
from services.person.store_codes import Code
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.ids import new_id

_KINDS = {CodePurpose.CONTACT: Kind.CONTACT_CODE, CodePurpose.SECOND_FACTOR: Kind.CODE}


@dataclass(frozen=True, slots=True)
class Proof:
    """What the participant shows with each request that needs the second factor."""

    secret: str
    expires_at: datetime


async def send_code(conn: Connection, vault: Vault, enquiry_id: UUID, purpose: CodePurpose) -> None:
    """Raises NotFound, NoWayToSend, ContactNotVerified, TooManyCodes."""
    person = await store.load(conn, await store.person_of(conn, enquiry_id))
    if purpose is CodePurpose.SECOND_FACTOR and not await store_codes.is_verified(conn, person.id):
        raise ContactNotVerified
    code = await _make(conn, vault, person.id, purpose)
    await messages.post(conn, vault, person.id, Message(_KINDS[purpose], {"code": code}, now() + LIFETIME))


async def confirm_by_staff(conn: Connection, vault: Vault, staff: Staff, enquiry_id: UUID) -> str:
    """A code that the case manager responsible, who knows who it is, tells the participant in a talk.

    The access log has it. Raises NotFound, TooManyCodes.
    """
    person = await commands.of_responsible(conn, staff, enquiry_id)
    code = await _make(conn, vault, person.id, CodePurpose.SECOND_FACTOR)
    access = Access(
        new_id(), staff.subject, staff.role, Accessed.SECOND_FACTOR, AccessPurpose.ANSWER_PARTICIPANT, now()
    )
    await store.insert_access(conn, person.id, access)
    return code


async def check_code(conn: Connection, vault: Vault, enquiry_id: UUID, purpose: CodePurpose, code: str) -> UUID | None:
    """The id of the code, None for a wrong one. In a transaction of its own, which is committed: each try counts.

    Raises NotFound.
    """
    person_id = await store.person_of(conn, enquiry_id)
    key = await _key(conn, vault, person_id)
    found = await store_codes.try_newest(conn, person_id, purpose, now())
    is_right = found is not None and compare_digest(found.digest, _digest(key, purpose, code))
    return found.id if found and is_right else None


async def redeem(
    conn: Connection, vault: Vault, enquiry_id: UUID, purpose: CodePurpose, code_id: UUID | None
) -> Proof | None:
    """Once, for a code that was checked: the contact is verified (None), or a proof. Raises NotFound, CodeWrong."""
    person_id = await store.person_of(conn, enquiry_id)
    if code_id is None or not await store_codes.use(conn, code_id):
        raise CodeWrong("code")
    if purpose is CodePurpose.CONTACT:
        await store_codes.verify_contact(conn, person_id, now())
        return None
    proof = Proof(token_urlsafe(32), now() + PROVEN_FOR)
    stored = _digest(await _key(conn, vault, person_id), "proof", proof.secret)
    await store_codes.insert_proof(conn, person_id, stored, proof.expires_at)
    return proof


async def check_proof(conn: Connection, vault: Vault, enquiry_id: UUID, secret: str | None) -> None:
    """Raises NotFound, SecondFactorNeeded."""
    person_id = await store.person_of(conn, enquiry_id)
    if secret is None:
        raise SecondFactorNeeded
    stored = _digest(await _key(conn, vault, person_id), "proof", secret)
    if not await store_codes.is_proven(conn, person_id, stored, now()):
        raise SecondFactorNeeded


async def forget_old(conn: Connection) -> int:
    """Codes that are no longer counted, proofs that are over. Returns how many."""
    return await store_codes.forget(conn, now() - SPAN, now())


async def _make(conn: Connection, vault: Vault, person_id: UUID, purpose: CodePurpose) -> str:
    one_time_codes.check_number(await store_codes.count_since(conn, person_id, purpose, now() - SPAN))
    code = f"{randbelow(10**DIGITS):0{DIGITS}}"
    stored = Code(new_id(), _digest(await _key(conn, vault, person_id), purpose, code))
    await store_codes.insert(conn, person_id, purpose, stored, now())
    return code


async def _key(conn: Connection, vault: Vault, person_id: UUID) -> Key:
    """Of the person's codes: erasure destroys it with the data key. Raises NotFound before registration."""
    locked = await store.locked_contact(conn, person_id)
    return crypto.derive(vault.unwrap(locked.data_key, crypto.person_owner(person_id)), "person/codes/1")


def _digest(key: Key, purpose: str, secret: str) -> bytes:
    return digest(key.secret, f"{purpose}\0{secret}".encode(), "sha256")
