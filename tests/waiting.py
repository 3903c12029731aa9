"""Waiting for a condition, with a limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], Awaitable[T]], limit: float = 20, every: float = 0.02) -> T:
    """The first truthy answer of `look`. Raises AssertionError with the last one after `limit` seconds."""
    until = time.monotonic() + limit
    while not (found := await look()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {limit} s in vain, last seen: {found!r}")
        await asyncio.sleep(every)
    return found
