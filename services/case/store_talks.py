"""Talks in SQL. The case is locked by whoever changes something here."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from services.case.case import Talk, TalkState
from shared.contracts.vocabulary import Mode
from shared.database import Connection

_TALK = ", ".join(f"talk.{name}" for name in Talk.__slots__)


async def of(conn: Connection, case_id: UUID) -> tuple[Talk, ...]:
    """In the order in which they were asked for."""
    rows = await conn.fetch(
        f"select {_TALK} from talk where case_id = $1 order by counselling_id",  # noqa: S608 - our own names
        case_id,
    )
    return tuple(map(_talk, rows))


async def save(conn: Connection, case_id: UUID, talks: Iterable[Talk]) -> None:
    await conn.executemany(
        """
        insert into talk (counselling_id, case_id, mode, duration_minutes, requested_on, state, booking_id,
            starts_at, ends_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (counselling_id) do update set state = excluded.state, booking_id = excluded.booking_id,
            starts_at = excluded.starts_at, ends_at = excluded.ends_at
        """,
        [
            (
                t.counselling_id,
                case_id,
                t.mode,
                t.duration_minutes,
                t.requested_on,
                t.state,
                t.booking_id,
                t.starts_at,
                t.ends_at,
            )
            for t in talks
        ],
    )


async def missed(conn: Connection, case_manager_id: UUID) -> list[tuple[UUID, Talk]]:
    """(case, talk) of the open cases of a case manager, where no talk was asked for since; the longest ago first."""
    rows = await conn.fetch(
        f"""
        select case_id, {_TALK} from talk join case_file on case_file.id = case_id
        where case_manager_id = $1 and phase <> 'closed' and talk.state = 'missed' and not exists (
            select from talk as later where later.case_id = talk.case_id and later.counselling_id > talk.counselling_id
        )
        order by talk.starts_at, talk.counselling_id
        """,  # noqa: S608 - our own names
        case_manager_id,
    )
    return [(row["case_id"], _talk({name: row[name] for name in Talk.__slots__})) for row in rows]


async def has_booking(conn: Connection, booking_id: UUID) -> bool:
    """Whether a talk is known to have this booking."""
    return bool(await conn.fetchval("select exists (select from talk where booking_id = $1)", booking_id))


def _talk(row: Mapping[str, Any]) -> Talk:
    return Talk(**{**row, "mode": Mode(row["mode"]), "state": TalkState(row["state"])})
