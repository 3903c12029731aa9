"""What an operator does with poison once its cause is mended: list, replay, drop."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared import inbox
from shared.database import Connection, Database
from shared.dispatcher import Dispatcher
from shared.errors import NotFound
from shared.inbox import Incoming

DROPPED = "dropped"
"""The code under which a dead letter that was given up stands among the rejected."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    event_id: UUID
    topic: str
    subject: str
    fault: str
    parked_at: datetime
    waiting: int
    """Events of the same aggregate that wait behind it."""


async def dead_letters(conn: Connection) -> list[DeadLetter]:
    """All poison, oldest first."""
    rows = await conn.fetch(
        """
        select event_id, topic, subject, fault, parked_at,
               (select count(*) from parked w where (w.topic, w.subject) = (p.topic, p.subject) and w.id > p.id) waiting
        from parked p where fault is not null order by id
        """,
    )
    return [DeadLetter(**row) for row in rows]


async def replay(database: Database, dispatcher: Dispatcher, event_id: UUID) -> int:
    """Handles the poison and all parked behind it, in order, in one transaction. Returns how many.

    Raises NotFound where nothing is parked under that id, and whatever the handler raises: then all stays parked.
    """
    async with database.transaction() as conn:
        first = await _parked(conn, event_id)
        return await dispatcher.empty(conn, first.topic, first.subject)


async def drop(database: Database, dispatcher: Dispatcher, event_id: UUID) -> int:
    """Gives the poison up, and handles all that is parked behind it, in order, in one transaction.

    It is recorded as rejected: a rebuild does not handle it either.
    """
    async with database.transaction() as conn:
        first = await _parked(conn, event_id)
        await inbox.reject(conn, first, DROPPED)
        await conn.execute("delete from parked where event_id = $1", event_id)
        return await dispatcher.empty(conn, first.topic, first.subject)


async def _parked(conn: Connection, event_id: UUID) -> Incoming:
    row = await conn.fetchrow("select * from parked where event_id = $1 and fault is not null", event_id)
    if row is None:
        raise NotFound
    return Incoming.of_parked(row)
