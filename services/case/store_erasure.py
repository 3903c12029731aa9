"""SQL of erasure in case, after the cases are gone."""

from collections.abc import Sequence
from uuid import UUID

from shared.database import Connection


async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """What was heard of the enquiries; that they have ended is remembered by a digest."""
    await conn.execute("delete from enquiry where id = any($1)", enquiry_ids)


async def known(conn: Connection) -> list[UUID]:
    return [row["id"] for row in await conn.fetch("select id from enquiry")]
