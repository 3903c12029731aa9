"""Series of talks in SQL."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.scheduling.series import Gap, Occurrence, Series
from shared.database import Connection
from shared.errors import NotFound

_IN_VAIN = ("no_slot", "no_interpreter", "hold_expired", "proposal_expired")


async def insert(conn: Connection, series: Series) -> None:
    await conn.execute(
        """
        insert into series (id, case_id, enquiry_id, case_manager_id, starts, rrule, minutes, whole)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        *(series.series_id, series.case_id, series.enquiry_id, series.case_manager_id),
        *(series.starts, series.rrule, series.minutes, series.whole),
    )


async def note_gaps(conn: Connection, series_id: UUID, gaps: Iterable[Occurrence]) -> None:
    await conn.executemany(
        "insert into series_gap (series_id, starts_at, gap) values ($1, $2, $3)",
        [(series_id, each.starts_at, each.gap) for each in gaps],
    )


async def gaps(conn: Connection, series_id: UUID) -> list[Occurrence]:
    rows = await conn.fetch("select starts_at, gap from series_gap where series_id = $1 order by 1", series_id)
    return [Occurrence(row["starts_at"], Gap(row["gap"])) for row in rows]


async def look(conn: Connection, series_id: UUID) -> Series:
    """Raises NotFound."""
    return _series(await conn.fetchrow("select * from series where id = $1", series_id))


async def load(conn: Connection, series_id: UUID) -> Series:
    """Locks it. Raises NotFound."""
    return _series(await conn.fetchrow("select * from series where id = $1 for update", series_id))


async def open_ids(conn: Connection, series_id: UUID) -> list[UUID]:
    """Ids of its bookings that have not ended, also of those that were moved."""
    rows = await conn.fetch(
        """
        select id from booking
        where series_id = $1 and state not in ('released', 'unmet', 'attended', 'missed')
        order by id for update
        """,
        series_id,
    )
    return [row["id"] for row in rows]


async def end(conn: Connection, series_id: UUID, at: datetime) -> None:
    """What was interrupted of it is not searched any more either."""
    await conn.execute("update series set ended_at = $2 where id = $1 and ended_at is null", series_id, at)
    await conn.execute(
        "delete from interrupted_talk using booking where booking.id = booking_id and series_id = $1", series_id
    )


async def settle(conn: Connection, series_id: UUID, at: datetime) -> None:
    """All of its talks are arranged: what happens to one of them from now on leaves the others alone."""
    await conn.execute("update series set settled_at = $2 where id = $1", series_id, at)


async def unsettled(conn: Connection) -> UUID | None:
    """One that was asked for as a whole, and of which it is known by now whether it can be had."""
    found: UUID | None = await conn.fetchval(
        """
        select id from series where whole and settled_at is null and ended_at is null and (
            exists (select from booking where series_id = series.id and replaces is null
                and (state = 'unmet' or state = 'released' and reason = any($1)))
            or not exists (select from booking where series_id = series.id
                and state in ('requested', 'ranking', 'proposed', 'held'))
        )
        order by id limit 1
        """,
        _IN_VAIN,
    )
    return found


async def lacks_one(conn: Connection, series_id: UUID) -> bool:
    """Whether one of its talks was arranged in vain."""
    return bool(
        await conn.fetchval(
            """
            select exists (select from booking where series_id = $1 and replaces is null
                and (state = 'unmet' or state = 'released' and reason = any($2)))
            """,
            *(series_id, _IN_VAIN),
        )
    )


def _series(row: Mapping[str, Any] | None) -> Series:
    if row is None:
        raise NotFound
    named = {name: row[name] for name in ("case_id", "enquiry_id", "case_manager_id", "starts", "rrule", "minutes")}
    return Series(row["id"], **named, whole=row["whole"], ended_at=row["ended_at"])
