"""Interpreters in SQL: profiles, conflicts of interest. Other subjects have their own `store_*.py`."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.interpreter.domain import Interpreter
from services.interpreter.hours import Hours
from shared.contracts.interpreter import AvailabilityWindow
from shared.database import Connection
from shared.errors import NotFound

_INTERPRETER = """
    select id, gender, languages, municipalities, base_postcode, credentials, active, dialects,
        array(select token from conflict where interpreter_id = interpreter.id order by token) as conflicts
    from interpreter
"""


async def find(conn: Connection, interpreter_id: UUID) -> Interpreter | None:
    """Locked until the transaction ends."""
    row = await conn.fetchrow(f"{_INTERPRETER} where id = $1 for update", interpreter_id)
    return _interpreter(row) if row else None


async def load(conn: Connection, interpreter_id: UUID) -> Interpreter:
    """Locked until the transaction ends. Raises NotFound."""
    if found := await find(conn, interpreter_id):
        return found
    raise NotFound


async def require(conn: Connection, interpreter_id: UUID) -> None:
    """Raises NotFound."""
    if not await conn.fetchval("select true from interpreter where id = $1", interpreter_id):
        raise NotFound


async def save(conn: Connection, interpreter: Interpreter) -> None:
    values = interpreter.model_dump(mode="json", exclude={"conflicts"})
    await conn.execute(
        """
        insert into interpreter (id, gender, languages, municipalities, base_postcode, credentials, active, dialects)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (id) do update set gender = excluded.gender, languages = excluded.languages,
            municipalities = excluded.municipalities, base_postcode = excluded.base_postcode,
            credentials = excluded.credentials, active = excluded.active,
            dialects = excluded.dialects
        """,
        *values.values(),
    )


async def save_conflicts(conn: Connection, interpreter_id: UUID, tokens: Iterable[str]) -> None:
    """All of them, in place of what was known."""
    await conn.execute("delete from conflict where interpreter_id = $1", interpreter_id)
    await conn.executemany(
        "insert into conflict (interpreter_id, token) values ($1, $2)", [(interpreter_id, each) for each in tokens]
    )


async def interpreters(conn: Connection, municipalities: Iterable[str] | None) -> list[Interpreter]:
    """Those who serve one of the municipalities, by id; None: all."""
    rows = await conn.fetch(
        f"{_INTERPRETER} where $1::text[] is null or municipalities && $1 order by id",
        None if municipalities is None else sorted(municipalities),
    )
    return [_interpreter(row) for row in rows]


async def by_ids(conn: Connection, ids: Iterable[UUID]) -> list[Interpreter]:
    rows = await conn.fetch(f"{_INTERPRETER} where id = any($1)", list(ids))
    return [_interpreter(row) for row in rows]


async def hours(conn: Connection) -> dict[UUID, Hours]:
    """Of everybody whose hours are known here."""
    rows = await conn.fetch(
        """
        select interpreter_id, weekday, starts, ends from availability_window
        order by interpreter_id, weekday, starts
        """
    )
    weeks: defaultdict[UUID, list[AvailabilityWindow]] = defaultdict(list)
    for row in rows:
        weeks[row["interpreter_id"]].append(
            AvailabilityWindow(weekday=row["weekday"], starts=row["starts"], ends=row["ends"])
        )
    given = await conn.fetch(
        """
        select id, exists (select from availability_rule where interpreter_id = id) as has_rules
        from interpreter where hours_given
        """
    )
    return {row["id"]: Hours(tuple(weeks[row["id"]]), row["has_rules"]) for row in given}


def _interpreter(row: Any) -> Interpreter:
    return Interpreter.model_validate(dict(row))
