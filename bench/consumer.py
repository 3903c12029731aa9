"""Consumer: one row changed for each event, against aiokafka + asyncpg and against FastStream, same guarantees."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from bench.figures import Asked, Figure, compare
from bench.world import World
from shared.clock import now
from shared.consumer import Consumer, Dispatcher
from shared.contracts.base import INTERNAL, Event
from shared.database import Connection, Database
from shared.envelope import Envelope, headers
from shared.ids import new_id
from shared.relay import partition_of
from shared.settings import Settings

EVENTS = 3_000
ROWS = 300
SCHEMA = Path(__file__).parent / "schemas" / "consumer"
MARK = "insert into inbox (event_id) values ($1) on conflict do nothing returning event_id"
CHANGE = "update counter set total = total + $2 where aggregate_id = $1"


class Counted(Event):
    type: ClassVar[str] = "bench.counted.v1"
    topic: ClassVar[str] = "kim.bench.v1"
    subject: ClassVar[str] = "aggregate_id"

    aggregate_id: Annotated[UUID, INTERNAL]
    amount: Annotated[int, INTERNAL]


async def on_counted(conn: Connection, event: Envelope[Counted]) -> None:
    await conn.execute(CHANGE, event.data.aggregate_id, event.data.amount)


async def _fill(world: World) -> tuple[str, str]:
    """A database with the rows and a topic with the events. Returns database url and topic."""
    aggregates = [new_id() for _ in range(ROWS)]
    url = await world.database_url(SCHEMA)
    conn = await asyncpg.connect(url)
    await conn.copy_records_to_table("counter", records=[(each, 0) for each in aggregates])
    await conn.close()
    topic = await world.topic()
    producer = AIOKafkaProducer(bootstrap_servers=world.bootstrap, enable_idempotence=True)
    await producer.start()
    sent = [await _send(producer, topic, aggregates[number % ROWS]) for number in range(EVENTS)]
    await asyncio.gather(*sent)
    await producer.stop()
    return url, topic


async def _send(producer: AIOKafkaProducer, topic: str, aggregate: UUID) -> Awaitable[object]:
    event_id = new_id()
    event = Counted(aggregate_id=aggregate, amount=1)
    given = headers(id=event_id, type=event.type, source="/bench", subject=str(aggregate), time=now())
    sent: Awaitable[object] = await producer.send(
        topic, key=event_id.bytes, value=event.model_dump_json().encode(), headers=given,
        partition=partition_of(str(aggregate), 6),
    )  # fmt: skip
    return sent


async def _timed(world: World, consume: Callable[[str, str, asyncio.Event], Awaitable[None]]) -> Sequence[float]:
    """Events/s from the first row changed to the last: joining the group does not count."""
    url, topic = await _fill(world)
    conn = await asyncpg.connect(url)
    stop = asyncio.Event()
    task = asyncio.ensure_future(consume(url, topic, stop))
    first = 0
    while not first:
        first = await conn.fetchval("select sum(total) from counter")
        started = time.perf_counter()
    while (done := await conn.fetchval("select sum(total) from counter")) < EVENTS:
        await asyncio.sleep(0.002)
    took = time.perf_counter() - started
    stop.set()
    await task
    await conn.close()
    return [float(done - first) / took]


async def consumer_plain(world: World) -> list[Figure]:
    return await compare(
        [Asked("consumer, to aiokafka + asyncpg", "events/s", "at least 4")],
        lambda: _timed(world, _ours(world)),
        lambda: _timed(world, _plain(world)),
    )


async def consumer_faststream(world: World) -> list[Figure]:
    return await compare(
        [Asked("consumer, to FastStream", "events/s", "at least 3")],
        lambda: _timed(world, _ours(world)),
        lambda: _timed(world, _faststream(world)),
    )


def _ours(world: World) -> Callable[[str, str, asyncio.Event], Awaitable[None]]:
    async def consume(url: str, topic: str, stop: asyncio.Event) -> None:
        settings = Settings(database_url=url, kafka_bootstrap_servers=world.bootstrap)
        database = await Database.connect(url)
        dispatcher = Dispatcher(database, "bench", {Counted: on_counted})
        consumer = Consumer(settings, dispatcher, f"bench-{topic}", [topic])
        running = asyncio.create_task(consumer.run())
        await stop.wait()
        consumer.stop()
        await running
        await database.close()

    return consume


def _plain(world: World) -> Callable[[str, str, asyncio.Event], Awaitable[None]]:
    """One transaction an event: mark, change, commit, then the offset."""

    async def consume(url: str, topic: str, stop: asyncio.Event) -> None:
        pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
        kafka = AIOKafkaConsumer(
            topic, bootstrap_servers=world.bootstrap, group_id=f"bench-{topic}", enable_auto_commit=False,
            auto_offset_reset="earliest",
        )  # fmt: skip
        await kafka.start()
        while not stop.is_set():
            for records in (await kafka.getmany(timeout_ms=100)).values():
                for record in records:
                    body = json.loads(record.value)
                    async with pool.acquire() as conn, conn.transaction():
                        if await conn.fetchval(MARK, UUID(bytes=record.key)):
                            await conn.execute(CHANGE, UUID(body["aggregate_id"]), body["amount"])
                await kafka.commit()
        await kafka.stop()
        await pool.close()

    return consume


def _faststream(world: World) -> Callable[[str, str, asyncio.Event], Awaitable[None]]:
    """FastStream's subscriber with manual acknowledgement: the same mark, change and commit, then the offset."""

    async def consume(url: str, topic: str, stop: asyncio.Event) -> None:
        pool = await asyncpg.create_pool(url, min_size=1, max_size=2)
        broker = KafkaBroker(world.bootstrap, logger=logging.getLogger("bench"))

        @broker.subscriber(
            topic, group_id=f"bench-{topic}", auto_offset_reset="earliest", ack_policy=AckPolicy.NACK_ON_ERROR
        )
        async def on_message(body: dict[str, object], message: KafkaMessage) -> None:
            record = message.raw_message
            assert not isinstance(record, tuple)  # that is for batches
            async with pool.acquire() as conn, conn.transaction():
                if await conn.fetchval(MARK, UUID(bytes=record.key)):
                    await conn.execute(CHANGE, UUID(str(body["aggregate_id"])), body["amount"])

        await broker.start()
        await stop.wait()
        await broker.stop()
        await pool.close()

    return consume
