"""The whole service on a real broker: from an accepted enquiry on intake's topic to an assigned case on its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError
from openapi_spec_validator import validate

from services.case import store_managers as managers
from services.case.app import SCHEMA, build
from shared import outbox
from shared.contracts.registry import TOPICS
from shared.database import Database
from shared.service import create_app
from shared.settings import Settings
from tests.case.world import accepted, manager
from tests.conftest import NewDatabase


@pytest.fixture
async def topics(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    for name in ("intake", "person", "scheduling", "case"):
        with contextlib.suppress(TopicAlreadyExistsError):
            await admin.create_topics([NewTopic(TOPICS[name], 1, 1)])
    await admin.close()


@pytest.fixture
async def told(kafka: str, topics: None) -> AsyncIterator[AIOKafkaConsumer]:  # noqa: ARG001
    consumer = AIOKafkaConsumer(TOPICS["case"], bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    yield consumer
    await consumer.stop()


async def test_an_accepted_enquiry_is_answered_by_a_case_with_a_request_for_a_talk(
    kafka: str, new_database: NewDatabase, told: AIOKafkaConsumer
) -> None:
    settings = Settings(database_url=await new_database(SCHEMA), kafka_bootstrap_servers=kafka)
    app, enquiry = create_app(build(settings), settings), accepted()
    heard: list[str] = []
    async with app.router.lifespan_context(app), asyncio.timeout(30):
        database: Database = app.state.database
        async with database.transaction() as conn:
            await managers.put(conn, manager(fte=Decimal("0.5")))
            await outbox.append(conn, enquiry)
        async for record in told:
            if str(enquiry.enquiry_id).encode() in (record.value or b""):
                heard.append(dict(record.headers)["ce_type"].decode())
            if len(heard) == 3:
                break
    assert heard == ["case.opened.v1", "case.assigned.v1", "case.counselling_requested.v1"]


def test_the_api_is_described_as_openapi() -> None:
    settings = Settings()
    validate(create_app(build(settings), settings).openapi())
