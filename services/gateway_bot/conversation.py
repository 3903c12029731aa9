"""What an update leads to: the pure dialogue in the middle, the services and bounded memory around it.

Nothing here outlives the process. Unfinished drafts are forgotten after 30 minutes, what a code opened after 15;
a chat id or a text is never logged.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from ipaddress import IPv6Address
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from services.gateway_bot import dialogue, offers, status
from services.gateway_bot.clients import Refused, Services, ServiceUnavailable, Session, SlotTaken
from services.gateway_bot.draft import Ask, Draft
from services.gateway_bot.enquiry import contact_of, enquiry_of
from services.gateway_bot.memory import Memory
from services.gateway_bot.says import Given, Pressed, Say
from services.gateway_bot.telegram import Update
from services.gateway_bot.texts import TEXTS, Texts
from shared.clock import today

DRAFT_LIFE, SESSION_LIFE = 30 * 60.0, 14 * 60.0
"""Seconds. A session ends before its token of 15 minutes does."""
MOST_CHATS = 2000

log = structlog.get_logger(__name__)


class Prepared(NamedTuple):
    """An enquiry on its way: a second attempt sends the same once more, under the same key."""

    body: dict[str, Any]
    key: str


class _Asked(NamedTuple):
    """An update from a chat, as far as it matters here."""

    id: int
    chat: int
    given: Given
    speaks: str
    """Key of TEXTS: what this person's Telegram, or an earlier answer, says."""

    @property
    def texts(self) -> Texts:
        return TEXTS[self.speaks]


