"""The consumer: slices of partitions to handlers, each slice in one transaction with its inbox marks.

Three exits: transient (back-off in place, then the process ends), rejected by the domain (recorded, goes on) and
poison (dead letter; its aggregate is parked, the others go on). Handlers have no effect outside their connection.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared import envelope, inbox
from shared.contracts.base import Event
from shared.database import Connection, Database
from shared.envelope import Envelope
from shared.errors import DomainError
from shared.faults import is_transient
from shared.inbox import Incoming
from shared.settings import Settings
from shared.telemetry import place_of, span

Handler: TypeAlias = Callable[[Connection, Envelope[Any]], Awaitable[None]]
"""Changes state through the connection it is given, inside the transaction of the event's inbox mark."""
Reactions: TypeAlias = Mapping[type[Event], Handler]
log = structlog.get_logger()


class PoisonLimitReachedError(Exception):
    """So many poisonous events in a row that the fault is ours: the process ends and loses nothing."""


class NoProgressError(Exception):
    """There is lag, and nothing was committed for too long."""


class Dispatcher:
    """Brings events to their handlers in a transaction, and each fault to its exit. Knows nothing of Kafka."""

    def __init__(self, database: Database, group: str, reactions: Reactions, *, poison_limit: int = 10) -> None:
        self._database = database
        self._group = group
        self._handlers = {event.type: (event, handler) for event, handler in reactions.items()}
        self._poison_limit = poison_limit
        self._poison_in_a_row = 0

    async def handle(self, events: Sequence[Incoming]) -> None:
        """Handles a slice of one partition, in order. Raises only what is transient, and PoisonLimitReachedError."""
        relevant = [event for event in events if event.value is not None and self._concerns(event)]
        if not relevant:
            return
        try:
            await self._together(relevant)
            self._poison_in_a_row = 0
        except Exception as error:
            if is_transient(error):
                raise
            for event in relevant:
                await self._alone(event)

    def _concerns(self, event: Incoming) -> bool:
        return event.type in self._handlers or event.type == "unreadable"

    async def _together(self, events: Sequence[Incoming]) -> None:
        async with self._database.transaction() as conn:
            fresh = await inbox.mark(conn, [event.event_id for event in events])
            parked = await inbox.parked_subjects(conn, [event.subject for event in events])
            for event in events:
                if event.event_id not in fresh:
                    continue
                fresh.remove(event.event_id)
                if (event.topic, event.subject) in parked:
                    await inbox.park(conn, event)
                else:
                    await self.call(conn, event)

    async def _alone(self, event: Incoming) -> None:
        async with self._database.transaction() as conn:
            if not await inbox.mark(conn, [event.event_id]):
                return
            if await inbox.parked_subjects(conn, [event.subject]):
                await inbox.park(conn, event)
                return
            try:
                async with conn.transaction():
                    await self.call(conn, event)
            except DomainError as error:
                await inbox.reject(conn, event, error.code)
                log.info("event.rejected", event_id=str(event.event_id), type=event.type, code=error.code)
            except Exception as error:
                if is_transient(error):
                    raise
                await inbox.dead_letter(conn, event, self._group, place_of(error))
                log.error("event.dead", event_id=str(event.event_id), type=event.type, error=place_of(error))
                self._count_poison()
                return
        self._poison_in_a_row = 0

    async def call(self, conn: Connection, event: Incoming) -> None:
        """Calls the event's handler, in a span that continues the publisher's trace."""
        if event.type not in self._handlers:
            raise envelope.UnreadableEventError("no CloudEvent")
        model, handler = self._handlers[event.type]
        received = envelope.read(model, dict(event.headers), event.value or b"")
        with span(received.traceparent):
            await handler(conn, received)

    def _count_poison(self) -> None:
        self._poison_in_a_row += 1
        if self._poison_in_a_row >= self._poison_limit:
            raise PoisonLimitReachedError(f"{self._poison_in_a_row} poisonous events in a row")


class Lag:
    """How far the group is behind on one topic, in seconds: the age of the last moment at which all was committed.

    It looks at committed offsets of all partitions, so it holds for any number of group members.
    """

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self._caught_up = float("-inf")

    def __call__(self) -> float:
        return time.monotonic() - self._caught_up

    async def look(self, kafka: Any) -> None:
        """Asks the broker. Raises KafkaError."""
        before = time.monotonic()
        partitions = [TopicPartition(self.topic, number) for number in kafka.partitions_for_topic(self.topic) or ()]
        ends = await kafka.end_offsets(partitions)
        committed = {partition: await kafka.committed(partition) or 0 for partition in partitions}
        if partitions and all(committed[partition] >= end for partition, end in ends.items()):
            self._caught_up = before


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
        behind = ((self._kafka.highwater(partition) or 0) - offset for partition, offset in self._next.items())
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
        for partition in revoked:
            self._next.pop(partition, None)

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
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


async def persistently(action: Callable[[], Awaitable[object]], limit: float) -> None:
    """Does it again while the fault is transient, backing off up to 2 s, and raises it after `limit` seconds."""
    until = time.monotonic() + limit
    pause = 0.05
    while True:
        try:
            await action()
        except Exception as error:
            if not is_transient(error) or time.monotonic() > until:
                raise
            log.warning("transient.retried", error=place_of(error), pause=pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
        else:
            return


def batched(records: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Consecutive parts of at most `size`."""
    return (records[start : start + size] for start in range(0, len(records), size))
