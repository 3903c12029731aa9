"""Following a stream as it grows: a notification is the hint, the poll is the truth."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

import anyio
import asyncpg

from services.coordination import store_streams
from shared.contracts.municipal import MunicipalEvent
from shared.database import Database
from shared.faults import is_transient

POLL = 1.0
"""Seconds after which a follower looks by itself."""
LONGEST = 900.0
"""Seconds after which following ends, so that whoever comes again shows a token that is still good."""
BATCH = 100
"""Events that are read at once; nothing else is kept for a follower, however slow it is."""


class Followers:
    """Who follows which stream in this process. One connection listens for all of them."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    @asynccontextmanager
    async def listening(self, database_url: str) -> AsyncIterator[None]:
        task = asyncio.create_task(self._listen(database_url), name="followers")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def follow(
        self, database: Database, ags: str, after: int, closing: anyio.Event
    ) -> AsyncIterator[MunicipalEvent]:
        """Events with a sequence above `after`, then those to come.

        Ends soon after `closing` is set, when the database is away, and after `LONGEST`.
        """
        until = time.monotonic() + LONGEST
        with self._hints(ags) as grown:
            while not closing.is_set() and time.monotonic() < until:
                grown.clear()
                try:
                    async with database.read() as conn:
                        events = await store_streams.events_after(conn, ags, after, BATCH)
                except Exception as error:
                    if is_transient(error):
                        return
                    raise
                for event in events:
                    yield event
                    after = event.sequence
                if len(events) < BATCH:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(grown.wait(), POLL)

    @contextmanager
    def _hints(self, ags: str) -> Iterator[asyncio.Event]:
        grown = asyncio.Event()
        self._waiting[ags].add(grown)
        try:
            yield grown
        finally:
            self._waiting[ags].discard(grown)

    async def _listen(self, database_url: str) -> None:
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen_once(database_url)
            await asyncio.sleep(POLL)

    async def _listen_once(self, database_url: str) -> None:
        """Until the connection is lost."""
        lost = asyncio.Event()
        conn = await asyncpg.connect(database_url, server_settings={"application_name": "followers"})
        try:
            conn.add_termination_listener(lambda _: lost.set())
            await conn.add_listener(store_streams.CHANNEL, self._grown)
            await lost.wait()
        finally:
            conn.terminate()

    def _grown(self, _conn: Any, _pid: int, _channel: str, ags: str) -> None:
        for grown in self._waiting[ags]:
            grown.set()
