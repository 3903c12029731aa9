"""Several streams of coordination in one, for as long as all of them last."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx

from services.gateway_web.clients import Services
from services.gateway_web.positions import Positions
from shared.contracts.municipal import MunicipalEvent

PATIENCE = httpx.Timeout(10.0, read=40.0)
"""Seconds; coordination says something every 15."""
_WAITING = 100
"""Events that wait for a slow browser; no more is read meanwhile."""

_Queue = asyncio.Queue[tuple[str, MunicipalEvent] | None]


async def relayed(services: Services, positions: Positions) -> AsyncIterator[tuple[str, MunicipalEvent]]:
    """(AGS, event) as they come. Ends when a stream ends: the browser then comes again, with what it has read."""
    queue: _Queue = asyncio.Queue(_WAITING)
    tasks = [asyncio.create_task(_read(services, ags, after, queue)) for ags, after in positions.read.items()]
    try:
        while (found := await queue.get()) is not None:
            yield found
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read(services: Services, ags: str, after: int, queue: _Queue) -> None:
    url = f"{services.address('coordination')}/municipalities/{ags}/stream"
    with suppress(httpx.HTTPError):
        async with services.http.stream(
            "GET", url, params={"after": after}, headers=services.headers(), timeout=PATIENCE
        ) as answer:
            async for line in answer.raise_for_status().aiter_lines():
                if line.startswith("data:"):
                    await queue.put((ags, MunicipalEvent.model_validate_json(line[5:])))
    await queue.put(None)
