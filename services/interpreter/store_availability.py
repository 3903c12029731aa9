"""When interpreters can be asked, in SQL: weeks, recurring hours and absences."""

from uuid import UUID

from services.interpreter import store_rules
from services.interpreter.domain import Availability
from shared.contracts.interpreter import Absence, AvailabilityWindow
from shared.database import Connection


async def availability(conn: Connection, interpreter_id: UUID) -> Availability:
    windows = await conn.fetch(
        "select weekday, starts, ends from availability_window where interpreter_id = $1 order by weekday, starts",
        interpreter_id,
    )
    absences = await conn.fetch(
        "select starts_at, ends_at from absence where interpreter_id = $1 order by starts_at, ends_at", interpreter_id
    )
    return Availability(
        tuple(AvailabilityWindow(**row) for row in windows),
        await store_rules.rules(conn, interpreter_id),
        tuple(Absence(**row) for row in absences),
    )


async def save(conn: Connection, interpreter_id: UUID, given: Availability) -> None:
    """The whole of it, in place of what was known."""
    await conn.execute("update interpreter set hours_given = true where id = $1", interpreter_id)
    await conn.execute("delete from availability_window where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into availability_window (interpreter_id, weekday, starts, ends) values ($1, $2, $3, $4)",
        [(interpreter_id, window.weekday, window.starts, window.ends) for window in given.windows],
    )
    await store_rules.save(conn, interpreter_id, given.rules)
    await conn.execute("delete from absence where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into absence (interpreter_id, starts_at, ends_at) values ($1, $2, $3)",
        [(interpreter_id, away.starts_at, away.ends_at) for away in given.absences],
    )
