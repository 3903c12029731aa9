"""Talks that interpreters have had or will have, in SQL."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from shared.database import Connection


async def together(conn: Connection, case_id: UUID) -> dict[UUID, int]:
    """How many talks of the case each interpreter has interpreted."""
    rows = await conn.fetch(
        """
        select interpreter_id, count(*) as talks from booking
        where case_id = $1 and state = 'attended' and interpreter_id is not null group by 1
        """,
        case_id,
    )
    return {row["interpreter_id"]: row["talks"] for row in rows}


async def recent(conn: Connection, ids: Collection[UUID], since: datetime) -> dict[UUID, int]:
    """How many confirmed talks each has that end after `since`, those to come included; without any: missing."""
    rows = await conn.fetch(
        """
        select resource_id, count(*) as talks from reservation
        where resource_id = any($1) and state = 'confirmed' and upper(during) > $2 group by 1
        """,
        ids,
        since,
    )
    return {row["resource_id"]: row["talks"] for row in rows}
