"""What every API does with what comes in and goes out: small bodies, answers that nobody keeps."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.problems import of_status

BODY_LIMIT = 64 * 1024
"""Bytes. The largest honest body is a counselling enquiry with a message of some thousand characters."""
_DRAIN_LIMIT = 1024 * 1024
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cache-control", b"no-store"),
)


def install(app: FastAPI) -> None:
    """Limit bodies and set the headers of every answer."""
    app.add_middleware(_BodyLimit)
    app.add_middleware(_SecurityHeaders)


class _BodyLimit:
    """413 for a body above the limit, whether its length is announced or only shows while it streams in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif _announced(scope) > BODY_LIMIT:
            await _drain(receive, _announced(scope))
            await of_status(413)(scope, receive, send)
        else:
            await self._app(scope, _limited(receive), send)


def _announced(scope: Scope) -> int:
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    return int(length) if length.isdigit() else 0


async def _drain(receive: Receive, announced: int) -> None:
    """Take in what is on its way, so that the client is through with sending and reads the answer."""
    more = announced <= _DRAIN_LIMIT
    while more:
        message = await receive()
        more = message["type"] == "http.request" and message.get("more_body", False)


def _limited(receive: Receive) -> Receive:
    size = 0

    async def limited() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > BODY_LIMIT:
            raise HTTPException(413)
        return message

    return limited


class _SecurityHeaders:
    """Nothing is guessed, framed or kept. An answer that says itself how long it may be kept has its way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                more = [header for header in _HEADERS if header[0] not in said]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, secured)
