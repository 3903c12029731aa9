"""Erasure of everything about an enquiry, in the tables and in the log (Art. 17 GDPR).

A service says by `Erasing` which rows go; the rest is the same for all. Its own events about the enquiry are replaced
by tombstones. A tombstone then takes what each reader has kept of the event: parked, rejected, in a dead letter topic.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import TypeAlias
from uuid import UUID

from shared import outbox, redaction
from shared.clock import today
from shared.contracts.base import Event
from shared.contracts.erasure import ErasureCompleted
from shared.contracts.person import PersonErased
from shared.database import Connection
from shared.envelope import Envelope
from shared.ledger import Ledger

EraseRows: TypeAlias = Callable[[Connection, Sequence[UUID]], Awaitable[None]]
"""Deletes every row of these enquiries. Locks them first, as commands do: then nothing is appended meanwhile."""
KnownEnquiries: TypeAlias = Callable[[Connection], Awaitable[Iterable[UUID]]]
"""The enquiries of which the service's tables have a row."""


@dataclass(frozen=True)
class Erasing:
    """How a service erases."""

    erase_rows: EraseRows
    known: KnownEnquiries
    completed: type[ErasureCompleted]
    segment: timedelta
    """`segment.ms` of the topics."""
    remembers: bool = True
    """Whether events that come late are dropped unseen. Where not, the service itself knows what to do with them."""

    @property
    def reactions(self) -> Mapping[type[Event], Callable[[Connection, Envelope[PersonErased]], Awaitable[None]]]:
        return {PersonErased: self.react}

    async def react(self, conn: Connection, event: Envelope[PersonErased]) -> None:
        """Erases, and says so under the erasure's number."""
        count = await self.erase(conn, event.data.enquiry_ids)
        if event.data.erasure_id:
            done = self.completed(erasure_id=event.data.erasure_id, redacted_events=count, completed_on=today())
            await outbox.append(conn, done)

    async def erase(self, conn: Connection, enquiry_ids: Sequence[UUID]) -> int:
        """Returns how many events were redacted."""
        await lock(conn, enquiry_ids)
        await self.erase_rows(conn, enquiry_ids)
        return await forget(conn, enquiry_ids, self.segment, remembers=self.remembers)

    async def restore(self, conn: Connection, ledger: Ledger) -> int:
        """After a restore: erases again what the ledger names. Returns how many enquiries that were."""
        return await restore(conn, ledger, self.known, self.erase, remembers=self.remembers)


async def restore(
    conn: Connection,
    ledger: Ledger,
    known: KnownEnquiries,
    erase: Callable[[Connection, Sequence[UUID]], Awaitable[int]],
    *,
    remembers: bool = True,
) -> int:
    """Erases those of the `known` enquiries which the ledger names and this database has not heard of."""
    wanted = await _unapplied(conn, ledger)
    if not wanted:
        return 0
    candidates = {*await known(conn), *await _published_about(conn)}
    again = sorted(enquiry_id for enquiry_id in candidates if digest(enquiry_id) in wanted)
    await erase(conn, again)
    if remembers:
        await _remember(conn, wanted)
    return len(again)


async def forget(conn: Connection, enquiry_ids: Sequence[UUID], segment: timedelta, *, remembers: bool = True) -> int:
    """Replaces all our events about the enquiries, and drops the links to them. Returns how many events that were.

    Call it after the rows are gone: whoever had locked one of them has appended what there was to append.
    """
    places: defaultdict[tuple[str, str], set[UUID]] = defaultdict(set)
    rows = await conn.fetch(
        "delete from published_event where enquiry_id = any($1) returning topic, partition_key, event_id", enquiry_ids
    )
    for row in rows:
        places[row["topic"], row["partition_key"]].add(row["event_id"])
    for (topic, partition_key), event_ids in sorted(places.items()):
        await redaction.redact(conn, topic, partition_key, sorted(event_ids), after=segment)
    if remembers:
        await _remember(conn, map(digest, enquiry_ids))
    return sum(map(len, places.values()))


async def lock(conn: Connection, enquiry_ids: Collection[UUID]) -> None:
    """Until the transaction ends, no event about them is handled."""
    for key in sorted(map(lock_key, enquiry_ids)):
        await conn.execute("select pg_advisory_xact_lock($1)", key)


async def _published_about(conn: Connection) -> list[UUID]:
    return [row["enquiry_id"] for row in await conn.fetch("select distinct enquiry_id from published_event")]


async def _unapplied(conn: Connection, ledger: Ledger) -> set[bytes]:
    """Digests in the ledger that this database has not heard of."""
    digests = {entry.digest for entry in ledger.entries()}
    rows = await conn.fetch("select digest from forgotten where digest = any($1::bytea[])", list(digests))
    return digests - {row["digest"] for row in rows}


async def _remember(conn: Connection, digests: Iterable[bytes]) -> None:
    await conn.execute("insert into forgotten select unnest($1::bytea[]) on conflict do nothing", list(digests))


def digest(enquiry_id: UUID) -> bytes:
    return sha256(enquiry_id.bytes).digest()


def lock_key(enquiry_id: UUID) -> int:
    """Of the advisory lock that handlers share and an erasure has alone."""
    return int.from_bytes(sha256(b"erasure" + enquiry_id.bytes).digest()[:8], signed=True)
