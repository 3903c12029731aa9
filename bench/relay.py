"""Relay: outbox rows to Kafka, against a bare idempotent producer that sends the same records."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

import asyncpg
from aiokafka import AIOKafkaProducer

from bench.figures import Asked, Figure, compare
from bench.world import World
from shared.clock import now
from shared.envelope import headers
from shared.ids import new_id
from shared.outbox import Record, flat
from shared.relay import Relay, partition_of

EVENTS = 20_000
VALUE = b'{"text": "' + b"x" * 1000 + b'"}'


async def relay(world: World) -> list[Figure]:
    url = await world.database_url()
    topic = await world.topic()
    records = _records(topic)
    partitions = 6

    async def ours() -> Sequence[float]:
        conn = await asyncpg.connect(url)
        await conn.copy_records_to_table(
            "outbox",
            columns=["topic", "partition_key", "record_key", "headers", "value"],
            records=[(r.topic, r.partition_key, r.key, flat(r.headers), r.value) for r in records],
        )
        moving = Relay(url, world.bootstrap)
        task = asyncio.create_task(moving.run())
        while not moving.leading:
            await asyncio.sleep(0.001)
        started = time.perf_counter()
        while await conn.fetchval("select exists (select from outbox)"):
            await asyncio.sleep(0.005)
        took = time.perf_counter() - started
        moving.stop()
        await task
        await conn.close()
        return [EVENTS / took]

    async def bare() -> Sequence[float]:
        producer = AIOKafkaProducer(
            bootstrap_servers=world.bootstrap, enable_idempotence=True, acks="all", max_batch_size=262_144
        )
        await producer.start()
        await producer.partitions_for(topic)
        started = time.perf_counter()
        sent = [
            await producer.send(
                r.topic, key=r.key.bytes, value=r.value, headers=r.headers,
                partition=partition_of(r.partition_key, partitions),
            )
            for r in records
        ]  # fmt: skip
        await asyncio.gather(*sent)
        took = time.perf_counter() - started
        await producer.stop()
        return [EVENTS / took]

    return await compare([Asked("relay", "events/s of 1 kB", "at least 0.5")], ours, bare)


def _records(topic: str) -> list[Record]:
    subjects = [str(uuid4()) for _ in range(500)]
    return [
        Record(topic, key, subject, VALUE, headers(id=key, type="bench.v1", source="/b", subject=subject, time=now()))
        for position in range(EVENTS)
        for key, subject in [(new_id(), subjects[position % len(subjects)])]
    ]
