"""Messages that person has for chats: claimed, sent, and their outcome told. Nothing is kept here.

Whatever goes wrong on the way, person gives the message out again, so each is sent at least once.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog

from services.gateway_bot.clients import Outcome, Outgoing, Refused, Services, ServiceUnavailable
from services.gateway_bot.says import Say
from services.gateway_bot.telegram import Telegram, TelegramRefused, TelegramUnavailable
from shared.telemetry import place_of, span

STOP_LIMIT = 4.0
"""Seconds for the message in hand when the process ends."""
_FOR_GOOD = frozenset({400, 403})
"""No such chat, or blocked by the person. Another refusal is about the bot itself, and passes (401, 404)."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Rhythm:
    """Seconds between claims, doubled up to `most` while something is away."""

    first: float = 2.0
    most: float = 60.0

    def pause(self, failures: int) -> float:
        return min(self.most, self.first * 2.0 ** min(failures, 16))


class Postman:
    def __init__(self, telegram: Telegram, services: Services, rhythm: Rhythm | None = None) -> None:
        self._telegram = telegram
        self._services = services
        self._rhythm = rhythm or Rhythm()
        self._in_hand = asyncio.Lock()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="outgoing")

    async def stop(self) -> None:
        """Finishes the message in hand within a limit."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_LIMIT), self._in_hand:
                self._task.cancel()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        while True:
            try:
                with span(None):
                    await self._round()
                failures = 0
            except TelegramUnavailable as away:
                failures += 1
                await asyncio.sleep(away.retry_after or 0)
            except (ServiceUnavailable, Refused, TelegramRefused) as error:
                failures += 1
                log.warning("outgoing.not_now", error=type(error).__name__, failures=failures)
            except Exception as error:  # noqa: BLE001 - one fault must not end the sending
                failures += 1
                log.error("outgoing.failed", error=place_of(error))
            await asyncio.sleep(self._rhythm.pause(failures))

    async def _round(self) -> None:
        """Raises what ends it early: what was claimed and not sent comes again."""
        for message in await self._services.claim_messages():
            async with self._in_hand:
                await self._services.tell_outcome(message.id, await self._send(message))

    async def _send(self, message: Outgoing) -> Outcome:
        """Raises TelegramUnavailable, and TelegramRefused where it is not about the message."""
        try:
            await self._telegram.send(message.chat_id, Say(message.text))
        except TelegramRefused as refused:
            if refused.status not in _FOR_GOOD:
                raise
            log.info("outgoing.refused", message_id=str(message.id), status=refused.status)
            return "refused"
        return "sent"
