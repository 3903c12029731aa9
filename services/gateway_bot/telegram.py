"""The few methods of the Telegram Bot API (https://core.telegram.org/bots/api) that the gateway needs.

Our own: five methods over httpx, which the process has loaded anyway, instead of a library that adds 11 MB
(python-telegram-bot) or 138 MB (aiogram) of resident memory to the process.
The token is part of every address, so neither addresses nor errors of httpx are ever logged.
"""

from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, Field, ValidationError

from services.gateway_bot.says import Given, Pressed, Say, Typed

LONG_POLL = 25
"""Seconds for which Telegram holds getUpdates open."""


class Chat(BaseModel):
    id: int = Field(repr=False)
    type: str


class Sender(BaseModel):
    language_code: str = ""
    """BCP 47, of the person's Telegram; may be missing."""


class Message(BaseModel):
    message_id: int
    chat: Chat
    sender: Sender | None = Field(default=None, alias="from")
    text: str | None = Field(default=None, repr=False)


class CallbackQuery(BaseModel):
    """A pressed button. `message` is missing where Telegram has forgotten it."""

    id: str
    sender: Sender | None = Field(default=None, alias="from")
    message: Message | None = None
    data: str = ""


class Update(BaseModel):
    """What came in; kinds that the gateway does not ask for have neither of the two."""

    update_id: int
    message: Message | None = None
    callback_query: CallbackQuery | None = None

    @property
    def chat(self) -> Chat | None:
        message = self.message or (self.callback_query.message if self.callback_query else None)
        return message.chat if message else None

    @property
    def given(self) -> Given | None:
        """What the person typed or pressed; None for pictures and the like."""
        if self.callback_query:
            return Pressed.of(self.callback_query.data)
        return Typed(self.message.text) if self.message and self.message.text else None

    @property
    def language(self) -> str:
        """The primary language of the person's Telegram, or nothing."""
        event = self.callback_query or self.message
        code = event.sender.language_code if event and event.sender else ""
        return code.partition("-")[0]

    @classmethod
    def read(cls, found: Any) -> "Update":
        """One of a shape that we do not know counts as empty: it is passed over, and the others come through."""
        try:
            return cls.model_validate(found)
        except ValidationError:
            return cls(update_id=found["update_id"])


class TelegramUnavailable(Exception):
    """Telegram cannot be reached, is out of order, or wants us to wait."""

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__()
        self.retry_after = retry_after
        """Seconds that Telegram asked for (429), if it did."""


class TelegramRefused(Exception):
    """Telegram does not accept the request: blocked by the person, a message that is gone, a wrong token (401)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Telegram:
    """The bot's account. Every method raises TelegramUnavailable or TelegramRefused."""

    base_url: str
    token: str

    def __post_init__(self) -> None:
        self.http = httpx.AsyncClient(timeout=httpx.Timeout(10, read=LONG_POLL + 10), trust_env=True)

    async def updates(self, offset: int, wait: int = LONG_POLL) -> list[Update]:
        """Updates from `offset` on, as soon as there are some; those before it are thereby confirmed."""
        found = await self._call(
            "getUpdates", offset=offset, timeout=wait, limit=100, allowed_updates=["message", "callback_query"]
        )
        return [Update.read(each) for each in found]

    async def send(self, chat_id: int, say: Say) -> None:
        await self._call("sendMessage", chat_id=chat_id, **_content(say))

    async def edit(self, chat_id: int, message_id: int, say: Say) -> None:
        """Puts the text in the place of an earlier one."""
        await self._call("editMessageText", chat_id=chat_id, message_id=message_id, **_content(say))

    async def answer(self, query_id: str) -> None:
        """Ends the waiting sign on a pressed button."""
        await self._call("answerCallbackQuery", callback_query_id=query_id)

    async def _call(self, method: str, **parameters: Any) -> Any:
        try:
            answer = await self.http.post(f"{self.base_url.rstrip('/')}/bot{self.token}/{method}", json=parameters)
            body = answer.json()
        except (httpx.TransportError, ValueError):
            raise TelegramUnavailable from None
        if not isinstance(body, dict) or answer.status_code >= 500:
            raise TelegramUnavailable
        if body.get("ok"):
            return body.get("result")
        if answer.status_code == 429:
            raise TelegramUnavailable(float((body.get("parameters") or {}).get("retry_after", 1)))
        raise TelegramRefused(answer.status_code)


def _content(say: Say) -> dict[str, Any]:
    content: dict[str, Any] = {"text": say.text, "link_preview_options": {"is_disabled": True}}
    if say.code:  # ASCII alone, so that a character is a UTF-16 unit
        content["entities"] = [{"type": "code", "offset": 0, "length": len(say.text)}]
    if say.buttons:
        rows = [[{"text": button.label, "callback_data": button.data} for button in row] for row in say.buttons]
        content["reply_markup"] = {"inline_keyboard": rows}
    return content
