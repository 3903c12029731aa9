"""Reminders in SQL: a row is a deadline, and goes when it was told or the talk will not be. The booking is locked."""

from datetime import datetime
from uuid import UUID

from shared.database import Connection


async def keep(conn: Connection, booking_id: UUID, due_at: datetime | None) -> None:
    """The one reminder of the booking, or none."""
    if due_at is None:
        await conn.execute("delete from reminder where booking_id = $1", booking_id)
        return
    await conn.execute(
        """
        insert into reminder (booking_id, due_at) values ($1, $2)
        on conflict (booking_id) do update set due_at = excluded.due_at
        """,
        booking_id,
        due_at,
    )


async def due(conn: Connection, now: datetime) -> UUID | None:
    """Id of a booking whose reminder is due, locked; those that others work on are left out."""
    found: UUID | None = await conn.fetchval(
        """
        select id from booking join reminder on booking_id = id
        where due_at <= $1 order by due_at limit 1 for update of booking skip locked
        """,
        now,
    )
    return found
