"""A server that speaks the Telegram Bot API over HTTP, and a person who chats with the bot through it."""

import asyncio
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.waiting import eventually

TOKEN = "123456:canary-token"
Update = dict[str, Any]


@dataclass(frozen=True)
class Failure:
    """What the next call of a method gets instead of its result."""

    method: str
    status: int
    retry_after: int | None = None
    after_effect: bool = False
    """The call is carried out first: only its answer is lost."""


@dataclass
class TelegramServer:
    """Keeps an update until a later offset confirms it, as Telegram does."""

    updates: list[Update] = field(default_factory=list)
    failures: deque[Failure] = field(default_factory=deque)
    calls: list[tuple[str, float]] = field(default_factory=list)
    """Every call, with its moment."""
    messages: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    """Chat -> what the bot said in it, as it stands now."""
    answered: list[str] = field(default_factory=list)
    deaf_to: set[int] = field(default_factory=set)
    """Chats that have blocked the bot."""
    repeated: list[Update] = field(default_factory=list)
    """What comes once more with the next updates although it is confirmed."""
    offset: int = 0
    polling: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _ids: Any = field(default_factory=lambda: count(1000))

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/bot{token}/{method}", self._call, methods=["POST"])])

    async def push(self, **content: Any) -> None:
        async with self._news:
            self.updates.append({"update_id": next(self._ids), **content})
            self._news.notify_all()

    def times(self, method: str) -> list[float]:
        return [moment for called, moment in self.calls if called == method]

    async def _call(self, request: Request) -> Response:
        if request.path_params["token"] != TOKEN:
            return _refusal(401)
        method, parameters = request.path_params["method"], await request.json()
        self.calls.append((method, monotonic()))
        failure = next((each for each in self.failures if each.method == method), None)
        if failure:
            self.failures.remove(failure)
            if not failure.after_effect:
                return _refusal(failure.status, failure.retry_after)
        try:
            result = await _while_connected(request, getattr(self, f"_{method}")(parameters))
        except PermissionError:
            return _refusal(403)
        return _refusal(failure.status) if failure else JSONResponse({"ok": True, "result": result})

    async def _getUpdates(self, parameters: dict[str, Any]) -> list[Update]:  # noqa: N802 - as the method is called
        self.offset = max(self.offset, parameters["offset"])
        self.updates = [update for update in self.updates if update["update_id"] >= self.offset]
        self.polling.set()
        try:
            async with asyncio.timeout(parameters["timeout"]), self._news:
                await self._news.wait_for(lambda: bool(self.updates))
        except TimeoutError:
            return []
        repeated, self.repeated = self.repeated, []
        return [*repeated, *self.updates]

    async def _sendMessage(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if parameters["chat_id"] in self.deaf_to:
            raise PermissionError
        message = {**parameters, "message_id": next(self._ids)}
        self.messages.setdefault(parameters["chat_id"], []).append(message)
        return message

    async def _editMessageText(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        said = self.messages[parameters["chat_id"]]
        message = next(each for each in said if each["message_id"] == parameters["message_id"])
        message.update(parameters)
        return message

    async def _answerCallbackQuery(self, parameters: dict[str, Any]) -> bool:  # noqa: N802
        self.answered.append(parameters["callback_query_id"])
        return True


async def _while_connected(request: Request, work: Coroutine[Any, Any, Any]) -> Any:
    """The result, or None where nobody waits for it any more."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(request.receive())
    await asyncio.wait([working, leaving], return_when=asyncio.FIRST_COMPLETED)
    if leaving.cancel() or working.done():
        return await working
    working.cancel()
    return None


def _refusal(status: int, retry_after: int | None = None) -> JSONResponse:
    body = {"ok": False, "error_code": status, "description": "refused"}
    return JSONResponse(body | ({"parameters": {"retry_after": retry_after}} if retry_after else {}), status)


@dataclass
class Person:
    """Somebody in a private chat with the bot."""

    server: TelegramServer
    chat: int
    speaks: str = "de"
    _queries: Any = field(default_factory=count)

    @property
    def seen(self) -> list[dict[str, Any]]:
        return self.server.messages.get(self.chat, [])

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.seen]

    async def type(self, text: str) -> None:
        await self.server.push(message=self._message(1, text=text))

    async def press(self, label: str) -> None:
        """The latest button with this label, once there is one."""
        found = await eventually(lambda: self._button(label))
        assert found
        await self._press(*found)

    async def forge(self, data: str) -> None:
        """Press a button that nobody was shown."""
        await self._press(self.seen[-1]["message_id"] if self.seen else 1, data)

    async def _press(self, message: int, data: str) -> None:
        query = {"id": f"{self.chat}-{next(self._queries)}", "data": data, "from": self._who}
        await self.server.push(callback_query={**query, "message": self._message(message)})

    async def reads(self, part: str) -> str:
        """The latest message with this part, once there is one that nothing before `reads` or `press` had shown."""

        async def look() -> str:
            return next((text for text in reversed(self.texts) if part in text), "")

        return await eventually(look)

    async def _button(self, label: str) -> tuple[int, str] | None:
        for message in reversed(self.seen):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        return message["message_id"], button["callback_data"]
        return None

    @property
    def _who(self) -> dict[str, Any]:
        return {"id": self.chat, "is_bot": False, "first_name": "Canary", "language_code": self.speaks}

    def _message(self, message_id: int, **content: Any) -> dict[str, Any]:
        chat = {"id": self.chat, "type": "private", "first_name": "Canary"}
        return {"message_id": message_id, "date": 0, "chat": chat, "from": self._who, **content}
