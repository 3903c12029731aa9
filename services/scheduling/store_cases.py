"""Who has a case, talks that wait for somebody to have it, and where counselling has ended, in SQL."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.scheduling.handing_on import CaseFile
from shared.database import Connection


async def save(conn: Connection, case: CaseFile) -> None:
    """What case told last replaces what was known."""
    await conn.execute(
        """
        insert into case_file (case_id, enquiry_id, ags, case_manager_id, speaks_language)
        values ($1, $2, $3, $4, $5)
        on conflict (case_id) do update
        set ags = excluded.ags, case_manager_id = excluded.case_manager_id, speaks_language = excluded.speaks_language
        """,
        *(case.case_id, case.enquiry_id, case.ags, case.case_manager_id, case.speaks_language),
    )


async def find(conn: Connection, case_id: UUID) -> CaseFile | None:
    """None: case has told nothing of it yet."""
    row = await conn.fetchrow("select * from case_file where case_id = $1", case_id)
    return CaseFile(**dict(row)) if row else None


async def note_interrupted(conn: Connection, booking_id: UUID, replaces: UUID | None) -> None:
    await conn.execute(
        "insert into interrupted_talk values ($1, $2) on conflict do nothing",
        *(booking_id, replaces),
    )


async def take_interrupted(conn: Connection, case_id: UUID) -> list[Mapping[str, Any]]:
    """booking_id and replaces of each, the oldest first; they wait no more."""
    rows: list[Mapping[str, Any]] = await conn.fetch(
        """
        with taken as (
            delete from interrupted_talk using booking
            where booking.id = booking_id and case_id = $1
            returning booking_id, interrupted_talk.replaces
        )
        select * from taken order by booking_id
        """,
        case_id,
    )
    return rows


async def forget_interrupted(conn: Connection, *, enquiry_id: UUID | None = None, case_id: UUID | None = None) -> None:
    """Of an enquiry or of a case: they are searched no more."""
    await conn.execute(
        """
        delete from interrupted_talk using booking
        where booking.id = booking_id and (enquiry_id = $1 or case_id = $2)
        """,
        *(enquiry_id, case_id),
    )


async def end_counselling(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("insert into counselling_ended values ($1) on conflict do nothing", enquiry_id)


async def allow_counselling(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("delete from counselling_ended where enquiry_id = $1", enquiry_id)


async def has_counselling_ended(conn: Connection, enquiry_id: UUID) -> bool:
    """As person has told last."""
    return bool(await conn.fetchval("select exists (select from counselling_ended where enquiry_id = $1)", enquiry_id))
