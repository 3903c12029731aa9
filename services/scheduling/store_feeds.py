"""Calendar feeds in SQL. Entries are written by a trigger on reservations, so that none is forgotten."""

from datetime import datetime
from uuid import UUID

from services.scheduling.feeds import CANCELLED_FOR, PAST, Entry
from services.scheduling.spans import Span
from shared.contracts.vocabulary import Mode
from shared.database import Connection

MOST = 2000
"""Entries of a feed."""


async def issue(conn: Connection, resource_id: UUID, secret_hash: bytes, at: datetime) -> None:
    """The address that there was leads nowhere any more."""
    await conn.execute(
        """
        insert into calendar_feed (resource_id, secret_hash, issued_at) values ($1, $2, $3)
        on conflict (resource_id) do update
        set secret_hash = excluded.secret_hash, issued_at = excluded.issued_at
        """,
        resource_id,
        secret_hash,
        at,
    )


async def revoke(conn: Connection, resource_id: UUID) -> bool:
    """Whether there was one."""
    found = await conn.fetchval("delete from calendar_feed where resource_id = $1 returning true", resource_id)
    return bool(found)


async def issued_at(conn: Connection, resource_id: UUID) -> datetime | None:
    found: datetime | None = await conn.fetchval(
        "select issued_at from calendar_feed where resource_id = $1", resource_id
    )
    return found


async def resource_of(conn: Connection, secret_hash: bytes) -> UUID | None:
    """Whose feed that is; None also for somebody who is not active any more."""
    found: UUID | None = await conn.fetchval(
        """
        select resource_id from calendar_feed join resource on resource.id = resource_id
        where secret_hash = $1 and active
        """,
        secret_hash,
    )
    return found


async def entries(conn: Connection, resource_id: UUID, now: datetime) -> list[Entry]:
    """What the feed shows, in order of time."""
    rows = await conn.fetch(
        """
        select booking_id, lower(during) as starts, upper(during) as ends, calendar_entry.state, mode, ags, sequence,
            changed_at
        from calendar_entry join booking on booking.id = booking_id
        where resource_id = $1 and upper(during) > $2 and (calendar_entry.state <> 'released' or changed_at > $3)
        order by during, booking_id limit $4
        """,
        resource_id,
        now - PAST,
        now - CANCELLED_FOR,
        MOST,
    )
    return [
        Entry(
            row["booking_id"],
            Span(row["starts"], row["ends"]),
            row["state"],
            Mode(row["mode"]),
            row["ags"],
            row["sequence"],
            row["changed_at"],
        )
        for row in rows
    ]
