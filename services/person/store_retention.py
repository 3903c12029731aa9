"""All SQL of retention: the clocks of enquiries, and what goes when its time is over."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from services.person.retention import Clock
from shared.database import Connection

AT_ONCE = 1000
_ENDED = """
    (select enquiry_id, coalesce(survivor_id, person_id) as person_id, started_on <= until as ran_out
    from enquiry left join merge using (person_id) left join retention_clock using (enquiry_id)
    left join unnest($1::text[], $2::date[]) as due (kind, until) using (kind)) as ended
"""
"""A row for each clock of each enquiry, of all records of a person; `ran_out` is null where there is no clock."""


async def start(conn: Connection, enquiry_id: UUID, clock: Clock, on: date) -> None:
    """Started again, it runs from the later day. May come before the enquiry does."""
    await conn.execute(
        """
        insert into retention_clock (enquiry_id, kind, started_on) values ($1, $2, $3)
        on conflict (enquiry_id, kind) do update
        set started_on = greatest(retention_clock.started_on, excluded.started_on)
        """,
        enquiry_id, clock, on,
    )  # fmt: skip


async def stop(conn: Connection, enquiry_id: UUID, clock: Clock) -> None:
    await conn.execute("delete from retention_clock where enquiry_id = $1 and kind = $2", enquiry_id, clock)


async def due(conn: Connection, until: Mapping[Clock, date]) -> UUID | None:
    """A person of whose enquiries each has a clock, and each clock has run out: it started on its day or earlier.

    Of merged records the survivor.
    """
    found: UUID | None = await conn.fetchval(
        f"""
        select person_id from {_ENDED} group by person_id having bool_and(coalesce(ran_out, false)) limit 1
        """,  # noqa: S608 - ours
        list(until), list(until.values()),
    )  # fmt: skip
    return found


async def is_due(conn: Connection, person_id: UUID, until: Mapping[Clock, date]) -> bool:
    found: bool = await conn.fetchval(
        f"select coalesce(bool_and(coalesce(ran_out, false)), false) from {_ENDED} where person_id = $3",  # noqa: S608
        list(until), list(until.values()), person_id,
    )  # fmt: skip
    return found


async def delete_messages(conn: Connection, until: datetime) -> int:
    """Settled ones. Returns how many, at most AT_ONCE."""
    return await _delete(conn, "message", "settled_at", until)


async def delete_accesses(conn: Connection, until: datetime) -> int:
    """Returns how many, at most AT_ONCE."""
    return await _delete(conn, "access_log", "at", until)


async def delete_receipts(conn: Connection, until: datetime) -> int:
    """Of erasures that are done. Returns how many, at most AT_ONCE."""
    return await _delete(conn, "erasure", "completed_at", until)


async def _delete(conn: Connection, table: str, column: str, until: datetime) -> int:
    rows = await conn.fetch(
        f"""
        delete from {table} where id in (
            select id from {table} where {column} <= $1 limit $2 for update skip locked
        ) returning 1
        """,  # noqa: S608 - ours
        until, AT_ONCE,
    )  # fmt: skip
    return len(rows)
