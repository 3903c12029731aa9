"""The log into the staging table: a reader of its own, from offset 0, that goes on where it was."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared.database import Database
from shared.inbox import TOMBSTONE, Incoming
from shared.rebuilding import shadow


class Staging:
    """Its offsets stand in the staging's own transactions, so what is read is read once."""

    def __init__(self, kafka: Any, admin: Any, group: str, types: Collection[str]) -> None:
        self._kafka = kafka
        self._admin = admin
        self._group = group
        self._types = types

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, bootstrap: str, group: str, topics: Sequence[str], types: Collection[str]
    ) -> AsyncIterator[Self]:
        """`group` is the service's own, of which only the offsets are read. Raises KafkaError."""
        kafka = AIOKafkaConsumer(
            *topics, bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        try:
            await kafka.start()
            await admin.start()
            yield cls(kafka, admin, group, types)
        finally:
            await admin.close()
            await kafka.stop()

    async def fill(self, database: Database) -> None:
        """Reads to where the topics end now."""
        ends = await self._kafka.end_offsets(self._kafka.assignment())
        async with database.read() as conn:
            begun = await shadow.positions(conn)
        for partition in ends:
            self._kafka.seek(partition, begun.get((partition.topic, partition.partition), 0))
        while [each for each, end in ends.items() if await self._kafka.position(each) < end]:
            for partition, records in (await self._kafka.getmany(timeout_ms=200, max_records=1000)).items():
                await self._keep(database, partition, [Incoming.of(record) for record in records])
        await self._note_committed(database, list(ends))

    async def _keep(self, database: Database, partition: TopicPartition, events: Sequence[Incoming]) -> None:
        wanted = [event for event in events if event.value is not None and event.type in self._types]
        redacted = [event.event_id for event in events if event.type == TOMBSTONE]
        async with database.transaction() as conn:
            await shadow.stage(conn, wanted)
            await shadow.strike_out(conn, redacted)
            await shadow.go_on_at(conn, partition.topic, partition.partition, events[-1].offset + 1)

    async def _note_committed(self, database: Database, partitions: list[TopicPartition]) -> None:
        committed = await self._admin.list_consumer_group_offsets(self._group, partitions=partitions)
        offsets = {(each.topic, each.partition): found.offset for each, found in committed.items()}
        async with database.transaction() as conn:
            await shadow.note_committed(conn, offsets)
