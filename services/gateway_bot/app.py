"""The Telegram gateway, put together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from fastapi import FastAPI

from services.gateway_bot.api import router
from services.gateway_bot.clients import Services
from services.gateway_bot.conversation import Conversation
from services.gateway_bot.outgoing import Postman
from services.gateway_bot.polling import Poller
from services.gateway_bot.telegram import Telegram
from shared.service import Service
from shared.settings import Settings

TOKEN_FILE = "telegram-token"  # noqa: S105 - where it is, not what it is
"""In KIM_SECRETS_DIR: the bot's token as @BotFather gave it."""

log = structlog.get_logger(__name__)


def build(_settings: Settings) -> Service:
    return Service(name="gateway_bot", router=router, on_start=_polling)


@asynccontextmanager
async def _polling(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    token = _token(settings.secrets_dir)
    if token is None:
        log.info("telegram.off", reason=f"there is no {TOKEN_FILE} in KIM_SECRETS_DIR")
        yield
        return
    telegram, services = Telegram(settings.telegram_url, token), Services(settings)
    async with telegram.http, services.http:
        poller, postman = Poller(telegram, Conversation(services, token.encode())), Postman(telegram, services)
        poller.start()
        postman.start()
        yield
        await asyncio.gather(poller.stop(), postman.stop())


def _token(secrets_dir: Path) -> str | None:
    path = secrets_dir / TOKEN_FILE
    return path.read_text(encoding="ascii").strip() or None if path.exists() else None
