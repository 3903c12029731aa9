"""What scheduling asked and what was answered, in SQL."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from services.interpreter.ranking import SlotRanking
from shared.contracts.scheduling import InterpreterRequested
from shared.database import Connection
from shared.errors import NotFound


async def save_ranking(
    conn: Connection, asked: InterpreterRequested, slots: Iterable[tuple[str, SlotRanking]], at: datetime
) -> None:
    """The latest answer for the booking, in place of an earlier one. `slots`: rule and ranking of each."""
    await conn.execute(
        """
        insert into ranking (booking_id, case_id, enquiry_id, ags, ranked_at, asked) values ($1, $2, $3, $4, $5, $6)
        on conflict (booking_id) do update set ranked_at = excluded.ranked_at, asked = excluded.asked
        """,
        *(asked.booking_id, asked.case_id, asked.enquiry_id, asked.ags, at, asked.model_dump(mode="json")),
    )
    await conn.execute("delete from ranked_candidate where booking_id = $1", asked.booking_id)
    await conn.executemany(
        """
        insert into ranked_candidate (booking_id, slot_id, place, interpreter_id, language, rule, reasons)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (
                *(asked.booking_id, slot.slot_id, place, ranked.interpreter_id, slot.language, rule),
                [reason.model_dump(mode="json") for reason in ranked.reasons],
            )
            for rule, slot in slots
            for place, ranked in enumerate(slot.ranked, start=1)
        ],
    )


async def open_request(conn: Connection, booking_id: UUID) -> None:
    """It was asked for, and is neither held nor over."""
    await conn.execute("insert into open_request (booking_id) values ($1) on conflict do nothing", booking_id)


async def close_request(conn: Connection, booking_id: UUID) -> None:
    await conn.execute("delete from open_request where booking_id = $1", booking_id)


async def open_requests(conn: Connection) -> list[InterpreterRequested]:
    rows = await conn.fetch("select asked from ranking join open_request using (booking_id) order by booking_id")
    return [InterpreterRequested.model_validate(row["asked"]) for row in rows]


async def requested(conn: Connection, booking_id: UUID) -> InterpreterRequested | None:
    """As it was asked for last."""
    asked = await conn.fetchval("select asked from ranking where booking_id = $1", booking_id)
    return None if asked is None else InterpreterRequested.model_validate(asked)


async def ranking(conn: Connection, booking_id: UUID) -> tuple[str, list[Any]]:
    """AGS, and the candidates by slot and place. Raises NotFound."""
    ags: str | None = await conn.fetchval("select ags from ranking where booking_id = $1", booking_id)
    if ags is None:
        raise NotFound
    rows = await conn.fetch(
        """
        select slot_id, place, interpreter_id, language, rule, reasons from ranked_candidate
        where booking_id = $1 order by slot_id, place
        """,
        booking_id,
    )
    return ags, [dict(row) for row in rows]
