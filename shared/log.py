"""The log as it stands: all records of a topic from offset 0, for whoever has to prove what is not there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer


class Log:
    """Reads as a member of no group, so that nobody's offsets move. Raises KafkaError where the broker is away."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap

    async def topics(self) -> list[str]:
        """All of ours, sorted."""
        async with self._reader() as kafka:
            return sorted(name for name in await kafka.topics() if name.startswith("kim."))

    async def records(self, topic: str) -> AsyncIterator[Any]:
        """What stands in the topic now, in order within a partition."""
        async with self._reader(topic) as kafka:
            ends = await kafka.end_offsets(kafka.assignment())
            while [each for each, end in ends.items() if await kafka.position(each) < end]:
                for found in (await kafka.getmany(timeout_ms=200)).values():
                    for record in found:
                        yield record

    @asynccontextmanager
    async def _reader(self, *topics: str) -> AsyncIterator[Any]:
        kafka = AIOKafkaConsumer(
            *topics, bootstrap_servers=self._bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
        )
        await kafka.start()
        try:
            yield kafka
        finally:
            await kafka.stop()
