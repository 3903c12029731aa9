"""Messages to people, in their language: encrypted until they are sent, and never with a topic in them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.person import crypto, domain, store, store_messages
from services.person.one_time_codes import NoWayToSend
from services.person.store_messages import Channel, Due, Kept, Settled, Written
from services.person.texts import in_languages
from services.person.vault import Vault
from shared.clock import now, today
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id
from shared.sealing import ContactKind, SealedContact


class Kind(StrEnum):
    """What a message is about; each has its texts."""

    CONTACT_CODE = "contact_code"
    CODE = "code"
    REMINDER = "reminder"
    TAKEN_OVER = "taken_over"
    """Another case manager comes to the talk."""
    FREED_TIME = "freed_time"
    """There is time for a talk that waited for some."""


SECRET = frozenset({Kind.CONTACT_CODE, Kind.CODE})
"""What nobody reads a second time. It goes by mail alone: in a chat with the bot the first code stands already."""
_CHAT = re.compile(r"-?[0-9]{1,19}", re.ASCII)
"""Of a chat's id, as the Bot API has it."""


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
    """Writes a message that is to be sent, or read on the participant's page.

    Raises NoWayToSend before registration, and for a code where there is no mail address.
    """
    try:
        locked = await store.locked_contact(conn, person_id)
    except NotFound:
        raise NoWayToSend from None
    contact = vault.unlock(person_id, locked)
    channel = _channel(contact)
    if message.kind in SECRET and channel is not Channel.EMAIL:
        raise NoWayToSend
    subject, text = in_languages(contact.preferred_language, message.kind, message.values)
    letter = Letter(to=contact.contact, subject=subject, text=text)
    message_id = new_id()
    key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    content = key.encrypt(letter.model_dump_json().encode(), _owner(message_id))
    written = Written(message_id, person_id, message.kind, channel, content, now(), message.until)
    await store_messages.insert(conn, written)


async def readdress(conn: Connection, vault: Vault, person_id: UUID, contact: SealedContact) -> None:
    """What waits goes to this contact; a code that was meant for the one before goes nowhere."""
    key = vault.unwrap((await store.locked_contact(conn, person_id)).data_key, crypto.person_owner(person_id))
    for due in await store_messages.waiting(conn, person_id):
        if due.kind in SECRET:
            await store_messages.settle(conn, due.id, Settled.TOO_LATE, now(), SECRET)
            continue
        letter = Letter.model_validate_json(key.decrypt(due.content, _owner(due.id)))
        content = letter.model_copy(update={"to": contact.contact}).model_dump_json().encode()
        await store_messages.readdress(conn, due.id, _channel(contact), key.encrypt(content, _owner(due.id)), now())


async def next_due(conn: Connection, channel: Channel, at: datetime) -> Due | None:
    """The one that is due the longest and may be sent now, locked.

    A reminder of whom is counselled no more, as it waited, is settled on the way, and its text is gone.
    """
    while due := await store_messages.next_due(conn, channel, at):
        if due.kind != Kind.REMINDER or await _may_be_counselled(conn, due.person_id):
            return due
        await store_messages.settle(conn, due.id, Settled.NOT_CONSENTED, now(), [due.kind])
    return None


async def _may_be_counselled(conn: Connection, person_id: UUID) -> bool:
    given = [await store.consents_of(conn, each) for each in (await store.load(conn, person_id)).enquiry_ids]
    return all(domain.may_be_counselled(each, today()) for each in given)


async def read(conn: Connection, vault: Vault, person_id: UUID, message_id: UUID, content: bytes) -> Letter:
    """What is to be sent. Raises NotFound after an erasure."""
    locked = await store.locked_contact(conn, person_id)
    key = vault.unwrap(locked.data_key, crypto.person_owner(person_id))
    return Letter.model_validate_json(key.decrypt(content, _owner(message_id)))


async def settle(conn: Connection, message_id: UUID, settled: Settled) -> None:
    """Once; the text of a secret goes with it."""
    await store_messages.settle(conn, message_id, settled, now(), SECRET)


async def give_up_late(conn: Connection) -> int:
    """What helps nobody any more is not sent, and its text is gone. Returns how many."""
    return await store_messages.settle_late(conn, now())


@dataclass(frozen=True, slots=True)
class Shown:
    """A message with its text, as far as that is there and no secret."""

    message: Kept
    letter: Letter | None


async def of_records(conn: Connection, vault: Vault, person_ids: Collection[UUID]) -> list[Shown]:
    """For themselves, of these records together, the newest first; none before registration."""
    kept = await store_messages.of_records(conn, person_ids)
    return [Shown(each, await _letter(conn, vault, each)) for each in kept]


def _channel(contact: SealedContact) -> Channel:
    """By which a message goes without a human; whoever has none finds it on their page."""
    if contact.contact_kind is ContactKind.EMAIL:
        return Channel.EMAIL
    if contact.contact_kind is ContactKind.TELEGRAM and _CHAT.fullmatch(contact.contact):
        return Channel.TELEGRAM
    return Channel.PAGE


async def _letter(conn: Connection, vault: Vault, kept: Kept) -> Letter | None:
    if kept.content is None or kept.kind in SECRET:
        return None
    return await read(conn, vault, kept.person_id, kept.id, kept.content)


def _owner(message_id: UUID) -> str:
    return f"message:{message_id}"
