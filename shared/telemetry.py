"""Structured logs and W3C trace context (https://www.w3.org/TR/trace-context/), ids and coded facts only."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_current: ContextVar[str | None] = ContextVar("traceparent", default=None)


def traceparent() -> str | None:
    """The trace context of what runs now, as the `traceparent` header has it."""
    return _current.get()


@contextmanager
def span(parent: str | None) -> Iterator[str]:
    """Run the block in a new span: a child of `parent`, or the root of a new trace where that is not valid."""
    trace = parent[3:35] if parent and _TRACEPARENT.fullmatch(parent) else secrets.token_hex(16)
    token = _current.set(f"00-{trace}-{secrets.token_hex(8)}-01")
    try:
        with structlog.contextvars.bound_contextvars(trace_id=trace):
            yield trace
    finally:
        _current.reset(token)


class Traced:
    """ASGI middleware: a request runs in a span, which continues the caller's trace where it names one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with span(Headers(scope=scope).get("traceparent")):
            await self._app(scope, receive, send)


def configure_logs(service: str) -> None:
    """JSON lines on standard output. Exceptions are logged by class and place: their text could quote a person."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
    logging.basicConfig(level=logging.WARNING, format='{"level":"%(levelname)s","event":"%(name)s %(message)s"}')


def place_of(error: BaseException) -> str:
    """Class of the error, with module and line of the innermost frame that is ours (else the innermost): no text."""
    place, trace = "unknown", error.__traceback__
    while trace:
        name = trace.tb_frame.f_globals.get("__name__", "")
        if place == "unknown" or name.split(".")[0] in {"shared", "services", "deploy"}:
            place = f"{name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{error.__class__.__name__} at {place}"
