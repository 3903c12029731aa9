"""Redaction: an event's record in a compacted topic is replaced by another of the same key (ADR 0005).

The active segment is never cleaned, and rolls only with a later append. So each redaction is sent a second time when
the segment with the first may roll, which makes it roll, and a marker follows when the segment with the second may.
The second also overrules a relay leader that was frozen with the event in its buffer, and sent it after the first.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from shared import outbox
from shared.clock import now
from shared.database import Connection
from shared.outbox import Record

MARKER = UUID("00000000-0000-7000-8000-000000000000")
"""Key of the records that only make a segment roll."""


async def redact(conn: Connection, topic: str, partition_key: str, event_ids: Iterable[UUID], after: timedelta) -> None:
    """Replaces events by tombstones. `after` is the topic's `segment.ms`.

    What is gone is gone when the log cleaner has run over the rolled segment.
    """
    await replace(conn, [Record(topic, event_id, partition_key, None) for event_id in event_ids], after)


async def replace(conn: Connection, records: Sequence[Record], after: timedelta) -> None:
    """The same with records that keep something of what they replace."""
    await outbox.append_records(conn, records)
    await conn.executemany(
        """
        insert into redaction_due (topic, partition_key, record_key, headers, value, record_time, due_at, after)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (topic, record_key) do update
        set headers = excluded.headers, value = excluded.value, record_time = excluded.record_time,
            due_at = excluded.due_at
        """,
        [
            (r.topic, r.partition_key, r.key, outbox.flat(r.headers), r.value, r.time, now() + after, after)
            for r in records
        ],
    )


async def send_again(conn: Connection) -> int:
    """Appends the redactions that are due a second time. Returns their number."""
    due = await conn.fetch(
        """
        with due as (
            delete from redaction_due where (topic, record_key) in (
                select topic, record_key from redaction_due where due_at <= now() limit 1000 for update skip locked
            ) returning *
        ), marked as (
            insert into marker_due (topic, partition_key, due_at)
            select topic, partition_key, now() + max(after) from due group by topic, partition_key
            on conflict (topic, partition_key) do update set due_at = excluded.due_at
        )
        select * from due order by topic, record_key
        """
    )
    await outbox.append_records(
        conn,
        [
            Record(
                row["topic"],
                row["record_key"],
                row["partition_key"],
                row["value"],
                outbox.paired(row["headers"]),
                row["record_time"],
            )
            for row in due
        ],
    )
    return len(due)


async def send_markers(conn: Connection) -> int:
    """Appends the markers that are due. Returns their number."""
    due = await conn.fetch(
        """
        delete from marker_due where (topic, partition_key) in (
            select topic, partition_key from marker_due where due_at <= now() for update skip locked
        ) returning topic, partition_key
        """
    )
    await outbox.append_records(conn, [Record(row["topic"], MARKER, row["partition_key"], None) for row in due])
    return len(due)
