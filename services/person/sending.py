"""The sending of messages, outside any handler: each at least once, and told apart by its Message-ID.

A message is postponed before it is sent and settled after it: a crash in between costs a pause and perhaps a second
copy with the same id, which a mailbox knows for the same mail.
"""

from typing import NamedTuple

import structlog

from services.person import domain, messages, store_messages
from services.person.mail import Mail, MailAway, MailRefused
from services.person.messages import Letter
from services.person.store_messages import Channel, Due, Settled
from services.person.vault import Vault
from shared.clock import now
from shared.database import Database

AT_ONCE = 100
"""Most messages of one round, so that a service that is told to end does."""

log = structlog.get_logger()


class _Claim(NamedTuple):
    due: Due
    letter: Letter


class Sending:
    def __init__(self, vault: Vault, mail: Mail) -> None:
        self._vault = vault
        self._mail = mail

    async def run(self, database: Database) -> None:
        """Sends what is due. Ends early where the mail server is away; what is refused for good is coded and logged."""
        for _ in range(AT_ONCE):
            claim = await self._claim(database)
            if claim is None:
                return
            try:
                await self._mail.send(claim.letter, claim.due.id)
            except MailAway:
                log.warning("message.mail_away", message_id=str(claim.due.id))
                return
            except MailRefused:
                await _settle(database, claim.due, Settled.REFUSED)
                log.warning("message.refused", message_id=str(claim.due.id))
            else:
                await _settle(database, claim.due, Settled.SENT)

    async def _claim(self, database: Database) -> _Claim | None:
        """Takes the next one that is due, by postponing it as if it had failed."""
        async with database.transaction() as conn:
            due = await messages.next_due(conn, Channel.EMAIL, now())
            if due is None:
                return None
            await store_messages.postpone(conn, due.id, now() + domain.retry_after(due.attempts + 1))
            letter = await messages.read(conn, self._vault, due.person_id, due.id, due.content)
            return _Claim(due, letter)


async def _settle(database: Database, due: Due, settled: Settled) -> None:
    async with database.transaction() as conn:
        await messages.settle(conn, due.id, settled)
