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
    """Offer and interpreter, while the offer has time; whatever became of it before that."""
    row = await conn.fetchrow(
        """
        select offer.id, interpreter_id from offer_link join offer on offer.id = offer_link.offer_id
        where token_hash = $1 and expires_at > $2
        """,
        token_hash,
        now,
    )
    return (row["id"], row["interpreter_id"]) if row else None


async def use_link(conn: Connection, token_hash: bytes) -> bool:
    """False where it was used already."""
    return await conn.fetchval("delete from offer_link where token_hash = $1 returning true", token_hash) is True
