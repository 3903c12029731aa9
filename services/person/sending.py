"""The sending of messages, outside any handler: each at least once, and told apart by its Message-ID.

A message is postponed before it is sent and settled after it: a crash in between costs a pause and perhaps a second
copy with the same id, which a mailbox knows for the same mail.
"""

from functools import partial
from typing import NamedTuple

import structlog

from services.person import domain, messages, store_messages
from services.person.due import in_turn
from services.person.mail import Mail, MailAway, MailRefused
from services.person.messages import Letter
from services.person.store_messages import Channel, Due, Settled
from services.person.vault import Vault
from shared.clock import now
from shared.database import Database

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
        await in_turn(partial(self._claim, database), partial(self._send, database))

    async def _claim(self, database: Database) -> _Claim | None:
        """Takes the next one that is due, by postponing it as if it had failed."""
        async with database.transaction() as conn:
            due = await store_messages.next_due(conn, Channel.EMAIL, now())
            if due is None:
                return None
            await store_messages.postpone(conn, due.id, now() + domain.retry_after(due.attempts + 1))
            letter = await messages.read(conn, self._vault, due.person_id, due.id, due.content)
            return _Claim(due, letter)

    async def _send(self, database: Database, claim: _Claim) -> bool:
        """False: the mail server is away."""
        message_id, settled = claim.due.id, Settled.SENT
        try:
            await self._mail.send(claim.letter, message_id)
        except MailAway:
            log.warning("message.mail_away", message_id=str(message_id))
            return False
        except MailRefused:
            settled = Settled.REFUSED
            log.warning("message.refused", message_id=str(message_id))
        async with database.transaction() as conn:
            await messages.settle(conn, message_id, settled)
        return True
