"""Every column outside the vault that could hold text is tried with free text, and refuses it by its type or its check.

`test_columns` reads which domain or list a column names; here the database itself is asked what that lets pass.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import services
from shared.database import Connection
from tests.conftest import NewDatabase
from tests.shared.free_text import FREE

SCHEMAS = {path.parent.name: path for path in sorted(Path(services.__path__[0]).glob("*/schema"))}
VAULT = "person"
"""Its own tables hold what people said, sealed, and who read it: they are not tried. The runtime's tables in it are."""
_COLUMNS = """
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type,
        format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as base,
        array(
            select pg_get_expr(conbin, conrelid) from pg_constraint
            where contype = 'c' and conrelid = c.oid and conkey = array[a.attnum]
        ) as checks
    from pg_attribute a
        join pg_class c on c.oid = a.attrelid
        join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'p', 'm') and a.attnum > 0 and not a.attisdropped
        and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    order by c.relname, a.attnum
"""


@dataclass(frozen=True)
class Column:
    table: str
    name: str
    type: str
    base: str
    """What a domain is made of; else the type itself."""
    checks: list[str]
    """Expressions of the checks that are about this column alone."""

    @property
    def holds_text(self) -> bool:
        return self.base.removesuffix("[]") in {"text", "character varying", "character", "json", "jsonb", "xml"}

    def takes(self, text: str) -> list[Any]:
        """The ways in which it could hold the text."""
        if self.base.startswith("json"):
            return [text, [text], {"kind": text}, {text: 1}, {"kind": [{"of": {"name": text}}]}]
        return [[text], ["housing", text], [text, "housing"]] if self.base.endswith("[]") else [text]


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(url)
    try:
        await conn.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")
        yield conn
    finally:
        await conn.close()


async def _columns(conn: Connection) -> list[Column]:
    return [Column(**row) for row in await conn.fetch(_COLUMNS)]


async def leaks(conn: Connection, columns: list[Column]) -> list[str]:
    """One line for each column that takes free text, with what to do about it."""
    taken = [(column, await _taken(conn, column)) for column in columns if column.holds_text]
    return [
        f"{column.table}.{column.name} ({column.type}) takes {texts[0]!r}: give it one of the domains of"
        " shared/schema/0001_runtime.sql (code, ags, language_tag, coded ...), or a check that lists what it may hold"
        for column, texts in taken
        if texts
    ]


async def _taken(conn: Connection, column: Column) -> list[str]:
    return [text for text in FREE for value in column.takes(text) if await _passes(conn, column, value)]


async def _passes(conn: Connection, column: Column, value: Any) -> bool:
    checks = " and ".join(f"({check})" for check in column.checks) or "true"
    cast = f'select $1::{column.base}::{column.type} as "{column.name}"'
    look = f'select "{column.name}"::text is not null and {checks} from ({cast}) as row'  # noqa: S608 - of the catalogue
    try:
        return bool(await conn.fetchval(look, value))
    except asyncpg.CheckViolationError:
        return False


@pytest.mark.parametrize("name", SCHEMAS)
async def test_no_column_outside_the_vault_takes_free_text(new_database: NewDatabase, name: str) -> None:
    async with _connected(await new_database(None)) as conn:
        runtime = {column.table for column in await _columns(conn)}
    async with _connected(await new_database(SCHEMAS[name])) as conn:
        tried = [each for each in await _columns(conn) if name != VAULT or each.table in runtime]
        assert await leaks(conn, tried) == []


PLANTED: Mapping[str, str] = {
    "note": "text",
    "long": "text check (length(long) < 500)",
    "pair": "text check (pair is null or id is not null)",
    "tags": "text[] check (cardinality(tags) < 5)",
    "several": "text[] check ('housing' = any(several))",
    "extra": "jsonb check (jsonb_typeof(extra) = 'object')",
    "short": "varchar(20)",
}
SOUND: Mapping[str, str] = {
    "kind": "text check (kind in ('a', 'b'))",
    "what": "code not null",
    "topics": "text[] check (are_codes(topics))",
    "facts": "coded",
}


async def test_a_new_column_for_free_text_is_found_and_told_what_it_needs(new_database: NewDatabase) -> None:
    async with _connected(await new_database(None)) as conn:
        parts = ["id uuid", *(f'"{name}" {type_}' for name, type_ in {**PLANTED, **SOUND}.items())]
        await conn.execute(f"create table planted ({', '.join(parts)})")
        found = await leaks(conn, [each for each in await _columns(conn) if each.table == "planted"])
    assert [line.split()[0].removeprefix("planted.") for line in found] == list(PLANTED)
    assert "(text) takes 'Selam': give it one of the domains" in found[0]