@dataclass
class Conversation:
    """`secret`: from it come idempotency keys and pseudonyms of chats that nobody else can compute."""

    services: Services
    secret: bytes = field(repr=False)
    drafts: Memory[Draft] = field(default_factory=lambda: Memory(DRAFT_LIFE, MOST_CHATS))
    prepared: Memory[Prepared] = field(default_factory=lambda: Memory(DRAFT_LIFE, MOST_CHATS))
    sessions: Memory[Session] = field(default_factory=lambda: Memory(SESSION_LIFE, MOST_CHATS))
    links: Memory[str] = field(default_factory=lambda: Memory(SESSION_LIFE, MOST_CHATS))
    """Tokens of offers that interpreters look at."""
    languages: Memory[str] = field(default_factory=lambda: Memory(DRAFT_LIFE, MOST_CHATS))

    async def replies(self, update: Update) -> list[Say]:
        """What to say to it, after what it asked for is done. Empty where it is nothing for us."""
        if (asked := self._asked(update)) is None:
            return []
        try:
            return await self._reply(asked)
        except ServiceUnavailable:
            log.warning("service.unavailable", update_id=update.update_id)
            return [Say(asked.texts.unavailable)]

    def forget_due(self) -> None:
        for memory in (self.drafts, self.prepared, self.sessions, self.links, self.languages):
            memory.purge()

    def _asked(self, update: Update) -> _Asked | None:
        """Private chats alone: in a group everybody would read along."""
        chat = update.chat
        if chat is None or chat.type != "private" or (given := update.given) is None:
            return None
        known = self.languages.get(chat.id) or update.language
        return _Asked(update.update_id, chat.id, given, known if known in TEXTS else "de")

    async def _reply(self, asked: _Asked) -> list[Say]:
        if isinstance(asked.given, Pressed):
            if asked.given.step == status.REFRESH:
                return await self._status(asked, in_place=True)
            if asked.given.step == status.SLOT:
                return await self._choose(asked, asked.given.value)
            if asked.given.step == offers.OFFER:
                return await self._answer_offer(asked, asked.given.value)
        elif asked.given.text.startswith("/"):
            return await self._command(asked, *asked.given.text.split(maxsplit=1))
        elif code := status.code_in(asked.given.text):
            return await self._open(asked, code)
        return await self._answer(asked)

    async def _command(self, asked: _Asked, command: str, rest: str = "") -> list[Say]:
        name = command.partition("@")[0]
        if name == "/start" and (token := offers.token_in(rest)):
            return await self._offer(asked, token)
        if name == "/start":
            self._forget(asked.chat)
            return self._keep(asked.chat, *dialogue.begin())
        if name == "/status":
            if rest:
                return await self._open(asked, rest)
            return await self._status(asked)
        if name == "/cancel":
            self._forget(asked.chat)
            return [Say(asked.texts.cancelled)]
        return [Say(asked.texts.help)]

    async def _answer(self, asked: _Asked) -> list[Say]:
        draft = self.drafts.get(asked.chat)
        if draft is None:
            return [Say(asked.texts.start_again)]
        after, said = dialogue.answer(draft, asked.given)
        if after.step is Ask.SENDING:
            return await self._send(asked, draft)
        return self._keep(asked.chat, after, said)

    def _keep(self, chat: int, draft: Draft, said: list[Say]) -> list[Say]:
        self.drafts.put(chat, draft)
        if draft.step is not Ask.LANGUAGE:
            self.languages.put(chat, draft.ui)
        return said

    async def _send(self, asked: _Asked, draft: Draft) -> list[Say]:
        """The draft stays until intake has the enquiry."""
        texts = draft.texts
        try:
            prepared = self.prepared.get(asked.chat) or await self._prepare(asked, draft)
            self.prepared.put(asked.chat, prepared)
            code = await self.services.submit(prepared.body, prepared.key)
        except (ServiceUnavailable, Refused) as error:
            log.warning("enquiry.not_sent", update_id=asked.id, error=type(error).__name__)
            return [Say(texts.send_failed)]
        self._forget(asked.chat)
        return [Say(texts.sent), Say(code, code=True), Say(texts.code_follows)]

    async def _prepare(self, asked: _Asked, draft: Draft) -> Prepared:
        sealed = await self.services.sealed(contact_of(draft, asked.chat))
        return Prepared(enquiry_of(draft, sealed, today()), self._key(asked))

    async def _open(self, asked: _Asked, code: str) -> list[Say]:
        try:
            session = await self.services.session(code, self._address(asked.chat))
        except Refused as refused:
            return [Say(asked.texts.too_many if refused.status == 429 else asked.texts.code_refused)]
        self.sessions.put(asked.chat, session)
        return await self._status(asked)

    async def _status(
        self, asked: _Asked, *, in_place: bool = False, still_free: frozenset[UUID] | None = None
    ) -> list[Say]:
        """`still_free`: of the proposed slots, those that can be chosen; None: all."""
        session = self.sessions.get(asked.chat)
        if session is None:
            return [Say(asked.texts.ask_code)]
        try:
            standing = await self.services.standing(session)
            return [status.told(standing, asked.texts, in_place=in_place, still_free=still_free)]
        except Refused:  # the token's time is over, or the code was revoked
            self.sessions.drop(asked.chat)
            return [Say(asked.texts.ask_code)]

    async def _offer(self, asked: _Asked, token: str) -> list[Say]:
        """An interpreter has opened the link to an offer."""
        try:
            offer = await self.services.offer(token)
        except Refused:
            return [Say(asked.texts.offer_over)]
        self.links.put(asked.chat, token)
        return [offers.told(offer, asked.texts)]

    async def _answer_offer(self, asked: _Asked, verb: str) -> list[Say]:
        token = self.links.get(asked.chat)
        if token is None or verb not in {offers.ACCEPT, offers.DECLINE, offers.GIVE_BACK}:
            return [Say(asked.texts.offer_over)]
        try:
            offer = await self.services.answer_offer(token, verb)
        except Refused:
            self.links.drop(asked.chat)
            return [Say(asked.texts.offer_over, in_place=True)]
        if offer.state != "accepted":
            self.links.drop(asked.chat)
        return [offers.told(offer, asked.texts, in_place=True)]

    async def _choose(self, asked: _Asked, value: str) -> list[Say]:
        session = self.sessions.get(asked.chat)
        if session is None:
            return [Say(asked.texts.ask_code)]
        if (chosen := status.chosen(value)) is None:
            return await self._status(asked, in_place=True)
        try:
            await self.services.choose(session, *chosen, self._key(asked))
        except SlotTaken as taken:
            return [Say(asked.texts.slot_taken), *await self._status(asked, still_free=taken.alternatives)]
        except Refused as refused:
            log.info("choice.refused", update_id=asked.id, status=refused.status)
        return await self._status(asked, in_place=True)

    def _forget(self, chat: int) -> None:
        self.drafts.drop(chat)
        self.prepared.drop(chat)

    def _key(self, asked: _Asked) -> str:
        """The same for the same update; not to be guessed, since intake's first answer lies behind it."""
        return digest(self.secret, f"update:{asked.id}".encode(), sha256).hex()

    def _address(self, chat: int) -> str:
        """A pseudonym of the chat, of the shape of an address, under which intake counts failed attempts."""
        return str(IPv6Address(b"\xfd" + digest(self.secret, f"chat:{chat}".encode(), sha256)[:15]))
