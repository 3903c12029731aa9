"""Messages to people, in their language: encrypted until they are sent, and never with a topic in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.person import crypto, store, store_messages
from services.person.one_time_codes import NoWayToSend
from services.person.store_messages import Written
from services.person.texts import in_languages
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id
from shared.sealing import ContactKind

CHANNELS = frozenset({ContactKind.EMAIL})
"""Contacts to which a message can go without a human."""


class Kind(StrEnum):
    """What a message is about; each has its texts."""

    CONTACT_CODE = "contact_code"
    CODE = "code"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody is to be told."""

    kind: Kind
    values: Mapping[str, object] = field(repr=False)
    """What its text has places for; a moment is an aware datetime."""
    until: datetime
    """After that it helps nobody."""


class Letter(BaseModel):
    """A message as it is sent. Its repr shows nothing."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    to: str = Field(repr=False)
    subject: str = Field(repr=False)
    text: str = Field(repr=False)


async def post(conn: Connection, vault: Vault, person_id: UUID, message: Message) -> None:
    """Writes a message that is to be sent. Raises NoWayToSend where no contact is here that a message reaches."""
    try:
        locked = await store.locked_contact(conn, person_id)
    except NotFound:
        raise NoWayToSend from None
    contact = vault.unlock(person_id, locked)
    if contact.contact_kind not in CHANNELS:
        raise NoWayToSend
    subject, text = in_languages(contact.preferred_language, message.kind, message.values)
    letter = Letter(to=contact.contact, subject=subject, text=text)
    message_id = new_id()
    key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    content = key.encrypt(letter.model_dump_json().encode(), _owner(message_id))
    written = Written(message_id, person_id, message.kind, content, now(), message.until)
    await store_messages.insert(conn, written)


async def read(conn: Connection, vault: Vault, person_id: UUID, message_id: UUID, content: bytes) -> Letter:
    """What is to be sent. Raises NotFound after an erasure."""
    locked = await store.locked_contact(conn, person_id)
    key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    return Letter.model_validate_json(key.decrypt(content, _owner(message_id)))


def _owner(message_id: UUID) -> str:
    return f"message:{message_id}"
