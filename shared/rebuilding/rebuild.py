"""Makes a service's read models again from the log, while the service goes on.

It reads the log into a staging table, handles what the service itself has handled, with shadow tables and an inbox
generation of its own, and swaps in one transaction in which nobody else handles anything: then both have handled
the same. Ended at any moment before, it has changed nothing of the service; started again, it goes on reading where
it was, and handles anew.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import structlog

from shared import inbox
from shared.database import Connection, Database
from shared.errors import DomainError
from shared.faults import is_transient
from shared.persistence import persistently
from shared.reactions import Handlers, Read, barred, locks
from shared.rebuilding import shadow
from shared.rebuilding.read_model import ReadModel
from shared.rebuilding.staging import Staging
from shared.settings import Settings
from shared.telemetry import place_of

_FIRST = UUID(int=0)
Shown = Callable[[int, int], object]
"""Told how many events are handled, of how many that are known so far."""
log = structlog.get_logger()


class RebuildError(Exception):
    """Its message says in one sentence why nothing was rebuilt; nothing has changed."""


class Rebuild:
    """Of all read models of one service, together: they may share topics."""

    def __init__(
        self, group: str, models: Sequence[ReadModel], settings: Settings, show: Shown = lambda _handled, _known: None
    ) -> None:
        self._group = group
        self._show = show
        self._models = models
        self._settings = settings
        self._tables = sorted({table for model in models for table in model.tables})
        self._events = {event for model in models for event in model.reactions}
        self._handlers = [Handlers(model.reactions) for model in models]
        self._handled = self._known = self._erasures = 0

    async def run(self) -> int:
        """Returns how many events stand in the read models. Raises RebuildError, and what stays transient."""
        database = await Database.connect(
            self._settings.database_url,
            transaction_timeout=self._settings.transaction_timeout,
            most=3,
            search_path=shadow.SEARCH_PATH,
        )
        try:
            await persistently(lambda: self._attempt(database), self._settings.retry_limit)
        finally:
            await database.close()
        return self._handled

    async def _attempt(self, database: Database) -> None:
        topics = sorted({event.topic for event in self._events})
        types = {event.type for event in self._events}
        async with (
            self._alone(database) as conn,
            Staging.opened(self._settings.kafka_bootstrap_servers, self._group, topics, types) as staging,
        ):
            async with conn.transaction():
                await shadow.prepare(conn, self._tables)
            swapped = False
            while not swapped:
                await self._begin(database)
                await self._catch_up(database, staging)
                swapped = await self._swap(conn, database, staging)

    @asynccontextmanager
    async def _alone(self, database: Database) -> AsyncIterator[Connection]:
        """The connection that holds the lock also swaps: whoever lost the one cannot do the other."""
        async with database.pool.acquire() as conn:
            if not await shadow.take_lock(conn):
                raise RebuildError("A rebuild of this service is running already: wait for its end.")
            try:
                yield conn
            finally:
                if not conn.is_closed():
                    await shadow.release_lock(conn)

    async def _begin(self, database: Database) -> None:
        self._handled = 0
        async with database.transaction() as conn:
            await shadow.clear(conn, self._tables)
            self._erasures = await shadow.erasures(conn)

    async def _catch_up(self, database: Database, staging: Staging) -> None:
        """Reads to the log's end, and handles what the service has handled."""
        await staging.fill(database)
        async with database.transaction() as conn:
            waiting = await shadow.make_ready(conn)
        self._known = self._handled + waiting
        self._show(self._handled, self._known)
        last: UUID | None = _FIRST
        while last:
            last = await self._slice(database, last)

    async def _swap(self, conn: Connection, database: Database, staging: Staging) -> bool:
        """Whether it was still true when nobody else was at work; where not, nothing is swapped."""
        async with conn.transaction():
            await shadow.keep_others_out(conn, self._tables)
            await self._catch_up(database, staging)
            if await shadow.is_stale(conn, self._erasures):
                log.info("rebuild.begins_anew")
                return False
            for model in self._models:
                await model.swap(conn)
            await shadow.drop(conn)
        return True

    async def _slice(self, database: Database, after: UUID) -> UUID | None:
        """Handles the next events in a transaction. Returns the id of the last one, None where there was none.

        What concerns somebody who is erased is passed over.
        """
        async with database.transaction() as conn:
            events = await shadow.next_ready(conn, after, self._settings.slice_size)
            if not events:
                return None
            wanted = [(each, each.read(event)) for event in events for each in self._handlers if each.concern(event)]
            reads = [read for _, read in wanted]
            await inbox.mark(conn, [event.event_id for event in events], locks(reads))
            forgotten = (await barred(conn, reads)).forgotten
            for handlers, read in wanted:
                if not read.is_forgotten(forgotten):
                    await _call(conn, handlers, read)
            if table := await shadow.written_elsewhere(conn):
                raise RebuildError(f"A reaction wrote to {table}, which its read model does not name.")
        self._handled += len(events)
        self._show(self._handled, self._known)
        return events[-1].event_id


async def _call(conn: Connection, handlers: Handlers, read: Read) -> None:
    """What the domain refuses has no effect. Raises RebuildError, and what is transient."""
    try:
        async with conn.transaction():
            await handlers.call(conn, read)
    except DomainError:
        return
    except Exception as error:
        if is_transient(error):
            raise
        if isinstance(error, asyncpg.CheckViolationError) and error.constraint_name == shadow.NO_APPENDS:
            raise RebuildError(f"The reaction to {read.event.type} appends events: it makes no read model.") from None
        raise RebuildError(
            f"{read.event.type} {read.event.event_id} cannot be handled ({place_of(error)}): mend the reaction."
        ) from None
