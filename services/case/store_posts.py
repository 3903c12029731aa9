"""Hand-overs that wait, conflicts of interest and encrypted notes in SQL."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.case.hand_over import HandOver
from shared.database import Connection


class Note(NamedTuple):
    note_id: UUID
    author_id: UUID
    written_at: datetime
    ciphertext: bytes


async def pending(conn: Connection, case_id: UUID) -> HandOver | None:
    row = await conn.fetchrow(
        "select id, ags, case_manager_id, supervisor_id, asked_on from hand_over where case_id = $1", case_id
    )
    return _hand_over(row) if row else None


async def pending_of(conn: Connection, supervisor_id: UUID) -> list[tuple[UUID, HandOver]]:
    """With the ids of their cases, the oldest first."""
    rows = await conn.fetch(
        """
        select case_id, id, ags, case_manager_id, supervisor_id, asked_on from hand_over
        where supervisor_id = $1 order by id
        """,
        supervisor_id,
    )
    return [(row["case_id"], _hand_over(row)) for row in rows]


async def cases_pending(conn: Connection) -> list[UUID]:
    """Ids of the cases whose hand-over waits for approval."""
    return [row["case_id"] for row in await conn.fetch("select case_id from hand_over order by case_id")]


async def insert_hand_over(conn: Connection, case_id: UUID, asked: HandOver) -> None:
    await conn.execute(
        """
        insert into hand_over (case_id, id, ags, case_manager_id, supervisor_id, asked_on)
        values ($1, $2, $3, $4, $5, $6)
        """,
        case_id,
        asked.hand_over_id,
        asked.ags,
        asked.case_manager_id,
        asked.supervisor_id,
        asked.asked_on,
    )


async def delete_hand_over(conn: Connection, case_id: UUID) -> None:
    await conn.execute("delete from hand_over where case_id = $1", case_id)


async def declare_conflict(conn: Connection, case_id: UUID, case_manager_id: UUID) -> None:
    await conn.execute("insert into conflict values ($1, $2) on conflict do nothing", case_id, case_manager_id)


async def in_conflict(conn: Connection, case_id: UUID) -> frozenset[UUID]:
    rows = await conn.fetch("select case_manager_id from conflict where case_id = $1", case_id)
    return frozenset(row["case_manager_id"] for row in rows)


async def insert_note(conn: Connection, case_id: UUID, note: Note) -> None:
    await conn.execute(
        "insert into note (id, case_id, author_id, written_at, ciphertext) values ($1, $2, $3, $4, $5)",
        note.note_id,
        case_id,
        note.author_id,
        note.written_at,
        note.ciphertext,
    )


async def notes(conn: Connection, case_id: UUID, limit: int) -> list[Note]:
    """The newest first."""
    rows = await conn.fetch(
        "select id, author_id, written_at, ciphertext from note where case_id = $1 order by id desc limit $2",
        case_id,
        limit,
    )
    return [Note(row["id"], row["author_id"], row["written_at"], row["ciphertext"]) for row in rows]


def _hand_over(row: Any) -> HandOver:
    return HandOver(row["id"], row["ags"], row["case_manager_id"], row["supervisor_id"], row["asked_on"])
