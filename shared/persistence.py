"""Doing it again, while what is in the way may pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from shared.faults import is_transient
from shared.telemetry import place_of

log = structlog.get_logger()


async def persistently(action: Callable[[], Awaitable[object]], limit: float) -> None:
    """Does it again while the fault is transient, backing off up to 2 s, and raises it after `limit` seconds."""
    until = time.monotonic() + limit
    pause = 0.05
    while True:
        try:
            await action()
        except Exception as error:
            if not is_transient(error) or time.monotonic() > until:
                raise
            log.warning("transient.retried", error=place_of(error), pause=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
        else:
            return
