"""From the POST of an enquiry to the partner who reads its municipality's topic, against raw round trips over Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.client import Client
from bench.enquiry import INTAKE_PORT, new_enquiry
from bench.figures import Asked, Figure, compare, percentiles
from bench.world import World
from deploy.kafka.topics import ensure_topics
from services.coordination import app as coordination
from services.intake import app as intake
from shared.contracts.registry import TOPICS, municipal_topic

COORDINATION_PORT = 18306
ROUNDS = 200
VALUE = b"x" * 1000
PARTNER_TOPIC = municipal_topic("05170008")
HOPS = (TOPICS["intake"], PARTNER_TOPIC)
"""The broker topics that an enquiry crosses on its way to the partner."""


async def latency(world: World) -> list[Figure]:
    await ensure_topics(world.bootstrap)
    raw_topic = await world.topic(1)
    async with AsyncExitStack() as running:
        for name, port, schema in (
            ("intake", INTAKE_PORT, intake.SCHEMA), ("coordination", COORDINATION_PORT, coordination.SCHEMA),
        ):  # fmt: skip
            await running.enter_async_context(world.service(name, port, await world.database_url(schema)))
        return await compare(
            [
                Asked("POST to the municipality's topic, p50", "ms", "at most 3"),
                Asked("POST to the municipality's topic, p99", "ms", "at most 3"),
            ],
            lambda: _ours(world.bootstrap),
            lambda: _raw(world.bootstrap, raw_topic),
            f"{len(HOPS)} hops: {', '.join(HOPS)}; the bare value is {len(HOPS)} raw round trips",
        )


async def _ours(bootstrap: str) -> Sequence[float]:
    client = await Client.connect(INTAKE_PORT, "/enquiries", new_enquiry())
    async with _reader(bootstrap, PARTNER_TOPIC) as partner:
        took = [await _reaches(client, partner) for _ in range(ROUNDS)]
    client.close()
    return percentiles(took)


async def _reaches(client: Client, partner: Any) -> float:
    """Seconds until the enquiry is there; its acceptance, which follows, is waited for as well."""
    started = time.perf_counter()
    posted = asyncio.create_task(client.post())
    await partner.getone()
    took = time.perf_counter() - started
    await partner.getone()
    await posted
    return took


async def _raw(bootstrap: str, topic: str) -> Sequence[float]:
    """One round trip after the other, then as many times as there are hops."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await producer.start()
    async with _reader(bootstrap, topic) as reader:
        took = [await _round_trip(producer, reader, topic) for _ in range(ROUNDS)]
    await producer.stop()
    return percentiles([seconds * len(HOPS) for seconds in took])


async def _round_trip(producer: AIOKafkaProducer, reader: Any, topic: str) -> float:
    started = time.perf_counter()
    acknowledged = await producer.send(topic, value=VALUE, partition=0)
    await reader.getone()
    took = time.perf_counter() - started
    await acknowledged
    return took


@asynccontextmanager
async def _reader(bootstrap: str, topic: str) -> AsyncIterator[Any]:
    """A plain consumer of what comes from now on."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    partition = TopicPartition(topic, 0)
    await reader.start()
    reader.assign([partition])
    await reader.seek_to_end(partition)
    await reader.position(partition)
    try:
        yield reader
    finally:
        await reader.stop()
