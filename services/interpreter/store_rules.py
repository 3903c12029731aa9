"""SQL of an interpreter's recurring hours."""

from uuid import UUID

from services.interpreter.domain import Rules
from shared.contracts.recurrence import HoursRule
from shared.database import Connection


async def rules(conn: Connection, interpreter_id: UUID) -> Rules:
    """In the order in which they were given."""
    rows = await conn.fetch(
        """
        select starts, minutes, rrule, exdates, rdates from availability_rule
        where interpreter_id = $1 order by number
        """,
        interpreter_id,
    )
    return tuple(HoursRule(**row) for row in rows)


async def save(conn: Connection, interpreter_id: UUID, given: Rules) -> None:
    """All of them, in place of what was known."""
    await conn.execute("delete from availability_rule where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into availability_rule values ($1, $2, $3, $4, $5, $6, $7)",
        [
            (interpreter_id, n, rule.starts, rule.minutes, rule.rrule, rule.exdates, rule.rdates)
            for n, rule in enumerate(given)
        ],
    )
