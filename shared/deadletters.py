"""What an operator does with poison once its cause is mended: list, replay, drop."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.consumer import Dispatcher
from shared.database import Connection, Database
from shared.errors import DomainError, NotFound
from shared.inbox import Incoming, reject

_OF_AGGREGATE = "select * from parked where topic = $1 and subject = $2 order by id for update"


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
        return await _empty(conn, dispatcher, await _parked(conn, event_id))


async def drop(database: Database, dispatcher: Dispatcher, event_id: UUID) -> int:
    """Gives the poison up, and handles all that is parked behind it, in order, in one transaction."""
    async with database.transaction() as conn:
        first = await _parked(conn, event_id)
        await conn.execute("delete from parked where event_id = $1", event_id)
        return await _empty(conn, dispatcher, first)


async def _parked(conn: Connection, event_id: UUID) -> Incoming:
    row = await conn.fetchrow("select * from parked where event_id = $1 and fault is not null", event_id)
    if row is None:
        raise NotFound
    return Incoming.of_parked(row)


async def _empty(conn: Connection, dispatcher: Dispatcher, first: Incoming) -> int:
    """Until none is left: one that arrives meanwhile waits for our lock, or is seen in the next turn."""
    handled = 0
    while rows := await conn.fetch(_OF_AGGREGATE, first.topic, first.subject):
        for row in rows:
            await _handle(conn, dispatcher, Incoming.of_parked(row))
            await conn.execute("delete from parked where id = $1", row["id"])
            handled += 1
    return handled


async def _handle(conn: Connection, dispatcher: Dispatcher, event: Incoming) -> None:
    try:
        async with conn.transaction():
            await dispatcher.call(conn, event)
    except DomainError as error:
        await reject(conn, event, error.code)
