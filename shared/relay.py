"""The relay: the only thing that produces to Kafka. It empties the outbox, in order of ids, one leader per service.

The leader holds a session advisory lock on a connection of its own. PostgreSQL ends that connection once it has been
idle for four seconds, so that a frozen leader loses the lock and cannot delete what its successor has to send.
A record is deleted after Kafka acknowledged it: Kafka may hold a duplicate, every reader drops it by event id.
"""

import asyncio
from collections.abc import Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from shared.outbox import paired
from shared.telemetry import place_of

LEADER_LOCK = 0x6F7574
HEARTBEAT = 1.0
_STANDBY = 0.25
_SELECT = """
    select id, topic, partition_key, record_key, headers, value, record_time
    from outbox where id > $1 order by id limit $2
"""
log = structlog.get_logger()


class Relay:
    """Moves outbox rows to Kafka until `stop` is called; then it drains what is there and ends."""

    def __init__(self, database_url: str, bootstrap: str, *, batch: int = 1000) -> None:
        self._database_url = database_url
        self._bootstrap = bootstrap
        self._batch = batch
        self._wake = asyncio.Event()
        self._stopping = False
        self._partitions: dict[str, int] = {}
        self.leading = False
        self.connected = False
        """Whether this process leads, or stands by for a leader."""

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Stands for election, leads, and stands again after any fault, until stopped."""
        while not self._stopping:
            try:
                await self._term()
            except (
                OSError,
                asyncpg.PostgresError,
                asyncpg.InterfaceError,
                asyncpg.InternalClientError,
                KafkaError,
                TimeoutError,
            ) as error:
                log.warning("relay.term_ended", error=place_of(error))
                await asyncio.sleep(_STANDBY)
            finally:
                self.leading = self.connected = False

    async def _term(self) -> None:
        async with self._session() as conn:
            while not await conn.fetchval("select pg_try_advisory_lock($1)", LEADER_LOCK):
                if self._stopping:
                    return
                self.connected = True
                await asyncio.sleep(_STANDBY)
            await conn.add_listener("outbox", lambda *_: self._wake.set())
            async with self._producer() as producer:
                self.leading = self.connected = True
                await self._lead(conn, producer)

    async def _lead(self, conn: Any, producer: Any) -> None:
        while True:
            self._wake.clear()
            stopping = self._stopping
            await self._drain(conn, producer)
            if stopping:
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), HEARTBEAT)

    async def _drain(self, conn: Any, producer: Any) -> None:
        """Sends all there is. A chunk is fetched while the one before it is on its way."""
        rows = await conn.fetch(_SELECT, 0, self._batch)
        while rows:
            sent = [await self._send(producer, row) for row in rows]
            following = await conn.fetch(_SELECT, rows[-1]["id"], self._batch)
            await self._acknowledged(conn, sent)
            await conn.execute("delete from outbox where id = any($1::bigint[])", [row["id"] for row in rows])
            rows = following

    async def _acknowledged(self, conn: Any, sent: Sequence["asyncio.Future[Any]"]) -> None:
        """Waits for Kafka, showing PostgreSQL a sign of life. Raises the first error, if any."""
        waiting = asyncio.gather(*sent)
        while not waiting.done():
            await asyncio.wait([waiting], timeout=HEARTBEAT)
            if not waiting.done():
                await conn.execute("select 1")
        await waiting

    async def _send(self, producer: Any, row: Any) -> "asyncio.Future[Any]":
        topic = row["topic"]
        if topic not in self._partitions:
            self._partitions[topic] = len(await producer.partitions_for(topic))
        sent: asyncio.Future[Any] = await producer.send(
            topic,
            key=row["record_key"].bytes,
            value=row["value"],
            headers=paired(row["headers"]),
            partition=partition_of(row["partition_key"], self._partitions[topic]),
            timestamp_ms=int(row["record_time"].timestamp() * 1000) if row["record_time"] else None,
        )
        return sent

    @asynccontextmanager
    async def _session(self) -> Any:
        conn = await asyncpg.connect(
            self._database_url,
            command_timeout=10,
            # A lost delete is only a duplicate in Kafka: it need not wait for the disk.
            server_settings={
                "idle_session_timeout": "4s",
                "synchronous_commit": "off",
                "application_name": "relay",
            },
        )
        try:
            yield conn
        finally:
            conn.terminate()

    @asynccontextmanager
    async def _producer(self) -> Any:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            max_batch_size=262_144,
            request_timeout_ms=10_000,
        )
        try:
            await producer.start()
            yield producer
        finally:
            with suppress(TimeoutError):
                await asyncio.wait_for(producer.stop(), 5)


def partition_of(key: str, partitions: int) -> int:
    """Kafka's own default choice for `key`, so that every tool agrees where an aggregate lives."""
    return int((murmur2(key.encode()) & 0x7FFFFFFF) % partitions)
