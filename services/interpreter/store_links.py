"""Links to offers in SQL: hashes alone."""

from datetime import datetime
from uuid import UUID

from shared.database import Connection


async def put_link(conn: Connection, offer_id: UUID, token_hash: bytes) -> None:
    """An earlier link of the offer opens nothing any more."""
    await conn.execute(
        """
        insert into offer_link (offer_id, token_hash) values ($1, $2)
        on conflict (offer_id) do update set token_hash = excluded.token_hash
        """,
        offer_id,
        token_hash,
    )


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


async def lock_link(conn: Connection, token_hash: bytes) -> bool:
    """Until the transaction ends; False where it was used already."""
    return bool(await conn.fetchval("select true from offer_link where token_hash = $1 for update", token_hash))


async def use_link(conn: Connection, token_hash: bytes) -> None:
    """It opens nothing any more."""
    await conn.execute("delete from offer_link where token_hash = $1", token_hash)
