"""Structured logs and W3C trace context (https://www.w3.org/TR/trace-context/), ids and coded facts only."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

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
    """Class of the error and the innermost line that raised it, without its text."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_globals.get('__name__', '?')}:{trace.tb_lineno}" if trace else "?"
    return f"{error.__class__.__name__} at {where}"
