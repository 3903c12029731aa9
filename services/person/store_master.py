"""All SQL by which the vault's keys pass from one version of the master key to the next."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from services.person import crypto
from services.person.vault import Wrapped
from shared.database import Connection


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with wrapped keys: `key` names its row, `secret` is the column of the wrapped key."""

    table: str
    key: str
    secret: str
    type: str
    """Of `key`."""
    owner: Callable[[object], str]
    """To whom the wrapped key of a row is bound."""


@dataclass(frozen=True, slots=True)
class Row:
    key: object
    wrapped: Wrapped


def _conflict_owner(_: object) -> str:
    return crypto.CONFLICT_OWNER


def _pair_owner(key: object) -> str:
    return crypto.pair_owner(UUID(str(key)))


def _person_owner(key: object) -> str:
    return crypto.person_owner(UUID(str(key)))


KEPT = (
    Kept("conflict_key", "only_one", "secret", "boolean", _conflict_owner),
    Kept("sealing_key", "id", "private_key", "uuid", _pair_owner),
    Kept("interpreter_contact", "interpreter_id", "data_key", "uuid", _person_owner),
    Kept("person", "id", "data_key", "uuid", _person_owner),
)
"""Every table whose rows say by which version they are wrapped, the largest last."""


async def begin(conn: Connection, version: int) -> bool:
    """From its commit on everybody wraps with this version. False where that was so before."""
    row = await conn.fetchrow(
        "insert into master_key (version) values ($1) on conflict do nothing returning version", version
    )
    return row is not None


async def versions(conn: Connection) -> list[int]:
    """Those that wrap something, in order; the last one wraps what is new."""
    return [row["version"] for row in await conn.fetch("select version from master_key order by version")]


async def count(conn: Connection, kept: Kept, version: int) -> int:
    """How many rows have yet to pass to that version."""
    found: int = await conn.fetchval(f"select count(*) from {kept.table} where master_version < $1", version)  # noqa: S608
    return found


async def batch(conn: Connection, kept: Kept, version: int, after: object, most: int) -> list[Row]:
    """The next ones that have yet to pass, by `key`, locked; what others have locked is passed over."""
    rows = await conn.fetch(
        f"""
        select {kept.key} as key, {kept.secret} as secret, master_version from {kept.table}
        where master_version < $1 and {kept.secret} is not null and ($2::{kept.type} is null or {kept.key} > $2)
        order by {kept.key} limit $3 for no key update skip locked
        """,  # noqa: S608 - names of KEPT
        version, after, most,
    )  # fmt: skip
    return [Row(row["key"], Wrapped(row["secret"], row["master_version"])) for row in rows]


async def save(conn: Connection, kept: Kept, rows: Sequence[Row], version: int) -> None:
    """All of them wrapped by that version."""
    await conn.execute(
        f"""
        update {kept.table} set {kept.secret} = again.secret, master_version = $3
        from unnest($1::{kept.type}[], $2::bytea[]) as again (key, secret) where {kept.table}.{kept.key} = again.key
        """,  # noqa: S608 - names of KEPT
        [row.key for row in rows], [row.wrapped.secret for row in rows], version,
    )  # fmt: skip


async def pass_destroyed(conn: Connection, version: int) -> None:
    """Pairs without a private key have nothing to wrap: they hold no older version back."""
    await conn.execute(
        "update sealing_key set master_version = $1 where private_key is null and master_version < $1", version
    )


async def end_older(conn: Connection, version: int) -> bool:
    """Nobody wraps with an older version any more, ever. False, and nothing is changed, where one wraps something.

    Waits for those who are just using one (`key_store.master_version`).
    """
    try:
        async with conn.transaction():
            await conn.execute("delete from master_key where version < $1", version)
    except asyncpg.ForeignKeyViolationError:
        return False
    return True
