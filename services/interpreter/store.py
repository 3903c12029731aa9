"""All SQL of interpreter."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.interpreter.domain import Interpreter, Windows
from services.interpreter.fees import Quote
from services.interpreter.offers import Assignment, Engagement, Offer, OfferState
from services.interpreter.ranking import SlotRanking
from shared.contracts.interpreter import AvailabilityWindow
from shared.contracts.scheduling import InterpreterRequested
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.errors import NotFound

_INTERPRETER = """
    select id, gender, languages, municipalities, base_postcode, credentials, active, dialects,
        array(select token from conflict where interpreter_id = interpreter.id order by token) as conflicts
    from interpreter
"""
_OFFER = """
    select id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
        hold_expires_at, expires_at, state, made_at, ended_at
    from offer
"""
_ASSIGNMENT = """
    select id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
        confirmed_at, cancelled_at
    from assignment
"""


async def find(conn: Connection, interpreter_id: UUID) -> Interpreter | None:
    """Locked until the transaction ends."""
    row = await conn.fetchrow(f"{_INTERPRETER} where id = $1 for update", interpreter_id)
    return _interpreter(row) if row else None


async def load(conn: Connection, interpreter_id: UUID) -> Interpreter:
    """Locked until the transaction ends. Raises NotFound."""
    if found := await find(conn, interpreter_id):
        return found
    raise NotFound


async def require(conn: Connection, interpreter_id: UUID) -> None:
    """Raises NotFound."""
    if not await conn.fetchval("select true from interpreter where id = $1", interpreter_id):
        raise NotFound


async def save(conn: Connection, interpreter: Interpreter) -> None:
    values = interpreter.model_dump(mode="json", exclude={"conflicts"})
    await conn.execute(
        """
        insert into interpreter (id, gender, languages, municipalities, base_postcode, credentials, active, dialects)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id) do update set gender = excluded.gender, languages = excluded.languages,
            municipalities = excluded.municipalities, base_postcode = excluded.base_postcode,
            credentials = excluded.credentials, active = excluded.active,
            dialects = excluded.dialects
        """,
        *values.values(),
    )


async def save_conflicts(conn: Connection, interpreter_id: UUID, tokens: Iterable[str]) -> None:
    """All of them, in place of what was known."""
    await conn.execute("delete from conflict where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into conflict (interpreter_id, token) values ($1, $2)", [(interpreter_id, each) for each in tokens]
    )


async def interpreters(conn: Connection, municipalities: Iterable[str] | None) -> list[Interpreter]:
    """Those who serve one of the municipalities, by id; None: all."""
    rows = await conn.fetch(
        f"{_INTERPRETER} where $1::text[] is null or municipalities && $1 order by id",
        None if municipalities is None else sorted(municipalities),
    )
    return [_interpreter(row) for row in rows]


async def by_ids(conn: Connection, ids: Iterable[UUID]) -> list[Interpreter]:
    rows = await conn.fetch(f"{_INTERPRETER} where id = any($1)", list(ids))
    return [_interpreter(row) for row in rows]


async def availability(conn: Connection, interpreter_id: UUID) -> Windows:
    rows = await conn.fetch(
        """
        select weekday, starts, ends from availability_window
        where interpreter_id = $1 order by weekday, starts
        """,
        interpreter_id,
    )
    return tuple(AvailabilityWindow(**row) for row in rows)


async def save_availability(conn: Connection, interpreter_id: UUID, windows: Windows) -> None:
    await conn.execute("delete from availability_window where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into availability_window (interpreter_id, weekday, starts, ends) values ($1, $2, $3, $4)",
        [(interpreter_id, window.weekday, window.starts, window.ends) for window in windows],
    )


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
    rows = await conn.fetch(
        "select distinct interpreter_id from assignment where case_id = $1 and cancelled_at is null", case_id
    )
    return {row["interpreter_id"] for row in rows}


async def save_ranking(
    conn: Connection, asked: InterpreterRequested, slots: Iterable[tuple[str, SlotRanking]], at: datetime
) -> None:
    """The latest answer for the booking, in place of an earlier one. `slots`: rule and ranking of each."""
    await conn.execute(
        """
        insert into ranking (booking_id, case_id, enquiry_id, ags, ranked_at) values ($1, $2, $3, $4, $5)
        on conflict (booking_id) do update set ranked_at = excluded.ranked_at
        """,
        *(asked.booking_id, asked.case_id, asked.enquiry_id, asked.ags, at),
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


async def save_request(conn: Connection, asked: InterpreterRequested) -> None:
    await conn.execute(
        """
        insert into open_request (booking_id, enquiry_id, asked) values ($1, $2, $3)
        on conflict (booking_id) do update set asked = excluded.asked
        """,
        *(asked.booking_id, asked.enquiry_id, asked.model_dump(mode="json")),
    )


async def close_request(conn: Connection, booking_id: UUID) -> None:
    await conn.execute("delete from open_request where booking_id = $1", booking_id)


async def open_requests(conn: Connection) -> list[InterpreterRequested]:
    rows = await conn.fetch("select asked from open_request order by booking_id")
    return [InterpreterRequested.model_validate(row["asked"]) for row in rows]


async def engagements(conn: Connection, since: datetime) -> list[Assignment]:
    """Those in force that end after `since`."""
    rows = await conn.fetch(f"{_ASSIGNMENT} where cancelled_at is null and ends_at > $1", since)
    return [_assignment(row) for row in rows]


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


async def insert_offer(conn: Connection, offer: Offer) -> bool:
    """False where this hold has asked this interpreter already."""
    row = await conn.fetchval(
        """
        insert into offer (
            id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
            hold_expires_at, expires_at, state, made_at
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        on conflict (booking_id, interpreter_id, hold_expires_at) do nothing returning id
        """,
        *_engagement(offer),
        *(offer.hold_expires_at, offer.expires_at, offer.state, offer.made_at),
    )
    return row is not None


async def load_offer(conn: Connection, offer_id: UUID, interpreter_id: UUID) -> Offer:
    """Locked until the transaction ends. Raises NotFound, also for another interpreter's."""
    row = await conn.fetchrow(f"{_OFFER} where id = $1 and interpreter_id = $2 for update", offer_id, interpreter_id)
    if row is None:
        raise NotFound
    return _offer(row)


async def offers_of_booking(conn: Connection, booking_id: UUID) -> list[Offer]:
    """Locked until the transaction ends."""
    rows = await conn.fetch(f"{_OFFER} where booking_id = $1 order by id for update", booking_id)
    return [_offer(row) for row in rows]


async def due_offers(conn: Connection, now: datetime, most: int) -> list[Offer]:
    """Open ones whose time is over, locked, without those that somebody else has locked."""
    rows = await conn.fetch(
        f"""
        {_OFFER} where state = 'open' and expires_at <= $1
        order by expires_at limit $2 for update skip locked
        """,
        now,
        most,
    )
    return [_offer(row) for row in rows]


async def open_offers(conn: Connection, interpreter_id: UUID, now: datetime) -> list[Offer]:
    """Those that the interpreter can still answer, the most urgent first."""
    rows = await conn.fetch(
        f"{_OFFER} where interpreter_id = $1 and state = 'open' and expires_at > $2 order by expires_at, id",
        interpreter_id,
        now,
    )
    return [_offer(row) for row in rows]


async def save_offer(conn: Connection, offer: Offer) -> None:
    await conn.execute(
        "update offer set state = $2, ended_at = $3 where id = $1", offer.id, offer.state, offer.ended_at
    )


async def insert_assignment(conn: Connection, assignment: Assignment) -> bool:
    """False where the booking has one in force already."""
    row = await conn.fetchval(
        """
        insert into assignment (
            id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at, confirmed_at
        ) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (booking_id) where cancelled_at is null do nothing returning id
        """,
        *_engagement(assignment),
        assignment.confirmed_at,
    )
    return row is not None


async def assignment_in_force(conn: Connection, booking_id: UUID) -> Assignment | None:
    """Locked until the transaction ends."""
    row = await conn.fetchrow(f"{_ASSIGNMENT} where booking_id = $1 and cancelled_at is null for update", booking_id)
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


async def assignments(conn: Connection, interpreter_id: UUID) -> list[tuple[Assignment, Quote]]:
    """The interpreter's own, by time, each with the quote that holds: a cancellation's, if there is one."""
    rows = await conn.fetch(
        """
        select a.id, a.booking_id, a.case_id, a.enquiry_id, a.interpreter_id, a.ags, a.language, a.mode, a.starts_at,
            a.ends_at, a.confirmed_at, a.cancelled_at, q.kind as quote_kind, q.rule, q.lines
        from assignment as a
        cross join lateral (
            select kind, rule, lines from fee_quote where assignment_id = a.id
            order by kind = 'cancellation' desc limit 1
        ) as q
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


def _with_quote(row: dict[str, Any]) -> tuple[Assignment, Quote]:
    quote = Quote(kind=row.pop("quote_kind"), rule=row.pop("rule"), lines=row.pop("lines"))
    return _assignment(row), quote


def _interpreter(row: Any) -> Interpreter:
    return Interpreter.model_validate(dict(row))


def _offer(row: Any) -> Offer:
    return Offer(**{**row, "mode": Mode(row["mode"]), "state": OfferState(row["state"])})


def _assignment(row: Any) -> Assignment:
    return Assignment(**{**row, "mode": Mode(row["mode"])})


def _engagement(engagement: Engagement) -> tuple[object, ...]:
    """The columns that offers and assignments share, in their order."""
    return tuple(getattr(engagement, field.name) for field in fields(Engagement))
