"""What scheduling asked and what was answered, in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.interpreter.asking_order import AskingOrder
from services.interpreter.open_requests import Open, Planned
from services.interpreter.ranking import SlotRanking
from shared.contracts.scheduling import InterpreterRequested
from shared.database import Connection
from shared.errors import NotFound

_INSERT = """
    insert into ranked_candidate (booking_id, slot_id, place, interpreter_id, language, rule, reasons)
    values ($1, $2, $3, $4, $5, $6, $7)
"""
_OPEN = """
    select asked, proposed, planned_slot, planned_interpreter, planned_at
    from ranking join open_request using (booking_id)
"""


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
        _INSERT,
        [
            (
                *(asked.booking_id, slot.slot_id, place, ranked.interpreter_id, slot.language, rule),
                [reason.model_dump(mode="json") for reason in ranked.reasons],
            )
            for rule, slot in slots
            for place, ranked in enumerate(slot.ranked, start=1)
        ],
    )


async def save_orders(conn: Connection, orders: Mapping[UUID, Sequence[AskingOrder]]) -> None:
    """Booking -> who is asked in some of its slots by now, and why; the other slots stay as they are."""
    await conn.executemany(
        "delete from ranked_candidate where booking_id = $1 and slot_id = $2",
        [(booking_id, slot.slot_id) for booking_id, slots in orders.items() for slot in slots],
    )
    await conn.executemany(
        _INSERT,
        [
            (
                *(booking_id, slot.slot_id, place, ranked.interpreter_id, language, slot.rule),
                [reason.model_dump(mode="json") for reason in ranked.reasons],
            )
            for booking_id, slots in orders.items()
            for slot in slots
            for place, (ranked, language) in enumerate(slot.asked, start=1)
        ],
    )


async def open_request(conn: Connection, booking_id: UUID) -> None:
    """It was asked for, maybe anew, and is neither held nor over."""
    await conn.execute(
        """
        insert into open_request (booking_id) values ($1) on conflict (booking_id) do update
        set proposed = null, planned_slot = null, planned_interpreter = null, planned_at = null
        """,
        booking_id,
    )


async def propose(conn: Connection, booking_id: UUID, slots: Iterable[UUID]) -> None:
    """The participant chooses among these; of a talk that needs no interpreter nothing is known here."""
    await conn.execute("update open_request set proposed = $2 where booking_id = $1", booking_id, list(slots))


async def mark_planned(conn: Connection, meant: Mapping[UUID, Planned]) -> None:
    """Booking -> what the plan means that is adopted now."""
    await conn.executemany(
        """
        update open_request set planned_slot = $2, planned_interpreter = $3, planned_at = $4 where booking_id = $1
        """,
        [(booking_id, *planned) for booking_id, planned in meant.items()],
    )


async def close_request(conn: Connection, booking_id: UUID) -> None:
    await conn.execute("delete from open_request where booking_id = $1", booking_id)


async def open_requests(conn: Connection) -> list[Open]:
    """All of them, by booking."""
    return [_open(row) for row in await conn.fetch(f"{_OPEN} order by booking_id")]


async def spans(conn: Connection, booking_ids: Iterable[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
    """Slot -> when it is, of all that was asked for."""
    rows = await conn.fetch("select asked from ranking where booking_id = any($1)", list(booking_ids))
    asked = [InterpreterRequested.model_validate(row["asked"]) for row in rows]
    return {slot.slot_id: (slot.starts_at, slot.ends_at) for each in asked for slot in each.slots}


async def lock_open(conn: Connection, booking_ids: Iterable[UUID]) -> None:
    """Those of them that are open stay as they are until the transaction ends; in one order for all."""
    await conn.execute(
        "select from open_request where booking_id = any($1) order by booking_id for update", list(booking_ids)
    )


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


def _open(row: Any) -> Open:
    planned = row["planned_at"] and Planned(row["planned_slot"], row["planned_interpreter"], row["planned_at"])
    proposed = None if row["proposed"] is None else frozenset(row["proposed"])
    return Open(InterpreterRequested.model_validate(row["asked"]), proposed, planned)
