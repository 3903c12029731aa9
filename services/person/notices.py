"""Interpreters are told by mail that they are asked: a link, and until when; nothing of the talk, so no topic.

A notice is a row; a loop outside any handler fetches the link and sends the mail, at least once. A crash in between
costs a pause and perhaps a second mail, whose newer link is then the one that opens.
"""

from functools import partial
from typing import NamedTuple
from uuid import UUID

import structlog

from services.person import domain, key_store, store_notices
from services.person.due import in_turn
from services.person.mail import Mail, MailAway, MailRefused
from services.person.messages import Letter
from services.person.offer_links import LinksAway, OfferLinks, OfferOver
from services.person.store_notices import Notice, Settled
from services.person.texts import in_languages
from services.person.vault import Vault
from shared.clock import now
from shared.database import Connection, Database
from shared.sealing import ContactKind, SealedContact

KIND = "offer"

log = structlog.get_logger()


class _Claim(NamedTuple):
    notice: Notice
    contact: SealedContact


async def put_contact(conn: Connection, vault: Vault, interpreter_id: UUID, address: str, language: str) -> None:
    """In place of an earlier one. `language`: BCP 47, in which they are written to."""
    contact = SealedContact(
        name="", contact_kind=ContactKind.EMAIL, contact=address, message="", preferred_language=language
    )
    locked = vault.lock(interpreter_id, contact, await key_store.master_version(conn))
    await store_notices.put_contact(conn, interpreter_id, locked)


class Notifying:
    def __init__(self, vault: Vault, mail: Mail, links: OfferLinks, web: str, bot: str) -> None:
        """`web`: where browsers reach the pages; `bot`: name of the Telegram bot, empty where there is none."""
        self._vault = vault
        self._mail = mail
        self._links = links
        self._web = web.rstrip("/")
        self._bot = bot

    async def run(self, database: Database) -> None:
        """Tells what is due. Ends early where the mail server or interpreter is away."""
        await in_turn(partial(self._claim, database), partial(self._tell, database))

    async def _claim(self, database: Database) -> _Claim | Settled | None:
        """Takes the next one that is due, by postponing it as if it had failed, or settles it; None: there is none."""
        async with database.transaction() as conn:
            notice = await store_notices.next_due(conn, now())
            if notice is None:
                return None
            locked = await store_notices.contact(conn, notice.interpreter_id)
            settled = Settled.TOO_LATE if notice.until <= now() else Settled.NO_WAY if locked is None else None
            if locked is None or settled is not None:
                await store_notices.settle(conn, notice.offer_id, settled or Settled.NO_WAY)
                return settled
            await store_notices.postpone(conn, notice.offer_id, now() + domain.retry_after(notice.attempts + 1))
            return _Claim(notice, self._vault.unlock(notice.interpreter_id, locked))

    async def _tell(self, database: Database, claim: _Claim | Settled) -> bool:
        """False: it is to be tried later, as everything else."""
        if isinstance(claim, Settled):
            return True
        offer_id, settled = claim.notice.offer_id, Settled.SENT
        try:
            await self._mail.send(self._letter(claim, await self._links.new(offer_id)), offer_id)
        except (MailAway, LinksAway) as away:
            log.warning("notice.away", offer_id=str(offer_id), what=type(away).__name__)
            return False
        except MailRefused:
            settled = Settled.REFUSED
            log.warning("notice.refused", offer_id=str(offer_id))
        except OfferOver:
            settled = Settled.OVER
        async with database.transaction() as conn:
            await store_notices.settle(conn, offer_id, settled)
        return True

    def _letter(self, claim: _Claim, token: str) -> Letter:
        ways = [f"{self._web}/offer/{token}"]
        if self._bot:
            ways.append(f"https://t.me/{self._bot}?start=offer_{token}")
        values = {"until": claim.notice.until, "links": "\n".join(ways)}
        subject, text = in_languages(claim.contact.preferred_language, KIND, values)
        return Letter(to=claim.contact.contact, subject=subject, text=text)
