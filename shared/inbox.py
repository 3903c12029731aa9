"""Inbox: an event that is marked in the handler's transaction has its effect once, however often it arrives.

What cannot be handled is parked with everything of its aggregate that follows, so that order holds; a command replays
it or drops it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from pydantic_core import from_json

from shared import outbox, redaction
from shared.database import Connection
from shared.envelope import Headers, attributes

TOMBSTONE = "tombstone"
"""`Incoming.type` of a redaction."""

_CODE = re.compile(r"[a-z0-9]+([._/:-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Incoming:
    """A record as Kafka gave it, with as much of its envelope as dispatching needs."""

    topic: str
    partition: int
    offset: int
    event_id: UUID
    type: str
    subject: str
    headers: Headers
    value: bytes | None

    @classmethod
    def of(cls, record: Any) -> Self:
        """Never raises: a record without a readable id or subject gets them from its place, and ends as a dead letter.

        A tombstone has no headers: its key is the id of the event that it replaces.
        """
        if record.value is None and record.key is not None and len(record.key) == 16:
            key = UUID(bytes=record.key)
            return cls(record.topic, record.partition, record.offset, key, TOMBSTONE, "", [], None)
        headers = [(name, value or b"") for name, value in record.headers]
        try:
            given = attributes(dict(headers))
            event_id, type_, subject = UUID(given["id"]), given["type"], _coded(given["subject"])
        except (KeyError, ValueError):
            place = f"{record.topic}/{record.partition}/{record.offset}"
            event_id, type_, subject = uuid5(NAMESPACE_OID, place), "unreadable", place
        return cls(record.topic, record.partition, record.offset, event_id, type_, subject, headers, record.value)

    @classmethod
    def of_parked(cls, row: Mapping[str, Any]) -> Self:
        headers = outbox.paired(row["headers"])
        type_ = attributes(dict(headers)).get("type", "unreadable")
        return cls(row["topic"], -1, -1, row["event_id"], type_, row["subject"], headers, row["value"])


def _coded(subject: str) -> str:
    """Raises ValueError for what may be a text, since subjects are kept and logged."""
    if not _CODE.fullmatch(subject):
        raise ValueError("the subject is no id")
    return subject


async def mark(conn: Connection, event_ids: Sequence[UUID], locks: Sequence[int] = ()) -> set[UUID]:
    """Marks the events as handled by this transaction. Returns those that were not marked before.

    Where another transaction is handling one of them, or erasing whom they concern (`locks`), this waits for its end.
    """
    rows = await conn.fetch(
        """
        with locked as materialized (select pg_advisory_xact_lock_shared(key) from unnest($2::bigint[]) as key)
        insert into inbox (event_id) select unnest($1::uuid[]) where (select count(*) from locked) >= 0
        on conflict do nothing returning event_id
        """,
        event_ids,
        sorted(locks),
    )
    return {row["event_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Barred:
    """What is not to be handled now, or ever."""

    parked: set[tuple[str, str]]
    """(topic, subject) of aggregates that are parked."""
    forgotten: set[bytes]
    """Digests of enquiries that are erased."""


async def barred(conn: Connection, subjects: Sequence[str], digests: Sequence[bytes]) -> Barred:
    """Those of the given ones. Waits for a replay of one of the aggregates to end."""
    rows = await conn.fetch(
        """
        with waiting as (select topic, subject from parked where subject = any($1) for share)
        select topic, subject, null as digest from waiting
        union all select null, null, digest from forgotten where digest = any($2::bytea[])
        """,
        subjects,
        digests,
    )
    return Barred(
        {(row["topic"], row["subject"]) for row in rows if row["digest"] is None},
        {row["digest"] for row in rows if row["digest"] is not None},
    )


async def park(conn: Connection, event: Incoming, fault: str | None = None) -> None:
    """Keeps the event until the poison of its aggregate is replayed or dropped."""
    await conn.execute(
        """
        insert into parked (topic, subject, event_id, headers, value, fault, enquiries)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        event.topic,
        event.subject,
        event.event_id,
        outbox.flat(event.headers),
        event.value,
        fault,
        enquiries_in(event.value),
    )


def enquiries_in(value: bytes | None) -> list[UUID] | None:
    """Whom an event concerns, as far as that can be read of it without its contract; None: it may be anybody."""
    try:
        fields = from_json(value or b"").items()
        named = [each for name, each in fields if name.endswith(("enquiry_id", "enquiry_ids")) and each]
        return sorted({UUID(one) for each in named for one in (each if isinstance(each, list) else [each])})
    except (ValueError, AttributeError, TypeError):
        return None


async def parked_of(conn: Connection, topic: str, subject: str) -> list[Mapping[str, Any]]:
    """All that is parked of the aggregate, in order, locked."""
    rows: list[Mapping[str, Any]] = await conn.fetch(
        "select * from parked where topic = $1 and subject = $2 order by id for update", topic, subject
    )
    return rows


async def unpark(conn: Connection, row_id: int) -> None:
    await conn.execute("delete from parked where id = $1", row_id)


async def blame_first(conn: Connection, topic: str, subject: str, fault: str) -> None:
    """The first that waits is the poison now."""
    await conn.execute(
        """
        update parked set fault = $3
        where id = (select min(id) from parked where topic = $1 and subject = $2)
        """,
        topic,
        subject,
        fault,
    )


async def dead_letter(conn: Connection, event: Incoming, group: str, fault: str) -> None:
    """Parks the poison and appends it, unchanged, to `<topic>.dead.<group>` with class and place of the error."""
    await park(conn, event, fault)
    topic = dead_topic(event.topic, group)
    await conn.execute(
        "insert into dead_letter (event_id, topic, partition_key) values ($1, $2, $3) on conflict do nothing",
        event.event_id,
        topic,
        event.subject,
    )
    origin = [
        ("kim_fault", fault),
        ("kim_partition", str(event.partition)),
        ("kim_offset", str(event.offset)),
    ]
    headers = [*event.headers, *((name, value.encode()) for name, value in origin)]
    await outbox.append_records(
        conn,
        [outbox.Record(topic, event.event_id, event.subject, event.value, headers)],
    )


async def strike_out(conn: Connection, event_ids: Sequence[UUID], segment: timedelta) -> list[Mapping[str, Any]]:
    """The events were redacted: nothing of them is kept here, nor in a dead letter topic.

    Returns the parked rows that are gone; the marks stay, so that no old copy is handled after its redaction.
    """
    for row in await conn.fetch("delete from dead_letter where event_id = any($1) returning *", event_ids):
        await redaction.redact(conn, row["topic"], row["partition_key"], [row["event_id"]], after=segment)
    await conn.execute("delete from rejected where event_id = any($1)", event_ids)
    rows: list[Mapping[str, Any]] = await conn.fetch(
        "delete from parked where event_id = any($1) returning *", event_ids
    )
    return rows


async def reject(conn: Connection, event: Incoming, code: str) -> None:
    """Records that the domain refused the event: its effect is none, and the next one follows."""
    await conn.execute(
        "insert into rejected (event_id, type, code) values ($1, $2, $3) on conflict do nothing",
        event.event_id,
        event.type,
        code,
    )


def dead_topic(topic: str, group: str) -> str:
    return f"{topic}.dead.{group}"
