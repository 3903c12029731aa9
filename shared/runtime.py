"""What a service is made of, and what runs beside its HTTP: consumer, relay, deadlines, loops."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI

from shared import redaction
from shared.consumer import Consumer, Dispatcher, Lag, Reactions
from shared.database import RUNTIME_SCHEMA, Connection, Database
from shared.exporting import Portions
from shared.faults import is_transient
from shared.idempotency import forget_expired
from shared.ledger import Ledger
from shared.persistence import persistently
from shared.rebuilding import ReadModel
from shared.relay import Relay
from shared.settings import Settings
from shared.telemetry import place_of, span

log = structlog.get_logger()


@dataclass(frozen=True)
class Deadline:
    """Turns rows that are due into state and events, in a transaction of its own. `action` locks what it takes."""

    name: str
    every: float
    """Seconds between two looks."""
    action: Callable[[Connection], Awaitable[int]]
    """Returns how many rows it took; while that is not 0 it is called again at once."""


@dataclass(frozen=True)
class Loop:
    """Work with an effect outside the database, therefore outside any handler."""

    name: str
    every: float
    action: Callable[[Database], Awaitable[None]]
    interruptible: bool = False
    """Whether the action may be broken off in its middle when the service ends: it is cancelled, and cleans up."""


@dataclass(frozen=True)
class Command:
    """What an operator does with one service alone, while it goes on: `python -m services.<service> <name>`."""

    name: str
    help: str
    """One line for `--help`."""
    action: Callable[[Settings], Awaitable[str]]
    """Returns what is told to the operator. Raises CommandRefused."""


class CommandRefused(Exception):
    """Its message says in one sentence why a command did not do all that it is for."""


@dataclass(frozen=True)
class Service:
    """Everything that makes a service, in one place."""

    name: str
    """Also its consumer group."""
    router: APIRouter
    schema: Path | None = None
    """Folder of its `*.sql` files; None: no database and no events (a gateway)."""
    reactions: Reactions = field(default_factory=dict)
    read_models: Sequence[ReadModel] = ()
    """What the command `rebuild` makes again from the log."""
    commands: Sequence[Command] = ()
    deadlines: Sequence[Deadline] = ()
    loops: Sequence[Loop] = ()
    lags: Sequence[Lag] = ()
    on_start: Callable[[FastAPI], AbstractAsyncContextManager[None]] | None = None
    """Around the application's life, for clients and the like."""
    portions: Portions | None = None
    """What of its tables is about a participant, for the export that they may ask for."""
    restore: Callable[[Connection, Ledger], Awaitable[int]] | None = None
    """Erases again what the ledger of erasures names and the database still has: nobody is served before."""
    install: Callable[[FastAPI], None] | None = None
    """Adds what stands around the routes of this service alone: middleware, static files."""

    @property
    def topics(self) -> list[str]:
        return sorted({event.topic for event in self.reactions})

    def dispatcher(self, database: Database, settings: Settings) -> Dispatcher:
        return Dispatcher(
            database,
            self.name,
            self.reactions,
            poison_limit=settings.poison_limit,
            segment=timedelta(milliseconds=settings.segment_ms),
        )


class Runtime:
    """The background of one process. `failed` is set when a part of it ended that must not."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings
        self._stopping = asyncio.Event()
        self._relay = Relay(settings.database_url, settings.kafka_bootstrap_servers)
        self._consumer: Consumer | None = None
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.failed = asyncio.Event()

    async def start(self) -> Database:
        """Waits for the database, brings its schema up to date and starts all; refused, it leaves nothing open."""
        self._database = await self._connect()
        async with AsyncExitStack() as refused:
            refused.push_async_callback(self._database.close)
            await self._restore()
            refused.pop_all()
        if self._service.topics:
            self._consumer = Consumer(
                self._settings,
                self._service.dispatcher(self._database, self._settings),
                self._service.name,
                self._service.topics,
                self._service.lags,
            )
            self._start("consumer", self._consumer.run())
        for deadline in (_REDACTIONS, _MARKERS, _EXPIRED_ANSWERS, *self._service.deadlines):
            self._start(deadline.name, self._repeat(deadline.every, partial(self._due, deadline)))
        for loop in self._service.loops:
            self._start(loop.name, self._repeat(loop.every, partial(loop.action, self._database)))
        self._start("relay", self._relay.run())
        return self._database

    async def stop(self) -> None:
        """Finishes the slice in hand, commits, leaves the group; then drains the relay and closes."""
        self._stopping.set()
        if self._consumer:
            self._consumer.stop()
        relay = self._tasks.pop("relay")
        for loop in self._service.loops:
            if loop.interruptible:
                self._tasks[loop.name].cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        self._relay.stop()
        await asyncio.gather(relay, return_exceptions=True)
        await self._database.close()

    async def ready(self) -> dict[str, bool]:
        """What a ready service has: its database, the broker, and partitions assigned."""
        running = {name: not task.done() for name, task in self._tasks.items()}
        return {
            "database": await self._database.answers(),
            "broker": running["relay"] and self._relay.connected,
            "assignment": self._consumer is None or (running["consumer"] and self._consumer.assigned),
        }

    @property
    def leading(self) -> bool:
        """Whether this process sends what its service publishes."""
        return self._relay.leading

    def lag(self) -> int:
        """Records that are known to wait for this process."""
        return self._consumer.lag() if self._consumer else 0

    async def _connect(self) -> Database:
        found: list[Database] = []

        async def connect() -> None:
            db = await Database.connect(
                self._settings.database_url,
                transaction_timeout=self._settings.transaction_timeout,
            )
            found.append(db)

        await persistently(connect, self._settings.retry_limit)
        await found[0].migrate(*filter(None, (RUNTIME_SCHEMA, self._service.schema)))
        return found[0]

    async def _restore(self) -> None:
        """Raises LedgerUnreadable."""
        if self._service.restore is None:
            return
        async with self._database.transaction() as conn:
            await conn.execute("set local transaction_timeout = '120s'")
            if erased := await self._service.restore(conn, Ledger(self._settings.ledger_dir)):
                log.warning("restore.erased_again", enquiries=erased)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks[name] = task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()):
            log.error("background.failed", task=task.get_name(), error=place_of(error))
            self.failed.set()

    async def _repeat(self, every: float, action: Callable[[], Awaitable[None]]) -> None:
        """Until stopped. A transient fault is logged and passes; any other ends the process."""
        while not self._stopping.is_set():
            try:
                with span(None):
                    await action()
            except Exception as error:
                if not is_transient(error):
                    raise
                log.warning("background.retried", error=place_of(error))
            await _wait(self._stopping, every)

    async def _due(self, deadline: Deadline) -> None:
        while not self._stopping.is_set():
            async with self._database.transaction() as conn:
                if not await deadline.action(conn):
                    return


_REDACTIONS = Deadline("redactions", 1.0, redaction.send_again)
_MARKERS = Deadline("markers", 1.0, redaction.send_markers)
_EXPIRED_ANSWERS = Deadline("expired_answers", 600.0, forget_expired)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
