"""The consumer: slices of partitions to the dispatcher, offsets committed after it, progress watched."""

import asyncio
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared.dispatcher import Dispatcher, PoisonLimitReachedError
from shared.inbox import Incoming
from shared.lag import Lag
from shared.persistence import persistently
from shared.reactions import Handler, Reactions
from shared.settings import Settings
from shared.telemetry import place_of

__all__ = ["Consumer", "Dispatcher", "Handler", "Lag", "NoProgressError", "PoisonLimitReachedError", "Reactions"]

log = structlog.get_logger()


class NoProgressError(Exception):
    """There is lag, and nothing was committed for too long."""


class Consumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """A member of the service's consumer group."""

    def __init__(
        self,
        settings: Settings,
        dispatcher: Dispatcher,
        group: str,
        topics: Sequence[str],
        lags: Sequence[Lag] = (),
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._topics = topics
        self._lags = lags
        self._stopping = False
        self._in_hand = 0
        self._next: dict[TopicPartition, int] = {}
        self._progress = time.monotonic()
        session = int(settings.session_timeout * 1000)
        self._kafka = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_bootstrap_servers,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=session,
            heartbeat_interval_ms=session // 4,
        )

    @property
    def assigned(self) -> bool:
        return bool(self._kafka.assignment())

    def lag(self) -> int:
        """Records that are known to wait: in hand, and behind what was handled since the assignment."""
        known = self._kafka.assignment() & self._next.keys()
        behind = ((self._kafka.highwater(partition) or 0) - self._next[partition] for partition in known)
        return self._in_hand + sum(max(0, waiting) for waiting in behind)

    def stop(self) -> None:
        self._stopping = True

    async def run(self) -> None:
        """Consumes until stopped: finishes the slice, commits, leaves the group. Raises where the process must end."""
        self._kafka.subscribe(self._topics, listener=self)
        await persistently(self._kafka.start, self._settings.retry_limit)
        parts = [asyncio.create_task(self._consume()), asyncio.create_task(self._watch())]
        try:
            ended, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in ended:
                part.result()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self._kafka.stop()

    async def _consume(self) -> None:
        while not self._stopping:
            await self._round()

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        """Nothing is to be done: the slice in hand is committed, or refused and dropped by the inbox."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._next.clear()  # others may have gone on where we were
        log.info("partitions.assigned", count=len(assigned))

    async def _round(self) -> None:
        fetched = await self._kafka.getmany(timeout_ms=200, max_records=self._settings.slice_size * 4)
        self._in_hand = sum(map(len, fetched.values()))
        for partition, records in fetched.items():
            for part in batched(records, self._settings.slice_size):
                if self._stopping:
                    break
                events = [Incoming.of(record) for record in part]
                await persistently(partial(self._dispatcher.handle, events), self._settings.retry_limit)
                self._next[partition] = part[-1].offset + 1
        if fetched:
            await self._commit({partition: self._next[partition] for partition in fetched if partition in self._next})
        self._in_hand = 0

    async def _commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commits offsets. One that is refused or lost costs nothing: the inbox drops what comes again."""
        try:
            if offsets:
                await self._kafka.commit(dict(offsets))
        except (IllegalStateError, KafkaError) as error:
            log.warning("offsets.not_committed", error=place_of(error))
        self._progress = time.monotonic()

    async def _watch(self) -> None:
        """Each second: is there progress, and how far behind are the watched topics?"""
        while True:
            await asyncio.sleep(1)
            if not self.lag():
                self._progress = time.monotonic()
            elif time.monotonic() - self._progress > self._settings.liveness_limit:
                raise NoProgressError("there is lag, and nothing was committed for too long")
            for lag in self._lags:
                with suppress(KafkaError):
                    await lag.look(self._kafka)


def batched(records: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Consecutive parts of at most `size`."""
    return (records[start : start + size] for start in range(0, len(records), size))
