"""Outside the vault every column is coded, an id, a time, a number, or ciphertext: by its type, or by its own check."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

import services
from shared.database import Connection
from shared.service import Service
from shared.settings import Settings
from tests.columns.catalogue import Column, columns, decode_json, takes
from tests.columns.classes import BY_TYPE, BYTES, CODED, RUNTIME_BYTES, VAULT
from tests.conftest import NewDatabase


def _schemas() -> dict[str, Path]:
    """Service -> folder of its schema, for every service that has a database."""
    settings = Settings.model_construct()
    names = sorted(app.parent.name for app in Path(services.__path__[0]).glob("*/app.py"))
    built: dict[str, Service] = {name: import_module(f"services.{name}.app").build(settings) for name in names}
    return {name: service.schema for name, service in built.items() if service.schema}


SCHEMAS = _schemas()


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Connection]:
    conn = await asyncpg.connect(url)
    try:
        await decode_json(conn)
        yield conn
    finally:
        await conn.close()


async def faults(conn: Connection, found: list[Column], reasons: Mapping[str, str]) -> list[str]:
    """What to do about each column that has no class."""
    return [fault for column in found if (fault := await _fault(conn, column, reasons))]


async def _fault(conn: Connection, column: Column, reasons: Mapping[str, str]) -> str | None:
    if column.is_enum or column.type in BY_TYPE or str(column) in reasons:
        return None
    if column.type in {"bytea", "bytea[]"}:
        return f"{column} is bytes: say in tests/columns/classes.py why nobody can read anything of a person in it"
    if column.type not in CODED:
        return f"{column} is of type {column.type}, of which tests/columns/classes.py knows no class"
    if not (taken := await takes(conn, column)):
        return None
    return (
        f"{column} ({column.type}) takes {taken[0]!r}: give it a check of its own, a list of its values or one of those"
        " in shared/schema/0001_runtime.sql (is_code, is_language, is_ags ... for text, are_codes ... for text[],"
        " is_coded for jsonb)"
    )


def test_every_service_with_a_database_is_looked_at() -> None:
    assert SCHEMAS.keys() == BYTES.keys() | VAULT.keys()


@pytest.mark.parametrize("name", SCHEMAS)
async def test_every_column_outside_the_vault_has_its_class(new_database: NewDatabase, name: str) -> None:
    async with _connected(await new_database(None)) as conn:
        runtime = {column.table for column in await columns(conn)}
    async with _connected(await new_database(SCHEMAS[name])) as conn:
        found = [column for column in await columns(conn) if name not in VAULT or column.table in runtime]
        assert await faults(conn, found, {**RUNTIME_BYTES, **BYTES.get(name, {})}) == []


@pytest.mark.parametrize("name", BYTES)
async def test_a_reason_is_given_for_bytes_that_there_are(new_database: NewDatabase, name: str) -> None:
    async with _connected(await new_database(SCHEMAS[name])) as conn:
        there = {str(column) for column in await columns(conn) if column.type.startswith("bytea")}
    assert RUNTIME_BYTES.keys() | BYTES[name].keys() == there


PLANTED = """
    create table planted (
        id uuid primary key,
        note text,
        long text check (length(long) < 500),
        pair text check (pair is null or id is not null),
        tags text[] check (cardinality(tags) < 5),
        several text[] check ('housing' = any(several)),
        extra jsonb check (jsonb_typeof(extra) = 'object'),
        secret bytea,
        place inet,
        kind text check (kind in ('a', 'b')),
        code varchar(20),
        good text[] check (are_codes(good)),
        json jsonb check (is_coded(json))
    )
"""


async def test_a_new_column_without_class_is_found_and_told_what_it_needs(new_database: NewDatabase) -> None:
    async with _connected(await new_database(None)) as conn:
        await conn.execute(PLANTED)
        found = [column for column in await columns(conn) if column.table == "planted"]
        told = {fault.split()[0]: fault for fault in await faults(conn, found, RUNTIME_BYTES)}
    assert [name.removeprefix("planted.") for name in told] == [
        *("note", "long", "pair", "tags", "several", "extra", "secret", "place", "code"),
    ]
    assert "takes 'Selam': give it a check" in told["planted.note"]
    assert "say in tests/columns/classes.py" in told["planted.secret"]


@pytest.mark.parametrize(
    ("check", "good"),
    [
        ("is_code", "employment-agency"),
        ("is_code", "scheduling.booking.interpreter_swapped.v1"),
        ("is_ags", "05170008"),
        ("is_language", "kmr"),
        ("is_language", "ar-SY"),
        ("is_language", "zh-Hant-TW"),
        ("is_hash", "0f" * 32),
        ("is_subject", "01a2b3c4-0000-7000-8000-000000000000"),
        ("is_subject", "kim.intake.v1/2/77"),
        ("is_topic", "kim.municipality.05170008.v1"),
        ("is_topic", "kim.interpreter.v1.dead.coordination"),
        ("is_fault", "ValueError at services.case.reactions:12"),
    ],
)
async def test_a_check_takes_what_is_coded(new_database: NewDatabase, check: str, good: str) -> None:
    async with _connected(await new_database(None)) as conn:
        assert await conn.fetchval(f"select {check}($1::text)", good)


async def test_coded_json_is_taken(new_database: NewDatabase) -> None:
    good = {
        "01a2b3c4-0000-7000-8000-000000000000": [{"language": "ar-SY", "level": "c1"}],
        "rule": "heinsberg@2024-01-01",
        "unit": "120_min",
        "amount": "25.00",
        "at": ["2026-01-01", "2026-01-01T09:00:00Z", "2026-01-01T09:00:00.123456+00:00", "09:00:00"],
        "nothing": None,
        "is": True,
        "hash": "0f" * 32,
    }
    async with _connected(await new_database(None)) as conn:
        assert await conn.fetchval("select is_coded($1)", good)
