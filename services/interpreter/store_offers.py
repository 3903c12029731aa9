"""Offers in SQL."""

from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from services.interpreter.offers import Answered, Engagement, Offer, OfferState
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.errors import NotFound

_OFFER = """
    select id, booking_id, case_id, enquiry_id, interpreter_id, ags, language, mode, starts_at, ends_at,
        hold_expires_at, expires_at, state, made_at, ended_at
    from offer
"""


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
        *engagement_values(offer),
        *(offer.hold_expires_at, offer.expires_at, offer.state, offer.made_at),
    )
    return row is not None


async def load_round(conn: Connection, offer_id: UUID, interpreter_id: UUID) -> tuple[Offer, list[Offer]]:
    """The offer, and all others of its booking; locked, in one order for all, until the transaction ends.

    Raises NotFound, also for another interpreter's.
    """
    booking_id = await conn.fetchval(
        "select booking_id from offer where id = $1 and interpreter_id = $2", offer_id, interpreter_id
    )
    known = {offer.id: offer for offer in await offers_of_booking(conn, booking_id)}
    if (given := known.pop(offer_id, None)) is None:
        raise NotFound
    return given, list(known.values())


async def lock_offer(conn: Connection, offer_id: UUID) -> Offer:
    """Whosever it is; locked until the transaction ends. Raises NotFound."""
    return _found(await conn.fetchrow(f"{_OFFER} where id = $1 for update", offer_id))


async def look(conn: Connection, offer_id: UUID) -> Offer:
    """The same without a lock, for reading. Raises NotFound."""
    return _found(await conn.fetchrow(f"{_OFFER} where id = $1", offer_id))


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


async def standing(
    conn: Connection, now: datetime, *, case_id: UUID | None = None, interpreter_id: UUID | None = None
) -> list[Offer]:
    """Of a case or of an interpreter, those open or accepted whose talk is to come; locked, in one order for all."""
    rows = await conn.fetch(
        f"""
        {_OFFER} where (case_id = $1 or interpreter_id = $2) and state in ('open', 'accepted') and starts_at > $3
        order by booking_id, id for update
        """,
        *(case_id, interpreter_id, now),
    )
    return [_offer(row) for row in rows]


async def under_way(conn: Connection, since: datetime) -> list[Offer]:
    """Those open or accepted whose talk ends after `since`: nobody can be at two talks at once."""
    rows = await conn.fetch(f"{_OFFER} where state in ('open', 'accepted') and ends_at > $1", since)
    return [_offer(row) for row in rows]


async def to_give_back(conn: Connection, interpreter_id: UUID, now: datetime) -> dict[UUID, UUID]:
    """Booking -> the offer that was accepted, of talks to come."""
    rows = await conn.fetch(
        "select booking_id, id from offer where interpreter_id = $1 and state = 'accepted' and starts_at > $2",
        *(interpreter_id, now),
    )
    return {row["booking_id"]: row["id"] for row in rows}


async def save_offer(conn: Connection, offer: Offer) -> None:
    await conn.execute(
        "update offer set state = $2, ended_at = $3 where id = $1", offer.id, offer.state, offer.ended_at
    )


async def note_answer(conn: Connection, offer: Offer, how: Answered, at: datetime) -> None:
    """How the offer came to its present state."""
    await conn.execute(
        """
        insert into offer_answer (offer_id, answer, way, link_made_by, answered_at) values ($1, $2, $3, $4, $5)
        """,
        offer.id, offer.state, how.way, how.link_made_by, at,
    )  # fmt: skip


def engagement_values(engagement: Engagement) -> tuple[object, ...]:
    """The columns that offers and assignments share, in their order."""
    return tuple(getattr(engagement, field.name) for field in fields(Engagement))


def _found(row: Any) -> Offer:
    if row is None:
        raise NotFound
    return _offer(row)


def _offer(row: Any) -> Offer:
    return Offer(**{**row, "mode": Mode(row["mode"]), "state": OfferState(row["state"])})
