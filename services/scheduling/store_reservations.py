"""Busy time in SQL. This service alone writes it, and the constraint `no_overlap` guards it.

Lock resources before touching their reservations, and all of them at once: then nobody waits in a circle.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from asyncpg import Range

from services.scheduling.calendars import Busy
from services.scheduling.spans import Span
from shared.database import Connection
from shared.ids import new_id


async def lock(conn: Connection, ids: Collection[UUID], now: datetime) -> None:
    """Locks the resources, in the order of their ids, and releases the expired holds on them."""
    await conn.execute("select from resource where id = any($1) order by id for update", ids)
    await conn.execute(
        """
        update reservation set state = 'released'
        where resource_id = any($1) and state = 'held' and expires_at <= $2
        """,
        ids,
        now,
    )


async def lock_one(conn: Connection, ids: Collection[UUID]) -> UUID | None:
    """Locks the first of the resources, in the order of their ids, that nobody else has locked. Waits for nobody."""
    found: UUID | None = await conn.fetchval(
        "select id from resource where id = any($1) order by id limit 1 for update skip locked", ids
    )
    return found


async def hold(conn: Connection, booking_id: UUID, ids: Collection[UUID], busy: Busy, until: datetime) -> None:
    """All or none, until `until`. The resources must be locked.

    Of what the booking that it replaces has too, only the time which that one leaves free; `make_whole` once it has
    given way.
    Raises asyncpg.ExclusionViolationError (23P01) where one of them is busy.
    """
    await conn.executemany(
        """
        insert into reservation (id, resource_id, booking_id, during, place, state, expires_at)
        select $1, $2, $3, left_free, $5, 'held', $6
        from unnest($4::tstzmultirange - coalesce((
            select range_agg(during) from reservation
            where booking_id = (select replaces from booking where id = $3) and resource_id = $2 and state = 'confirmed'
        ), '{}')) left_free
        """,
        [(new_id(), id, booking_id, [Range(*busy.span)], busy.place, until) for id in sorted(ids)],
    )


async def make_whole(conn: Connection, former: UUID) -> None:
    """What takes the place of that booking, which has released all it had, is reserved for its whole time.

    The resources of both must be locked.
    """
    await conn.execute(
        """
        update reservation set during = tstzrange(slot.starts_at, slot.ends_at)
        from booking join proposed_slot slot on slot.id = booking.slot_id
        where booking.replaces = $1 and reservation.booking_id = booking.id and reservation.state <> 'released'
            and during <> tstzrange(slot.starts_at, slot.ends_at)
        """,
        former,
    )


async def span_of(conn: Connection, booking_id: UUID) -> Span | None:
    """When a confirmed booking is; None where it has nothing reserved any more."""
    during: Range | None = await conn.fetchval(
        "select during from reservation where booking_id = $1 and state = 'confirmed' limit 1", booking_id
    )
    return Span(during.lower, during.upper) if during else None


async def reserved_by(conn: Connection, booking_id: UUID) -> list[UUID]:
    """The resources that the booking holds or has confirmed, expired or not."""
    rows = await conn.fetch(
        """
        select resource_id from reservation
        where booking_id = $1 and state in ('held', 'confirmed') order by resource_id
        """,
        booking_id,
    )
    return [row["resource_id"] for row in rows]


async def prolong(conn: Connection, booking_id: UUID, until: datetime) -> None:
    await conn.execute(
        "update reservation set expires_at = $2 where booking_id = $1 and state = 'held'",
        booking_id,
        until,
    )


async def confirm(conn: Connection, booking_id: UUID) -> None:
    await conn.execute(
        "update reservation set state = 'confirmed', expires_at = null where booking_id = $1 and state = 'held'",
        booking_id,
    )


async def release(conn: Connection, booking_id: UUID, ids: Collection[UUID]) -> None:
    """What the booking has of these resources."""
    await conn.execute(
        """
        update reservation set state = 'released'
        where booking_id = $1 and state <> 'released' and resource_id = any($2)
        """,
        booking_id,
        ids,
    )
