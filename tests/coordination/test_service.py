"""The service as a process: from Kafka to Kafka and to a follower, and its end on SIGTERM."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.kafka.topics import ensure_topics
from services.coordination.chain import in_order, verify
from shared.contracts.municipal import MunicipalEvent
from shared.envelope import headers
from shared.http_client import http_client
from shared.ids import new_id
from tests.coordination.api import Api, take
from tests.coordination.world import DINSLAKEN, consent, envelope, received
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve
from tests.stack import free_port
from tests.waiting import eventually

STREAM = f"/municipalities/{DINSLAKEN}/stream"


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    await ensure_topics(kafka)
    made = AIOKafkaProducer(bootstrap_servers=kafka)
    await made.start()
    yield made
    await made.stop()


async def test_an_enquiry_reaches_the_municipality_and_the_service_ends_while_somebody_follows(
    producer: AIOKafkaProducer, kafka: str, database_url: str, secrets_dir: Path
) -> None:
    issuer, port = TestIssuer("https://issuer"), free_port()
    async with (
        serve(issuer.app()) as keys,
        http_client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        service = _start(
            DATABASE_URL=database_url,
            KAFKA_BOOTSTRAP_SERVERS=kafka,
            KIM_SECRETS_DIR=str(secrets_dir),
            KIM_PORT=str(port),
            OIDC_ISSUER=issuer.name,
            OIDC_JWKS_URL=f"{keys}/jwks",
        )
        try:
            await eventually(lambda: _ready(client), limit=40, every=0.1)
            async with Api(client, issuer).follow(STREAM) as messages:
                await _enquire(producer)
                while (message := (await take(messages, 1))[0][1])["withheld"]:
                    await _enquire(producer)  # until the service knows how far its consents are, it shows nothing
                assert message["data"]["languages"] == ["ti"]
                service.terminate()
                begun = time.monotonic()
                async for _ in messages:
                    pass
                assert await asyncio.to_thread(service.wait, 10) == 0
                assert time.monotonic() - begun < 6
        finally:
            service.kill()
            service.wait()
    published = await _records(kafka)
    verify(published)
    assert json.loads(published[message["sequence"] - 1].model_dump_json()) == message


def _start(**environment: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-m", "services.coordination"], env=os.environ | environment)


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/health/ready")).is_success
    except httpx.HTTPError:
        return False


async def _enquire(producer: AIOKafkaProducer) -> None:
    event = envelope(received(consent()))
    sent = headers(id=event.id, type=event.type, source="/intake", subject=event.subject, time=event.time)
    await producer.send_and_wait(
        "kim.intake.v1", event.data.model_dump_json().encode(), key=new_id().bytes, headers=sent
    )


async def _records(kafka: str) -> list[MunicipalEvent]:
    """What a partner reads from the municipality's topic."""
    topic = f"kim.municipality.{DINSLAKEN}.v1"
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        [partition] = consumer.assignment()
        end = (await consumer.end_offsets([partition]))[partition]
        events = []
        while await consumer.position(partition) < end:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                events += [MunicipalEvent.of_record(dict(r.headers), r.value) for r in records if r.value]
        return in_order(events)
    finally:
        await consumer.stop()
