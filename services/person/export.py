"""Use case of Art. 15 GDPR: everything that is held about a participant, opened and put together for them alone."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.person import crypto, messages, note_keys, store, store_duplicates, store_erasures, store_export
from services.person.crypto import Key, Undecipherable
from services.person.domain import Accessed, AccessPurpose
from services.person.store import Access
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.errors import NotFound
from shared.exporting import Held, held
from shared.ids import new_id
from shared.sealing import SealedContact

_OURS = "person"
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Export:
    made_at: datetime
    language: str
    """That the participant prefers, BCP 47."""
    contacts: Sequence[Mapping[str, Any]] = field(repr=False)
    """Name, contact and message of each record that is of the participant, the one they ask with first."""
    services: Mapping[str, Tables] = field(repr=False)
    """Service -> table -> rows."""
    left_out: Mapping[str, Mapping[str, str]]
    """Service -> table -> code of the reason."""

    def as_json(self) -> dict[str, Any]:
        return {
            "made_at": self.made_at.isoformat(),
            "contacts": self.contacts,
            "services": self.services,
            "left_out": self.left_out,
        }


@dataclass(frozen=True, slots=True)
class _Record:
    """What the vault has of one record, opened."""

    contact: SealedContact = field(repr=False)
    ours: Held = field(repr=False)
    note_key: Key


async def enquiries_of(conn: Connection, enquiry_id: UUID) -> list[UUID]:
    """Of the participant with that enquiry: of all their records, where some were merged. Raises NotFound."""
    records = await store_duplicates.records_of(conn, await store.person_of(conn, enquiry_id))
    return [found for each in records for found in await store_erasures.enquiries_of(conn, each)]


async def make(
    conn: Connection, vault: Vault, subject: str, enquiry_id: UUID, elsewhere: Mapping[str, Sequence[Held]]
) -> Export:
    """The access log has it, in the same transaction. Raises NotFound before registration and after erasure."""
    person_id = await store.person_of(conn, enquiry_id)
    await store.insert_access(conn, person_id, _access(subject))
    records = [await _record(conn, vault, person_id)]
    for each in await store_duplicates.records_of(conn, person_id):
        if each != person_id:
            with suppress(NotFound):  # not registered yet: there is nothing to open
                records.append(await _record(conn, vault, each))
    note_keys_ = [record.note_key for record in records]
    found = {_OURS: [record.ours for record in records], **elsewhere}
    return Export(
        now(),
        records[0].contact.preferred_language,
        [record.contact.model_dump(mode="json") for record in records],
        {name: _joined(parts, note_keys_) for name, parts in found.items()},
        {name: why for name, parts in found.items() if (why := _left_out(parts))},
    )


async def _record(conn: Connection, vault: Vault, person_id: UUID) -> _Record:
    locked = await store.locked_contact(conn, person_id)
    ours = await held(conn, store_export.PORTIONS, person_id)
    ours.tables["letter"] = [
        {"id": str(shown.message.id), **shown.letter.model_dump()}
        for shown in await messages.of_records(conn, vault, [person_id])
        if shown.letter
    ]
    data_key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    return _Record(vault.unlock(person_id, locked), ours, note_keys.derive(data_key))


def _access(subject: str) -> Access:
    return Access(new_id(), subject, "participant", Accessed.EXPORT, AccessPurpose.ANSWER_PARTICIPANT, now())


def _left_out(parts: Sequence[Held]) -> Mapping[str, str]:
    return {table: why for part in parts for table, why in part.left_out.items()}


def _joined(parts: Sequence[Held], note_keys_: Sequence[Key]) -> Tables:
    """Of all enquiries of the person."""
    tables: Tables = {}
    for part in parts:
        for table, rows in part.tables.items():
            tables.setdefault(table, []).extend(_opened(row, note_keys_) for row in rows)
    return tables


def _opened(row: dict[str, Any], note_keys_: Sequence[Key]) -> dict[str, Any]:
    """A note of case's, as text; null where none of the keys opens it."""
    if "ciphertext" not in row:
        return row
    ciphertext = bytes.fromhex(row["ciphertext"].removeprefix("\\x"))
    rest = {name: value for name, value in row.items() if name != "ciphertext"}
    for key in note_keys_:
        with suppress(Undecipherable):
            text = key.decrypt(ciphertext, note_keys.owner(row["case_id"], row["id"])).decode()
            return {**rest, "text": text}
    return {**rest, "text": None}
