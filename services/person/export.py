"""Use case of Art. 15 GDPR: everything that is held about a participant, opened and put together for them alone."""

from collections import ChainMap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.person import crypto, messages, note_keys, store, store_export, store_messages
from services.person.crypto import Key, Undecipherable
from services.person.domain import Accessed, AccessPurpose
from services.person.messages import Kind
from services.person.store import Access
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.exporting import Held, held
from shared.ids import new_id

_OURS = "person"
_CODES = {Kind.CODE, Kind.CONTACT_CODE}
Tables = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Export:
    made_at: datetime
    language: str
    """That the participant prefers, BCP 47."""
    contact: Mapping[str, Any] = field(repr=False)
    services: Mapping[str, Tables] = field(repr=False)
    """Service -> table -> rows."""
    left_out: Mapping[str, Mapping[str, str]]
    """Service -> table -> code of the reason."""

    def as_json(self) -> dict[str, Any]:
        return {
            "made_at": self.made_at.isoformat(),
            "contact": self.contact,
            "services": self.services,
            "left_out": self.left_out,
        }


async def make(
    conn: Connection, vault: Vault, subject: str, enquiry_id: UUID, elsewhere: Mapping[str, Sequence[Held]]
) -> Export:
    """The access log has it, in the same transaction. Raises NotFound before registration and after erasure."""
    person_id = await store.person_of(conn, enquiry_id)
    locked = await store.locked_contact(conn, person_id)
    contact = vault.unlock(person_id, locked)
    await store.insert_access(conn, person_id, _access(subject))
    ours = await held(conn, store_export.PORTIONS, person_id)
    ours.tables["letter"] = await _letters(conn, vault, person_id)
    data_key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    found = {_OURS: [ours], **elsewhere}
    return Export(
        now(),
        contact.preferred_language,
        contact.model_dump(mode="json"),
        {name: _joined(parts, note_keys.derive(data_key)) for name, parts in found.items()},
        {
            name: why
            for name, parts in found.items()
            if (why := dict(ChainMap(*(dict(part.left_out) for part in parts))))
        },
    )


def _access(subject: str) -> Access:
    return Access(new_id(), subject, "participant", Accessed.EXPORT, AccessPurpose.ANSWER_PARTICIPANT, now())


async def _letters(conn: Connection, vault: Vault, person_id: UUID) -> list[dict[str, Any]]:
    """Those whose text is there still, codes apart: they would help whoever got hold of the export."""
    return [
        {"id": str(due.id), **(await messages.read(conn, vault, person_id, due.id, due.content)).model_dump()}
        for due in await store_messages.with_text(conn, person_id, without=_CODES)
    ]


def _joined(parts: Sequence[Held], note_key: Key) -> Tables:
    """Of all enquiries of the person."""
    tables: Tables = {}
    for part in parts:
        for table, rows in part.tables.items():
            tables.setdefault(table, []).extend(_opened(row, note_key) for row in rows)
    return tables


def _opened(row: dict[str, Any], note_key: Key) -> dict[str, Any]:
    """A note of case's, as text; null where it cannot be opened."""
    if "ciphertext" not in row:
        return row
    ciphertext = bytes.fromhex(row["ciphertext"].removeprefix("\\x"))
    try:
        text = note_key.decrypt(ciphertext, note_keys.owner(row["case_id"], row["id"])).decode()
    except Undecipherable:
        text = None
    return {**{name: value for name, value in row.items() if name != "ciphertext"}, "text": text}
