"""The whole service on a real broker: from an enquiry on intake's topic to a registered person on person's own."""

import asyncio
import contextlib
import json

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from fastapi import FastAPI

from services.person import keys
from services.person.app import build
from shared import outbox
from shared.contracts.registry import TOPICS
from shared.database import Database
from shared.sealing import seal
from shared.service import create_app
from shared.settings import Settings
from tests.person.intake_server import IntakeServer
from tests.person.people import CANARIES, CONTACT, consent_given, enquiry_received, found_in_tables


@pytest.fixture
async def topics(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    for name in ("intake", "case", "scheduling", "interpreter", "person"):
        with contextlib.suppress(TopicAlreadyExistsError):
            await admin.create_topics([NewTopic(TOPICS[name], 1, 1)])
    await admin.close()


@pytest.fixture
async def app(settings: Settings, database_url: str, kafka: str, topics: None) -> FastAPI:  # noqa: ARG001
    known = settings.model_copy(update={"database_url": database_url, "kafka_bootstrap_servers": kafka})
    return create_app(build(known), known)


async def told_of(kafka: str, person_of: str, many: int) -> list[ConsumerRecord]:
    """The first records on person's topic that speak of an enquiry."""
    consumer = AIOKafkaConsumer(TOPICS["person"], bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: list[ConsumerRecord] = []
    try:
        async with asyncio.timeout(30):
            async for record in consumer:
                if record.value and json.loads(record.value).get("enquiry_id") == person_of:
                    found.append(record)
                if len(found) == many:
                    return found
    finally:
        await consumer.stop()
    raise AssertionError


async def test_an_enquiry_becomes_a_registered_person_and_its_contact_stays_in_the_vault(
    app: FastAPI, kafka: str, intake: IntakeServer
) -> None:
    async with app.router.lifespan_context(app):
        database: Database = app.state.database
        event = enquiry_received([consent_given()])
        async with database.transaction() as conn:
            key = await keys.public_key(conn, app.state.vault)
            intake.blocks[event.enquiry_id] = seal(key.public_key, CONTACT)
            await outbox.append(conn, event)
        registered, consent = await told_of(kafka, str(event.enquiry_id), 2)
        assert dict(registered.headers)["ce_type"] == b"person.registered.v1"
        assert dict(consent.headers)["ce_type"] == b"person.consent.given.v1"
        assert await found_in_tables(database, *CANARIES) == []
    sent = str((registered, consent))
    assert not any(canary in sent for canary in CANARIES)
