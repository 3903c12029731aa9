"""SQL of erasure in intake."""

from collections.abc import Sequence
from uuid import UUID

from shared.database import Connection


async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """The enquiries with their codes and sealed blocks."""
    await conn.execute("delete from enquiry where id = any($1)", enquiry_ids)


async def known(conn: Connection) -> list[UUID]:
    return [row["id"] for row in await conn.fetch("select id from enquiry")]
