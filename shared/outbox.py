"""Outbox: events become rows in the transaction that changes the state, so neither is ever without the other.

Append after the aggregate's row is locked or inserted: then the order of ids is the order of commits per aggregate.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shared import envelope
from shared.clock import now
from shared.contracts.base import Event
from shared.database import Connection
from shared.envelope import Headers
from shared.ids import new_id
from shared.telemetry import traceparent

_INSERT = """
    with noted as (
        insert into published_event (enquiry_id, event_id, topic, partition_key)
        select enquiry_id, $3, $1, $2 from unnest($7::uuid[]) as enquiry_id
    )
    insert into outbox (topic, partition_key, record_key, headers, value, record_time)
    values ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record to be sent; `partition_key` (the aggregate) chooses the partition, `key` can be replaced."""

    topic: str
    key: UUID
    partition_key: str
    value: bytes | None
    headers: Headers = field(default_factory=list)
    time: datetime | None = None
    """Kafka's own timestamp of the record; None: when it is sent. A reader sees it, so it may have to be coarse."""
    enquiries: Sequence[UUID] = ()
    """Whom the event concerns, so that an erasure finds it."""


async def append(conn: Connection, *events: Event) -> list[UUID]:
    """Writes the events, in order, into the caller's transaction. Returns their ids."""
    records = [_record(event) for event in events]
    await append_records(conn, records)
    return [record.key for record in records]


async def append_records(conn: Connection, records: Iterable[Record]) -> None:
    """The same for records that are no contract's events: municipal streams, dead letters, redactions."""
    rows = [(r.topic, r.partition_key, r.key, flat(r.headers), r.value, r.time, list(r.enquiries)) for r in records]
    if len(rows) == 1:
        await conn.execute(_INSERT, *rows[0])
    elif rows:
        await conn.executemany(_INSERT, rows)


def flat(headers: Headers) -> list[bytes]:
    """Headers as one list: name, value, name, value."""
    return [part for name, value in headers for part in (name.encode(), value)]


def paired(parts: list[bytes]) -> Headers:
    """The inverse of `flat`."""
    return [(name.decode(), value) for name, value in zip(parts[::2], parts[1::2], strict=True)]


def _record(event: Event) -> Record:
    event_id = new_id()
    return Record(
        topic=event.topic,
        key=event_id,
        partition_key=event.subject_id,
        value=event.model_dump_json().encode(),
        enquiries=event.enquiries,
        headers=envelope.headers(
            id=event_id,
            type=event.type,
            source=f"/{event.topic.split('.')[1]}",
            subject=event.subject_id,
            time=now(),
            traceparent=traceparent(),
        ),
    )
