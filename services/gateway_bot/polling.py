"""Long polling: each update once in effect, and none lost to an error of Telegram.

An update is confirmed by the offset of the request that follows its handling, so one that was not finished comes
again. Chats are handled side by side, each in its order. What Telegram cannot take now is sent again until it can.
"""

import asyncio
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from services.gateway_bot.conversation import Conversation
from services.gateway_bot.says import Say
from services.gateway_bot.telegram import CallbackQuery, Telegram, TelegramRefused, TelegramUnavailable, Update
from shared.telemetry import place_of, span

STOP_LIMIT, CONFIRM_LIMIT = 4.0, 1.0
"""Seconds for what is in hand, and for the last confirmation, when the process ends."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class BackOff:
    """Seconds between attempts: doubled from `first` to `most`, spread; or what Telegram asks for."""

    first: float = 0.5
    most: float = 30.0

    async def wait(self, attempt: int, error: TelegramUnavailable | TelegramRefused) -> None:
        asked = error.retry_after if isinstance(error, TelegramUnavailable) else None
        doubled = min(self.most, self.first * 2 ** min(attempt, 16))
        await asyncio.sleep(doubled * random.uniform(0.5, 1) if asked is None else asked)  # noqa: S311 - a spread


class Poller:
    """The one that polls: Telegram lets there be no second."""

    def __init__(self, telegram: Telegram, conversation: Conversation, back_off: BackOff | None = None) -> None:
        self._telegram = telegram
        self._conversation = conversation
        self._back_off = back_off or BackOff()
        self._handling = asyncio.Lock()
        self._offset = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="telegram")

    async def stop(self) -> None:
        """Finishes what is in hand within a limit, and confirms it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT), self._handling:
                self._task.cancel()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        with suppress(TimeoutError, TelegramUnavailable, TelegramRefused):
            async with asyncio.timeout(CONFIRM_LIMIT):
                await self._telegram.updates(self._offset, wait=0)

    async def _run(self) -> None:
        attempt = 0
        while True:
            self._conversation.forget_due()
            try:
                updates = await self._telegram.updates(self._offset)
            except (TelegramUnavailable, TelegramRefused) as error:
                log.warning("telegram.unavailable", status=getattr(error, "status", None))
                await self._back_off.wait(attempt, error)
                attempt += 1
                continue
            attempt = 0
            await self._handle(updates)

    async def _handle(self, updates: Sequence[Update]) -> None:
        async with self._handling:
            chats: defaultdict[int | None, list[Update]] = defaultdict(list)
            for update in updates:
                if update.update_id >= self._offset:
                    chats[update.chat.id if update.chat else None].append(update)
            await asyncio.gather(*map(self._in_order, chats.values()))
            self._offset = max([self._offset, *(update.update_id + 1 for update in updates)])

    async def _in_order(self, updates: Sequence[Update]) -> None:
        for update in updates:
            try:
                with span(None):
                    await self._one(update)
            except Exception as error:  # noqa: BLE001 - one person's update must not stop everybody's
                log.error("update.failed", update_id=update.update_id, error=place_of(error))

    async def _one(self, update: Update) -> None:
        if update.callback_query:
            await self._end_waiting(update.callback_query)
        if update.chat is None:
            return
        for say in await self._conversation.replies(update):
            await self._say(update, update.chat.id, say)

    async def _end_waiting(self, query: CallbackQuery) -> None:
        """The waiting sign ends by itself too."""
        with suppress(TelegramUnavailable, TelegramRefused):
            await self._telegram.answer(query.id)

    async def _say(self, update: Update, chat: int, say: Say) -> None:
        query = update.callback_query
        if say.in_place and query and query.message:
            message = query.message.message_id
            if await self._persistently(lambda: self._telegram.edit(chat, message, say)):
                return
        await self._persistently(lambda: self._telegram.send(chat, say))

    async def _persistently(self, action: Callable[[], Awaitable[None]]) -> bool:
        """Whether Telegram took it; not where it never will, such as for a person who blocked the bot."""
        attempt = 0
        while True:
            try:
                await action()
            except TelegramUnavailable as error:
                await self._back_off.wait(attempt, error)
                attempt += 1
            except TelegramRefused as refused:
                log.info("telegram.refused", status=refused.status)
                return False
            else:
                return True
