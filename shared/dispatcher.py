"""Events to their handlers, each fault to its exit.

Three exits: transient (raised: whoever brought the slice backs off), rejected by the domain (recorded, goes on) and
poison (dead letter; its aggregate is parked, the others go on). Handlers have no effect outside their connection.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

import prometheus_client
import structlog

from shared import inbox
from shared.database import Connection, Database
from shared.errors import DomainError
from shared.faults import is_transient
from shared.inbox import TOMBSTONE, Incoming
from shared.reactions import Handlers, Reactions, Read, barred, locks
from shared.telemetry import place_of

log = structlog.get_logger()
EVENTS_READ = prometheus_client.Counter(
    "kim_events_read", "Events that concern this service, by what became of them", ["type", "outcome"]
)


class Outcome(StrEnum):
    """What became of an event that was read."""

    HANDLED = "handled"
    REJECTED = "rejected"
    DEAD = "dead"
    PARKED = "parked"
    REPEATED = "repeated"
    """It was marked before."""
    FORGOTTEN = "forgotten"
    """It concerns somebody who is erased."""


class PoisonLimitReachedError(Exception):
    """So many poisonous events in a row that the fault is ours: the process ends and loses nothing."""


class Dispatcher:
    """Brings events to their handlers in a transaction with their inbox marks. Knows nothing of Kafka."""

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
        self._handlers = Handlers(reactions)
        self._poison_limit = poison_limit
        self._segment = segment
        self._poison_in_a_row = 0

    async def handle(self, events: Sequence[Incoming]) -> None:
        """Handles a slice of one partition, in order. Raises only what is transient, and PoisonLimitReachedError."""
        handlers = self._handlers
        relevant = [handlers.read(event) for event in events if event.value is not None and handlers.concern(event)]
        if relevant:
            await self._slice(relevant)
        if redacted := [event.event_id for event in events if event.type == TOMBSTONE]:
            await self._strike_out(redacted)

    async def _slice(self, relevant: Sequence[Read]) -> None:
        try:
            await self._together(relevant)
            self._poison_in_a_row = 0
        except Exception as error:
            if is_transient(error):
                raise
            for read in relevant:
                await self._alone(read)

    async def _together(self, slice_: Sequence[Read]) -> None:
        async with self._database.transaction() as conn:
            fresh = await inbox.mark(conn, [read.event.event_id for read in slice_], locks(slice_))
            bars = await barred(conn, slice_)
            outcomes: Counter[tuple[str, Outcome]] = Counter()
            for read in slice_:
                outcome = _exempt(read, fresh, bars)
                fresh.discard(read.event.event_id)
                if outcome is Outcome.PARKED:
                    await _park(conn, read.event)
                elif outcome is None:
                    await self._handlers.call(conn, read)
                outcomes[read.event.type, outcome or Outcome.HANDLED] += 1
        for labels, count in outcomes.items():
            EVENTS_READ.labels(*labels).inc(count)

    async def _alone(self, read: Read) -> None:
        async with self._database.transaction() as conn:
            outcome = await self._outcome(conn, read)
            self._count_poison(outcome)
        EVENTS_READ.labels(read.event.type, outcome).inc()

    async def _outcome(self, conn: Connection, read: Read) -> Outcome:
        event = read.event
        fresh = await inbox.mark(conn, [event.event_id], locks([read]))
        if outcome := _exempt(read, fresh, await barred(conn, [read])):
            if outcome is Outcome.PARKED:
                await _park(conn, event)
            return outcome
        try:
            async with conn.transaction():
                await self._handlers.call(conn, read)
        except DomainError as error:
            await inbox.reject(conn, event, error.code)
            log.info("event.rejected", event_id=str(event.event_id), type=event.type, code=error.code)
            return Outcome.REJECTED
        except Exception as error:
            if is_transient(error):
                raise
            await inbox.dead_letter(conn, event, self._group, place_of(error))
            log.error("event.dead", event_id=str(event.event_id), type=event.type, error=place_of(error))
            return Outcome.DEAD
        return Outcome.HANDLED

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
        read = self._handlers.read(event)
        if read.is_forgotten((await barred(conn, [read])).forgotten):
            return
        try:
            async with conn.transaction():
                await self._handlers.call(conn, read)
        except DomainError as error:
            await inbox.reject(conn, event, error.code)

    def _count_poison(self, outcome: Outcome) -> None:
        if outcome is Outcome.DEAD:
            self._poison_in_a_row += 1
        elif outcome in {Outcome.HANDLED, Outcome.REJECTED}:
            self._poison_in_a_row = 0
        if self._poison_in_a_row >= self._poison_limit:
            raise PoisonLimitReachedError(f"{self._poison_in_a_row} poisonous events in a row")


async def _park(conn: Connection, event: Incoming) -> None:
    """Behind the poison of its aggregate."""
    await inbox.park(conn, event)
    log.warning("event.parked", event_id=str(event.event_id), type=event.type)


def _exempt(read: Read, fresh: set[UUID], bars: inbox.Barred) -> Outcome | None:
    """Why the event is not to be handled now; None: it is."""
    if read.event.event_id not in fresh:
        return Outcome.REPEATED
    if read.is_forgotten(bars.forgotten):
        return Outcome.FORGOTTEN
    if (read.event.topic, read.event.subject) in bars.parked:
        return Outcome.PARKED
    return None
