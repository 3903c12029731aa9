"""The waiting list in SQL. Time that becomes free is noted by triggers, so that none is forgotten."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from asyncpg import Range

from services.scheduling.spans import Span
from services.scheduling.waiting import MOST_IN_VAIN, MOST_OFFERS, Freed
from shared.database import Connection

MOST = 50
"""Of those who wait, so many are looked at for one freed time."""


class Offer(NamedTuple):
    """Whom a booking asks about freed time."""

    booking_id: UUID
    """Of the one who waits."""
    resource_id: UUID | None
    """Whose freed time it was; None: found by looking again."""


async def enter(conn: Connection, booking_id: UUID, since: datetime, look_at: datetime) -> None:
    """Once, however often it is said. `look_at`: when all calendars are looked through again."""
    await conn.execute(
        """
        insert into waiting_talk (booking_id, since, look_at) values ($1, $2, $3)
        on conflict do nothing
        """,
        *(booking_id, since, look_at),
    )


async def leave(conn: Connection, booking_id: UUID) -> None:
    await conn.execute("delete from waiting_talk where booking_id = $1", booking_id)


async def leave_all(conn: Connection, *, enquiry_id: UUID | None = None, case_id: UUID | None = None) -> None:
    """Of an enquiry or of a case."""
    await conn.execute(
        "delete from waiting_talk using booking where booking.id = booking_id and (enquiry_id = $1 or case_id = $2)",
        *(enquiry_id, case_id),
    )


async def leave_in_vain(conn: Connection, case_id: UUID) -> None:
    """Those of a case for which nothing was found: another talk is asked for."""
    await conn.execute(
        """
        delete from waiting_talk using booking
        where booking.id = booking_id and case_id = $1 and state in ('released', 'unmet')
        """,
        case_id,
    )


async def offer_of(conn: Connection, booking_id: UUID) -> Offer | None:
    """None: the booking asks nobody who waits."""
    row = await conn.fetchrow("select booking_id, freed from waiting_talk where offered = $1", booking_id)
    return Offer(*row) if row else None


async def note_offer(
    conn: Connection, waiting_id: UUID, offer_id: UUID, freed: Freed | None, spans: Iterable[Span]
) -> None:
    """`spans`: about which they are asked."""
    await conn.execute(
        """
        update waiting_talk set offered = $2, freed = $3, offers = offers + 1, asked = asked + $4::tstzmultirange
        where booking_id = $1
        """,
        *(waiting_id, offer_id, freed.resource_id if freed else None, [Range(*span) for span in spans]),
    )


async def end_offer(conn: Connection, waiting_id: UUID, *, in_vain: bool) -> None:
    """They wait on, unless they were asked often enough. `in_vain`: they were not asked."""
    await conn.execute(
        """
        update waiting_talk set offered = null, freed = null, offers = offers - $2, vain = vain + $2
        where booking_id = $1
        """,
        *(waiting_id, int(in_vain)),
    )
    await conn.execute("delete from waiting_talk where booking_id = $1 and offers >= $2", waiting_id, MOST_OFFERS)


async def is_our_turn(conn: Connection) -> bool:
    """Whether nobody else offers freed time just now, until the transaction ends: what they offer is not seen yet."""
    return bool(await conn.fetchval("select pg_try_advisory_xact_lock(hashtextextended('freed time', 0))"))


async def next_freed(conn: Connection) -> Freed | None:
    """The oldest time that was freed, locked."""
    row = await conn.fetchrow(
        """
        select id, resource_id, lower(during) as starts, upper(during) as ends from freed_time
        order by id limit 1 for update skip locked
        """
    )
    if row is None:
        return None
    return Freed(row["id"], row["resource_id"], Span(row["starts"], row["ends"]) if row["starts"] else None)


async def note_freed(conn: Connection, resource_id: UUID, span: Span) -> None:
    await conn.execute(
        "insert into freed_time (resource_id, during) values ($1, tstzrange($2, $3)) on conflict do nothing",
        *(resource_id, *span),
    )


async def is_used(conn: Connection, freed: Freed) -> None:
    """Nobody who waits can use it any more."""
    await conn.execute("delete from freed_time where id = $1", freed.id)


async def fitting(conn: Connection, resource_id: UUID) -> list[UUID]:
    """Bookings of those who wait, whom nobody asks just now and who could use that person or room.

    The one who requested first comes first; at most `MOST`.
    """
    rows = await conn.fetch(
        """
        select booking_id from waiting_talk
        join booking on booking.id = booking_id
        left join case_file using (case_id)
        join resource on resource.id = $1
        where offered is null and vain < $3 and (
            kind = 'case_manager' and resource.id = coalesce(case_file.case_manager_id, booking.case_manager_id)
            or kind = 'room' and mode = 'in_person' and coalesce(case_file.ags, booking.ags) = any(resource.ags)
            or kind = 'interpreter'
                and (mode in ('phone', 'video') or coalesce(case_file.ags, booking.ags) = any(resource.ags))
                and (interpreter_needed or not case_file.speaks_language)
        )
        order by since, booking_id limit $2
        """,
        *(resource_id, MOST, MOST_IN_VAIN),
    )
    return [row["booking_id"] for row in rows]


async def due(conn: Connection, now: datetime) -> UUID | None:
    """One for whom all calendars are to be looked through again; the one who requested first."""
    found: UUID | None = await conn.fetchval(
        """
        select booking_id from waiting_talk where look_at <= $1 and offered is null
        order by since, booking_id limit 1 for update skip locked
        """,
        now,
    )
    return found


async def look_later(conn: Connection, waiting_id: UUID, at: datetime) -> None:
    await conn.execute("update waiting_talk set look_at = $2, vain = 0 where booking_id = $1", waiting_id, at)


async def offered(conn: Connection, waiting_id: UUID, resource_id: UUID | None, case_manager_id: UUID) -> list[Span]:
    """Times about which they were asked before.

    And those about which others are being asked, of the same freed resource or with the same case manager.
    """
    rows = await conn.fetch(
        """
        select starts_at, ends_at from waiting_talk
        join booking on booking.id = offered join proposed_slot on proposed_slot.booking_id = booking.id
        where state in ('ranking', 'proposed') and (freed = $2 or case_manager_id = $3)
        union all
        select lower(span), upper(span) from waiting_talk, unnest(asked) span where waiting_talk.booking_id = $1
        """,
        *(waiting_id, resource_id, case_manager_id),
    )
    return [Span(row["starts_at"], row["ends_at"]) for row in rows]
