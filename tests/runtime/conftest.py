"""Topics, a database and processes of the probe for the tests that kill, freeze and restart."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared import outbox
from shared.database import Database
from shared.inbox import Incoming
from tests.runtime import probe
from tests.stack import free_port
from tests.waiting import eventually

PARTITIONS = 3


@pytest.fixture
def schema() -> Path:
    return probe.SCHEMA


@pytest.fixture
async def topic(kafka: str) -> AsyncIterator[str]:
    """A topic of this test's own, with its dead letter topic; the probe's events go there."""
    name = f"kim.probe.{uuid.uuid4().hex[:8]}"
    await create_topics(kafka, NewTopic(name, PARTITIONS, 1), NewTopic(f"{name}.dead.probe", 1, 1))
    before, probe.Counted.topic = probe.Counted.topic, name
    yield name
    probe.Counted.topic = before


async def create_topics(kafka: str, *topics: NewTopic) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.create_topics(list(topics))
    finally:
        await admin.close()


async def records(kafka: str, topic: str) -> list[ConsumerRecord]:
    """Everything on a topic, from offset 0 to the present end, partition by partition."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        ends = await consumer.end_offsets(consumer.assignment())
        found: list[ConsumerRecord] = []
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for part in (await consumer.getmany(timeout_ms=200)).values():
                found.extend(part)
        return sorted(found, key=lambda record: (record.partition, record.offset))
    finally:
        await consumer.stop()


async def as_delivered(database: Database, *events: probe.Counted) -> list[Incoming]:
    """The events as Kafka would bring them, without Kafka."""
    async with database.transaction() as conn:
        await outbox.append(conn, *events)
        rows = await conn.fetch("delete from outbox returning *")
    return [
        Incoming.of(
            ConsumerRecord(
                row["topic"], 0, row["id"], 0, 0, row["record_key"].bytes, row["value"], None, 0, 0,
                tuple(outbox.paired(row["headers"])),
            )
        )
        for row in sorted(rows, key=lambda row: row["id"])
    ]  # fmt: skip


async def committed(kafka: str, topic: str, group: str) -> int:
    """Sum of the group's committed offsets over the topic's partitions."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    try:
        numbers = range(PARTITIONS)
        return sum([await consumer.committed(TopicPartition(topic, number)) or 0 for number in numbers])
    finally:
        await consumer.stop()


class Process:
    """One process of the probe."""

    def __init__(self, database_url: str, kafka: str, topic: str, *arguments: str, **extra: str) -> None:
        self._port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.probe", *arguments],
            env=os.environ
            | {
                "DATABASE_URL": database_url,
                "KAFKA_BOOTSTRAP_SERVERS": kafka,
                "PROBE_TOPIC": topic,
                "KIM_PORT": str(self._port),
                "KIM_ENVIRONMENT": "development",
                "KIM_SESSION_TIMEOUT": "2",
                "KIM_TRANSACTION_TIMEOUT": "3",
            }
            | extra,
        )

    async def ready(self) -> None:
        async def look() -> bool:
            found = await self.readiness()
            return all(found.values())

        await eventually(look, limit=40, every=0.1)

    async def readiness(self) -> dict[str, bool]:
        """What the process says of itself, once it says anything."""
        async with httpx.AsyncClient() as client:

            async def look() -> dict[str, bool]:
                assert self._process.poll() is None, f"the probe ended with {self._process.returncode}"
                with contextlib.suppress(httpx.HTTPError):
                    return dict((await client.get(f"http://127.0.0.1:{self._port}/health/ready")).json())
                return {}

            return await eventually(look, limit=40, every=0.1)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        self._process.terminate()

    async def exit_code(self, limit: float = 20) -> int:
        return await asyncio.to_thread(self._process.wait, limit)

    async def leads(self, database: Database) -> bool:
        """Whether this process holds the relay's lock: the lock's session is one of its connections."""
        port = await database.pool.fetchval(
            """
            select client_port from pg_locks join pg_stat_activity using (pid)
            where locktype = 'advisory' and granted and pg_locks.database = (
                select oid from pg_database where datname = current_database()
            )
            """,
        )
        connections = psutil.Process(self._process.pid).net_connections()
        return port is not None and any(connection.laddr.port == port for connection in connections)


async def handler_runs(database: Database) -> bool:
    """Whether a handler of the probe is at work in the database: its transaction is open and waits for it."""
    return bool(
        await database.pool.fetchval(
            """
            select exists (
                select from pg_stat_activity where datname = current_database()
                and state = 'idle in transaction' and now() - state_change > interval '100 ms'
            )
            """
        )
    )


Start = Callable[..., Process]


@pytest.fixture
def start(database_url: str, kafka: str, topic: str) -> Iterator[Start]:
    """Starts a process of the probe, with its arguments; environment variables as keywords. All end with the test."""
    started: list[Process] = []

    def begin(*arguments: str, **extra: str) -> Process:
        started.append(Process(database_url, kafka, topic, *arguments, **extra))
        return started[-1]

    yield begin
    for process in started:
        process.thaw()
        process.kill()
