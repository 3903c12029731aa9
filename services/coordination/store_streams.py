"""SQL of the municipal streams: what was published, in order, and of which enquiry it was."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.coordination.chain import day
from shared.contracts.municipal import MunicipalEvent
from shared.database import Connection

CHANNEL = "municipal_stream"
"""Notifications carry the AGS of a stream that has grown."""


async def add_municipal_event(
    conn: Connection, ags: str, event: MunicipalEvent, event_id: UUID, enquiry_id: UUID | None
) -> None:
    """Appends to the stream whose head is locked, and counts in the day's cell, as every event is counted.

    `event_id` is our own event of which this is the projection. One round trip, since a stream waits for each.
    """
    await conn.execute(
        """
        with grown as (update stream_head set sequence = $2, hash = $12 where ags = $1),
        added as (insert into municipal_event values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)),
        linked as (insert into published values ($13, $3, $14)),
        counted as (
            insert into daily_cell values ($16, $1, $4, 1)
            on conflict (day, ags, type) do update set events = daily_cell.events + 1
        )
        select pg_notify($15, $1)
        """,
        ags,
        event.sequence,
        event.id,
        event.type,
        event.time,
        event.subject,
        event.data,
        event.withheld,
        event.salts,
        event.commitments,
        event.previous_hash,
        event.hash,
        event_id,
        enquiry_id,
        CHANNEL,
        day(event.time),
    )


async def published_of(conn: Connection, enquiry_id: UUID) -> list[tuple[str, MunicipalEvent]]:
    """(AGS, event) for everything that was published about the enquiry."""
    rows = await conn.fetch(
        """
        select municipal_event.* from published join municipal_event on id = municipal_id
        where enquiry_id = $1 order by ags, sequence
        """,
        enquiry_id,
    )
    return [(row["ags"], _municipal_event(row)) for row in rows]


async def replace_municipal_event(conn: Connection, event: MunicipalEvent) -> None:
    """Saves a redaction."""
    await conn.execute(
        """
        update municipal_event set time = $2, subject = $3, data = $4, withheld = $5, salts = $6 where id = $1
        """,
        event.id,
        event.time,
        event.subject,
        event.data,
        event.withheld,
        event.salts,
    )


async def events_after(conn: Connection, ags: str, after: int, limit: int) -> list[MunicipalEvent]:
    rows = await conn.fetch(
        "select * from municipal_event where ags = $1 and sequence > $2 order by sequence limit $3",
        ags,
        after,
        limit,
    )
    return [_municipal_event(row) for row in rows]


def _municipal_event(row: Mapping[str, Any]) -> MunicipalEvent:
    return MunicipalEvent(**{name: row[name] for name in MunicipalEvent.model_fields})
