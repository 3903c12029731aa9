"""Calendar feeds in SQL. Entries are written by a trigger on reservations, so that none is forgotten."""

from datetime import datetime
from uuid import UUID

from services.scheduling.feeds import CANCELLED_FOR, PAST, Entry
from services.scheduling.spans import Span
from shared.contracts.vocabulary import Mode
from shared.database import Connection

MOST = 2000
"""Talks of a feed; where there are more, the latest count."""
KEPT = 4 * PAST
"""Longer than they are shown: what a talk that was moved had before counts for its SEQUENCE."""
_TALKS = """
    with recursive earlier as (
        select id as booking_id, id as uid, replaces from booking
        where id in (select booking_id from calendar_entry where resource_id = $1)
        union all
        select booking_id, former.id, former.replaces
        from earlier join booking former on former.id = earlier.replaces
    ), talk as (
        select booking_id, uid from earlier
        where not exists (select from booking where id = earlier.replaces)
    )
"""
"""Each booking of the resource with the first one of those that took each other's place."""


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
    """All that the resource was ever entered for, of the talks that may be shown: of the last months and to come.

    One that was cancelled long ago takes up no place, unless what it has become is shown.
    """
    rows = await conn.fetch(
        f"""
        {_TALKS}, entered as (
            select calendar_entry.*, uid from calendar_entry join talk using (booking_id)
            where resource_id = $1 and upper(during) > $2
        ), shown as (
            select uid from entered group by uid
            having max(upper(during)) > $3 and (bool_or(state <> 'released') or max(changed_at) > $4)
            order by max(upper(during)) desc, uid limit $5
        )
        select booking_id, uid, lower(during) as starts, upper(during) as ends, entered.state, mode, ags, sequence,
            changed_at
        from entered join shown using (uid) join booking on booking.id = booking_id
        order by during, booking_id
        """,  # noqa: S608 -- our own text
        resource_id,
        now - KEPT,
        now - PAST,
        now - CANCELLED_FOR,
        MOST,
    )
    return [
        Entry(
            row["booking_id"],
            row["uid"],
            Span(row["starts"], row["ends"]),
            row["state"],
            Mode(row["mode"]),
            row["ags"],
            row["sequence"],
            row["changed_at"],
        )
        for row in rows
    ]


async def uids(conn: Connection, resource_id: UUID) -> list[str]:
    """Under which our talks come back from a calendar that holds the resource's feed."""
    rows = await conn.fetch(f"{_TALKS} select distinct uid from talk", resource_id)  # noqa: S608 -- our own text
    return [str(row["uid"]) for row in rows]
