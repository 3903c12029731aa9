"""The consumer: slices of partitions to handlers, each slice in one transaction with its inbox marks.

Three exits: transient (back-off in place, then the process ends), rejected by the domain (recorded, goes on) and
poison (dead letter; its aggregate is parked, the others go on). Handlers have no effect outside their connection.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias
from uuid import UUID

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import IllegalStateError, KafkaError

from shared import envelope, erasure, inbox
from shared.contracts.base import Event
from shared.contracts.person import PersonErased
from shared.database import Connection, Database
from shared.envelope import Envelope
from shared.errors import DomainError
from shared.faults import is_transient
from shared.inbox import TOMBSTONE, Incoming
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


@dataclass(frozen=True, slots=True)
class _Read:
    """An event of the slice, as far as it can be read."""

    event: Incoming
    received: Envelope[Any] | None
    """None: unreadable."""

    @property
    def enquiries(self) -> Sequence[UUID]:
        """Whom it concerns; of an erasure nobody, since that is what must be heard."""
        if self.received is None or isinstance(self.received.data, PersonErased):
            return []
        enquiries: Sequence[UUID] = self.received.data.enquiries
        return enquiries


class Dispatcher:
    """Brings events to their handlers in a transaction, and each fault to its exit. Knows nothing of Kafka."""

    def __init__(
        self,
        database: Database,
        group: str,
        reactions: Reactions,
        *,
        poison_limit: int = 10,
        segment: timedelta = timedelta(minutes=1),
    ) -> None:
        self._database = database
        self._group = group
        self._handlers = {event.type: (event, handler) for event, handler in reactions.items()}
        self._poison_limit = poison_limit
        self._segment = segment
        self._poison_in_a_row = 0

    async def handle(self, events: Sequence[Incoming]) -> None:
        """Handles a slice of one partition, in order. Raises only what is transient, and PoisonLimitReachedError."""
        relevant = [self._read(event) for event in events if event.value is not None and self._concerns(event)]
        if relevant:
            await self._slice(relevant)
        if redacted := [event.event_id for event in events if event.type == TOMBSTONE]:
            await self._strike_out(redacted)

    async def _slice(self, relevant: Sequence[_Read]) -> None:
        try:
            await self._together(relevant)
            self._poison_in_a_row = 0
        except Exception as error:
            if is_transient(error):
                raise
            for read in relevant:
                await self._alone(read)

    def _concerns(self, event: Incoming) -> bool:
        return event.type in self._handlers or event.type == "unreadable"

    def _read(self, event: Incoming) -> _Read:
        if event.type not in self._handlers:
            return _Read(event, None)
        with suppress(envelope.UnreadableEventError):
            return _Read(event, envelope.read(self._handlers[event.type][0], dict(event.headers), event.value or b""))
        return _Read(event, None)

    async def _together(self, slice_: Sequence[_Read]) -> None:
        async with self._database.transaction() as conn:
            fresh = await inbox.mark(conn, [read.event.event_id for read in slice_], _locks(slice_))
            barred = await _barred(conn, slice_)
            for read in slice_:
                if read.event.event_id not in fresh:
                    continue
                fresh.remove(read.event.event_id)
                if _is_forgotten(read, barred):
                    continue
                if (read.event.topic, read.event.subject) in barred.parked:
                    await inbox.park(conn, read.event)
                else:
                    await self._call(conn, read)

    async def _alone(self, read: _Read) -> None:
        event = read.event
        async with self._database.transaction() as conn:
            if not await inbox.mark(conn, [event.event_id], _locks([read])):
                return
            barred = await _barred(conn, [read])
            if _is_forgotten(read, barred):
                return
            if (event.topic, event.subject) in barred.parked:
                await inbox.park(conn, event)
                return
            try:
                async with conn.transaction():
                    await self._call(conn, read)
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

    async def _strike_out(self, event_ids: Sequence[UUID]) -> None:
        """Redacted events leave nothing here. Where one was poison, what waited behind it is handled now."""
        async with self._database.transaction() as conn:
            struck = await inbox.strike_out(conn, event_ids, self._segment)
            for topic, subject in {(row["topic"], row["subject"]) for row in struck if row["fault"]}:
                try:
                    async with conn.transaction():
                        await self.empty(conn, topic, subject)
                except Exception as error:
                    if is_transient(error):
                        raise
                    await inbox.blame_first(conn, topic, subject, place_of(error))

    async def empty(self, conn: Connection, topic: str, subject: str) -> int:
        """Handles all that is parked of the aggregate, in order. Returns how many; raises what a handler raises.

        Until none is left: one that arrives meanwhile waits for our lock, or is seen in the next turn.
        """
        handled = 0
        while rows := await inbox.parked_of(conn, topic, subject):
            for row in rows:
                await self._replay(conn, Incoming.of_parked(row))
                await inbox.unpark(conn, row["id"])
                handled += 1
        return handled

    async def _replay(self, conn: Connection, event: Incoming) -> None:
        read = self._read(event)
        if _is_forgotten(read, await _barred(conn, [read])):
            return
        try:
            async with conn.transaction():
                await self._call(conn, read)
        except DomainError as error:
            await inbox.reject(conn, event, error.code)

    async def _call(self, conn: Connection, read: _Read) -> None:
        """Calls the event's handler, in a span that continues the publisher's trace."""
        if read.received is None:
            raise envelope.UnreadableEventError(f"unreadable {read.event.type}")
        _, handler = self._handlers[read.event.type]
        with span(read.received.traceparent):
            await handler(conn, read.received)

    def _count_poison(self) -> None:
        self._poison_in_a_row += 1
        if self._poison_in_a_row >= self._poison_limit:
            raise PoisonLimitReachedError(f"{self._poison_in_a_row} poisonous events in a row")


def _locks(slice_: Sequence[_Read]) -> list[int]:
    return [erasure.lock_key(enquiry_id) for enquiry_id in {each for read in slice_ for each in read.enquiries}]


async def _barred(conn: Connection, slice_: Sequence[_Read]) -> inbox.Barred:
    digests = {erasure.digest(enquiry_id) for read in slice_ for enquiry_id in read.enquiries}
    return await inbox.barred(conn, [read.event.subject for read in slice_], list(digests))


def _is_forgotten(read: _Read, barred: inbox.Barred) -> bool:
    """Whether it comes too late: it concerns somebody who is erased."""
    return any(erasure.digest(enquiry_id) in barred.forgotten for enquiry_id in read.enquiries)


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
