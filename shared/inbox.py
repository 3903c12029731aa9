"""Inbox: an event that is marked in the handler's transaction has its effect once, however often it arrives.

What cannot be handled is parked with everything of its aggregate that follows, so that order holds; a command replays
it or drops it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import NAMESPACE_OID, UUID, uuid5

from shared import outbox
from shared.database import Connection
from shared.envelope import Headers, attributes


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
        """Never raises: a record without a readable id gets one made from its place, and ends as a dead letter."""
        headers = [(name, value or b"") for name, value in record.headers]
        try:
            given = attributes(dict(headers))
            event_id, type_, subject = UUID(given["id"]), given["type"], given["subject"]
        except (KeyError, ValueError):
            place = f"{record.topic}/{record.partition}/{record.offset}"
            event_id, type_, subject = uuid5(NAMESPACE_OID, place), "unreadable", place
        return cls(record.topic, record.partition, record.offset, event_id, type_, subject, headers, record.value)

    @classmethod
    def of_parked(cls, row: Mapping[str, Any]) -> Self:
        headers = outbox.paired(row["headers"])
        type_ = attributes(dict(headers)).get("type", "unreadable")
        return cls(row["topic"], -1, -1, row["event_id"], type_, row["subject"], headers, row["value"])


async def mark(conn: Connection, event_ids: Sequence[UUID]) -> set[UUID]:
    """Marks the events as handled by this transaction. Returns those that were not marked before.

    Where another transaction is handling one of them, this waits for its end.
    """
    rows = await conn.fetch(
        "insert into inbox (event_id) select unnest($1::uuid[]) on conflict do nothing returning event_id",
        event_ids,
    )
    return {row["event_id"] for row in rows}


async def parked_subjects(conn: Connection, subjects: Sequence[str]) -> set[tuple[str, str]]:
    """Those (topic, subject) whose aggregate is parked. Waits for a replay of one of them to end."""
    rows = await conn.fetch("select topic, subject from parked where subject = any($1) for share", subjects)
    return {(row["topic"], row["subject"]) for row in rows}


async def park(conn: Connection, event: Incoming, fault: str | None = None) -> None:
    """Keeps the event until the poison of its aggregate is replayed or dropped."""
    await conn.execute(
        "insert into parked (topic, subject, event_id, headers, value, fault) values ($1, $2, $3, $4, $5, $6)",
        event.topic,
        event.subject,
        event.event_id,
        outbox.flat(event.headers),
        event.value,
        fault,
    )


async def dead_letter(conn: Connection, event: Incoming, group: str, fault: str) -> None:
    """Parks the poison and appends it, unchanged, to `<topic>.dead.<group>` with class and place of the error."""
    await park(conn, event, fault)
    origin = [
        ("kim_fault", fault),
        ("kim_partition", str(event.partition)),
        ("kim_offset", str(event.offset)),
    ]
    headers = [*event.headers, *((name, value.encode()) for name, value in origin)]
    await outbox.append_records(
        conn,
        [outbox.Record(dead_topic(event.topic, group), event.event_id, event.subject, event.value, headers)],
    )


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
