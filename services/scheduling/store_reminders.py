"""Reminders in SQL: a row is a deadline, and goes when it was told or the talk will not be. The booking is locked."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.database import Connection

_CLOCK_CHANGE = timedelta(hours=2)
"""More than a lead by the clocks and one by the hour can differ."""


class Pending(NamedTuple):
    booking_id: UUID
    starts_at: datetime
    noted_at: datetime
    """When it was known that there is to be a reminder."""


async def keep(conn: Connection, booking_id: UUID, starts_at: datetime | None, now: datetime) -> None:
    """The one reminder of the booking, or none. What is said again changes nothing."""
    if starts_at is None:
        await conn.execute("delete from reminder where booking_id = $1", booking_id)
        return
    await conn.execute(
        """
        insert into reminder (booking_id, starts_at, noted_at) values ($1, $2, $3)
        on conflict (booking_id) do update set starts_at = excluded.starts_at, noted_at = excluded.noted_at
        where reminder.starts_at <> excluded.starts_at
        """,
        *(booking_id, starts_at, now),
    )


async def next_one(conn: Connection, now: datetime, ahead: timedelta) -> Pending | None:
    """The earliest that may be due, its booking locked; those that others work on are left out."""
    row = await conn.fetchrow(
        """
        select id, starts_at, noted_at from booking join reminder on booking_id = id
        where starts_at <= $1 order by starts_at limit 1 for update of booking skip locked
        """,
        now + ahead + _CLOCK_CHANGE,
    )
    return Pending(*row) if row else None
