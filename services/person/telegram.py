"""Messages by Telegram: the bot's gateway claims what is due, sends it, and says what became of it.

A claim postpones, as if sending had failed: where the gateway says nothing, the message is claimed again. So each is
sent at least once, and after a crash between sending and saying so perhaps twice.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from services.person import domain, messages, store_messages
from services.person.store_messages import Channel, Settled
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection
from shared.errors import NotFound

AT_ONCE = 20
"""Most messages of one claim: far from Telegram's limit of 30 messages a second."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    id: UUID
    chat_id: int = field(repr=False)
    text: str = field(repr=False)


async def claim(conn: Connection, vault: Vault) -> list[Outgoing]:
    return [each async for each in _claimed(conn, vault)]


async def settle(conn: Connection, message_id: UUID, settled: Settled) -> None:
    """The first word counts. Raises NotFound for what is no message by Telegram, or is erased."""
    if not await store_messages.is_of(conn, message_id, Channel.TELEGRAM):
        raise NotFound
    await messages.settle(conn, message_id, settled)


async def _claimed(conn: Connection, vault: Vault) -> AsyncIterator[Outgoing]:
    for _ in range(AT_ONCE):
        due = await messages.next_due(conn, Channel.TELEGRAM, now())
        if due is None:
            return
        await store_messages.postpone(conn, due.id, now() + domain.retry_after(due.attempts + 1))
        letter = await messages.read(conn, vault, due.person_id, due.id, due.content)
        yield Outgoing(due.id, int(letter.to), letter.text)
