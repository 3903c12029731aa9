"""Assignments and what they cost, in SQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.interpreter.fees import Quote
from services.interpreter.offers import Answered, Assignment, Way
from services.interpreter.store_offers import engagement_values
from shared.contracts.vocabulary import Mode
from shared.database import Connection

_ASSIGNMENT = """
    select id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
        case_manager_id, confirmed_at, cancelled_at
    from assignment
"""


async def assignments_since(conn: Connection, since: datetime) -> Mapping[UUID, int]:
    """Number of assignments confirmed after `since` and not cancelled, by interpreter; those without are missing."""
    rows = await conn.fetch(
        """
        select interpreter_id, count(*) as number from assignment
        where confirmed_at > $1 and cancelled_at is null group by interpreter_id
        """,
        since,
    )
    return {row["interpreter_id"]: row["number"] for row in rows}


async def who_know(conn: Connection, case_id: UUID) -> set[UUID]:
    """The interpreters who were assigned to the case before."""
    return set((await who_know_each(conn, [case_id])).get(case_id, ()))


async def who_know_each(conn: Connection, case_ids: Iterable[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """The same for many cases; those without are missing."""
    rows = await conn.fetch(
        """
        select case_id, array_agg(distinct interpreter_id) as known from assignment
        where case_id = any($1) and cancelled_at is null group by case_id
        """,
        list(case_ids),
    )
    return {row["case_id"]: row["known"] for row in rows}


async def engagements(conn: Connection, since: datetime) -> list[Assignment]:
    """Those in force that end after `since`."""
    rows = await conn.fetch(f"{_ASSIGNMENT} where cancelled_at is null and ends_at > $1", since)
    return [_assignment(row) for row in rows]


async def insert_assignment(conn: Connection, assignment: Assignment) -> bool:
    """False where the booking has one in force already."""
    row = await conn.fetchval(
        """
        insert into assignment (
            id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
            case_manager_id, confirmed_at
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (booking_id) where cancelled_at is null do nothing returning id
        """,
        *engagement_values(assignment),
        *(assignment.case_manager_id, assignment.confirmed_at),
    )
    return row is not None


async def assignment_in_force(conn: Connection, booking_id: UUID) -> Assignment | None:
    """Locked until the transaction ends."""
    row = await conn.fetchrow(f"{_ASSIGNMENT} where booking_id = $1 and cancelled_at is null for update", booking_id)
    return _assignment(row) if row else None


async def last_of_booking(conn: Connection, booking_id: UUID) -> Assignment | None:
    """The one in force before those that were cancelled; locked until the transaction ends."""
    row = await conn.fetchrow(
        f"{_ASSIGNMENT} where booking_id = $1 order by cancelled_at desc nulls first limit 1 for update", booking_id
    )
    return _assignment(row) if row else None


async def save_assignment(conn: Connection, assignment: Assignment) -> None:
    await conn.execute("update assignment set cancelled_at = $2 where id = $1", assignment.id, assignment.cancelled_at)


async def insert_quote(conn: Connection, id: UUID, assignment_id: UUID, quote: Quote, at: datetime) -> None:
    await conn.execute(
        """
        insert into fee_quote (id, assignment_id, kind, rule, lines, total, quoted_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        *(id, assignment_id, quote.kind, quote.rule),
        [line.model_dump(mode="json") for line in quote.lines],
        *(quote.total, at),
    )


async def assignments(conn: Connection, interpreter_id: UUID) -> list[tuple[Assignment, Quote, Answered | None]]:
    """The interpreter's own, by time, each with the quote that holds: a cancellation's, if there is one.

    And how they had accepted it; None where it came without an offer.
    """
    rows = await conn.fetch(
        """
        select a.id, a.booking_id, a.case_id, a.enquiry_id, a.interpreter_id, a.ags, a.language, a.mode, a.starts_at,
            a.ends_at, a.case_manager_id, a.confirmed_at, a.cancelled_at, q.kind as quote_kind, q.rule, q.lines,
            accepted.way, accepted.link_made_by
        from assignment as a
        cross join lateral (
            select kind, rule, lines from fee_quote where assignment_id = a.id
            order by kind = 'cancellation' desc limit 1
        ) as q
        left join lateral (
            select way, link_made_by from offer join offer_answer on offer_id = offer.id and answer = 'accepted'
            where booking_id = a.booking_id and interpreter_id = a.interpreter_id
            order by answered_at <= a.confirmed_at desc, answered_at desc limit 1
        ) as accepted on true
        where a.interpreter_id = $1 order by a.starts_at, a.id
        """,
        interpreter_id,
    )
    return [_with_quote(dict(row)) for row in rows]


async def erased_fee(conn: Connection, interpreter_id: UUID, month: date) -> Decimal | None:
    """What is owed for talks of that month with people who are erased."""
    total: Decimal | None = await conn.fetchval(
        "select total from erased_fee where interpreter_id = $1 and month = $2", interpreter_id, month
    )
    return total


def _with_quote(row: dict[str, Any]) -> tuple[Assignment, Quote, Answered | None]:
    quote = Quote(kind=row.pop("quote_kind"), rule=row.pop("rule"), lines=row.pop("lines"))
    way, made_by = row.pop("way"), row.pop("link_made_by")
    return _assignment(row), quote, Answered(Way(way), made_by) if way else None


def _assignment(row: Any) -> Assignment:
    return Assignment(**{**row, "mode": Mode(row["mode"])})
