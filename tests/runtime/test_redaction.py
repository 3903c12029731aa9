"""Erasure inside the log: after it neither a reader from offset 0 nor the segment files hold the old value."""

import asyncio
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest
from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.admin import NewTopic

from shared import outbox, redaction
from shared.database import Database
from shared.ids import new_id
from shared.redaction import MARKER
from tests.runtime.conftest import PARTITIONS, Start, create_topics, records
from tests.runtime.probe import Counted
from tests.stack import Broker
from tests.waiting import eventually

SEGMENT = timedelta(seconds=1)
COMPACTED = {
    "cleanup.policy": "compact",
    "retention.ms": "-1",
    "segment.ms": str(int(SEGMENT.total_seconds() * 1000)),
    "max.compaction.lag.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
}


async def test_a_redacted_event_is_gone_from_the_log_and_its_segment_files(
    database: Database, kafka: str, broker: Broker, monkeypatch: pytest.MonkeyPatch, start: Start, topic: str
) -> None:
    compacted = f"{topic}.compacted"
    await create_topics(kafka, NewTopic(compacted, PARTITIONS, 1, topic_configs=COMPACTED))
    monkeypatch.setattr(Counted, "topic", compacted)
    aggregate = new_id()
    canary, kept = (
        Counted(aggregate_id=aggregate, number=1, do="canary-7f3a"),
        Counted(aggregate_id=aggregate, number=2),
    )
    await start().ready()
    async with database.transaction() as conn:
        erased, stays = await outbox.append(conn, canary, kept)

    async def ids_with_value() -> set[UUID]:
        return {UUID(bytes=record.key) for record in await records(kafka, compacted) if record.value}

    async def both_are_there() -> bool:
        return await ids_with_value() == {erased, stays}

    await eventually(both_are_there)
    assert b"canary-7f3a" in await asyncio.to_thread(broker.segments, compacted)

    async with database.transaction() as conn:
        await redaction.redact(conn, compacted, str(aggregate), [erased], after=SEGMENT)

    async def gone() -> bool:
        values = [record.value for record in await records(kafka, compacted)]
        return not any(value and b"canary-7f3a" in value for value in values)

    await eventually(gone, limit=40, every=0.3)

    async def gone_from_disk() -> bool:
        return b"canary-7f3a" not in await asyncio.to_thread(broker.segments, compacted)

    await eventually(gone_from_disk, limit=40, every=0.3)
    assert await ids_with_value() == {stays}

    async def marked() -> bool:
        return MARKER in {UUID(bytes=record.key) for record in await records(kafka, compacted)}

    await eventually(marked)


async def test_a_late_copy_of_a_frozen_relay_leader_does_not_undo_a_redaction(
    database: Database, kafka: str, broker: Broker, monkeypatch: pytest.MonkeyPatch, start: Start, topic: str
) -> None:
    compacted = f"{topic}.compacted"
    await create_topics(kafka, NewTopic(compacted, 1, 1, topic_configs=COMPACTED))
    monkeypatch.setattr(Counted, "topic", compacted)
    await start().ready()
    async with database.transaction() as conn:
        aggregate = new_id()
        [erased] = await outbox.append(conn, Counted(aggregate_id=aggregate, number=1, do="canary-9d2c"))

    async def has_come(count: int) -> list[ConsumerRecord]:
        found = [each for each in await records(kafka, compacted) if each.key == erased.bytes]
        return found if len(found) >= count else []

    [event] = await eventually(partial(has_come, 1))
    async with database.transaction() as conn:
        await redaction.redact(conn, compacted, str(aggregate), [erased], after=timedelta(hours=1))
    await eventually(partial(has_come, 2))
    async with AIOKafkaProducer(bootstrap_servers=kafka) as frozen:
        await frozen.send_and_wait(compacted, key=event.key, value=event.value, headers=list(event.headers))
    await database.pool.execute("update redaction_due set due_at = now(), after = $1", SEGMENT)

    async def gone() -> bool:
        return b"canary-9d2c" not in await asyncio.to_thread(broker.segments, compacted)

    await eventually(gone, limit=40, every=0.3)
    assert not [each for each in await records(kafka, compacted) if each.key == erased.bytes and each.value]
