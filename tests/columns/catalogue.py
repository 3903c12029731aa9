"""Columns of a database as its catalogue has them, and what their checks refuse."""

import json
from dataclasses import dataclass
from typing import Any

from shared.database import Connection

_COLUMNS = """
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type, t.typtype = 'e' as is_enum,
        array(
            select pg_get_expr(conbin, conrelid) from pg_constraint
            where contype = 'c' and conrelid = c.oid and conkey = array[a.attnum]
        ) as checks
    from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped
        and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    order by c.relname, a.attnum
"""

FREE = (
    "Selam",
    "Selam Tesfay",
    "tesfay, selam",
    "selam tesfay",
    "Ümit Öztürk",
    "ሰላም ተስፋይ",
    "selam@example.org",
    "+49 1511 2345678",
    "491511234567890",
    "01511/2345678",
    "Adi Keyh 5, 46535",
    "She said: no.",
    "Er sagt, es geht nicht.\nWirklich.",
    "%20name",
    "U2VsYW0gVGVzZmF5",
)
"""Texts as people write them: no column outside the vault may take one."""


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    type: str
    is_enum: bool
    checks: tuple[str, ...]
    """Expressions of the checks that are about this column alone."""

    def __str__(self) -> str:
        return f"{self.table}.{self.name}"


async def columns(conn: Connection) -> list[Column]:
    """Of every table that is not PostgreSQL's own."""
    rows = await conn.fetch(_COLUMNS)
    return [Column(row["table"], row["name"], row["type"], row["is_enum"], tuple(row["checks"])) for row in rows]


async def takes(conn: Connection, column: Column) -> list[str]:
    """The free texts that the column's own checks let pass, in any of the ways in which the column could hold them."""
    if not column.checks:
        return list(FREE)
    refused = " and ".join(f"({check})" for check in column.checks)
    query = f'select {refused} from (select $1::{column.type} as "{column.name}") as row'  # noqa: S608 - of the catalogue
    return [text for text in FREE for value in _holding(column.type, text) if await conn.fetchval(query, value)]


def _holding(type_: str, text: str) -> list[Any]:
    if type_ == "text[]":
        return [[text], ["housing", text], [text, "housing"]]
    if type_ == "jsonb":
        return [text, [text], {"kind": text}, {text: 1}, {"kind": [{"of": {"name": text}}]}]
    return [text]


async def decode_json(conn: Connection) -> None:
    """As the services' own connections do."""
    await conn.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
