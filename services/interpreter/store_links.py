"""Links to offers in SQL: hashes alone."""

from datetime import datetime
from uuid import UUID

from services.interpreter.offers import Answered, Way
from shared.database import Connection


async def put_link(conn: Connection, offer_id: UUID, token_hash: bytes, made: Answered) -> None:
    """An earlier link of the offer opens nothing any more. `made`: how an answer by it will have come."""
    await conn.execute(
        """
        insert into offer_link (offer_id, token_hash, way, made_by) values ($1, $2, $3, $4)
        on conflict (offer_id) do update
        set token_hash = excluded.token_hash, way = excluded.way, made_by = excluded.made_by
        """,
        offer_id, token_hash, made.way, made.link_made_by,
    )  # fmt: skip


async def by_link(conn: Connection, token_hash: bytes, now: datetime) -> tuple[UUID, UUID] | None:
    """Offer and interpreter, while the offer has time, or, once it is accepted, until the talk begins."""
    row = await conn.fetchrow(
        """
        select offer.id, interpreter_id from offer_link join offer on offer.id = offer_link.offer_id
        where token_hash = $1 and case state when 'accepted' then starts_at else expires_at end > $2
        """,
        token_hash,
        now,
    )
    return (row["id"], row["interpreter_id"]) if row else None


async def lock_link(conn: Connection, token_hash: bytes) -> Answered | None:
    """Until the transaction ends: how an answer by it comes; None where it was used already."""
    row = await conn.fetchrow("select way, made_by from offer_link where token_hash = $1 for update", token_hash)
    return Answered(Way(row["way"]), row["made_by"]) if row else None


async def use_link(conn: Connection, token_hash: bytes) -> None:
    """It opens nothing any more."""
    await conn.execute("delete from offer_link where token_hash = $1", token_hash)
