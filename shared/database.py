"""PostgreSQL: a pool, transactions that end by themselves, and schemas applied in order."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, TypeAlias

import asyncpg

RUNTIME_SCHEMA = Path(__file__).parent / "schema"
_MIGRATION_LOCK = 0x6B696D
_VERSIONS = """
    create table if not exists schema_version (
        name text primary key check (name ~ '^[a-z_]+/[0-9]{4}_[a-z0-9_]+[.]sql$')
    )
"""

Connection: TypeAlias = asyncpg.Connection
"""A connection inside a transaction (or a reader's), as commands, stores and handlers receive it."""


class _Stateless(asyncpg.Connection):  # type: ignore[misc]
    """A pooled connection that is used within transactions alone: nothing of a session is there to be reset."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


class Database:
    """A service's own database. Every transaction ends after `transaction_timeout` seconds, at the server."""

    def __init__(self, pool: Any) -> None:
        self.pool = pool

    @classmethod
    async def connect(
        cls, url: str, *, transaction_timeout: float = 10.0, most: int = 10, search_path: str = "public"
    ) -> Self:
        """Opens the pool. Raises OSError or asyncpg.PostgresError where the server is not there."""
        return cls(
            await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=most,
                connection_class=_Stateless,
                init=_set_codecs,
                command_timeout=transaction_timeout + 5,
                server_settings={
                    "transaction_timeout": f"{int(transaction_timeout * 1000)}ms",
                    "timezone": "UTC",
                    "search_path": search_path,
                    "jit": "off",
                },
            ),
        )

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.pool.acquire() as conn, conn.transaction():
            yield conn

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Connection]:
        """A connection for reading: one consistent snapshot, no writes."""
        async with self.pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
            yield conn

    async def answers(self) -> bool:
        """Whether the database answers within a second."""
        try:
            async with asyncio.timeout(1):
                await self.pool.fetchval("select 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def migrate(self, *folders: Path) -> None:
        """Applies the `*.sql` files of each folder that are not applied yet, in order, all or none."""
        async with self.transaction() as conn:
            await conn.execute("set local transaction_timeout = '120s'")
            await conn.execute("select pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
            await conn.execute(_VERSIONS)
            done = {row["name"] for row in await conn.fetch("select name from schema_version")}
            for path in (path for folder in folders for path in sorted(folder.glob("*.sql"))):
                name = f"{path.parent.parent.name}/{path.name}"
                if name not in done:
                    await conn.execute(path.read_text(encoding="utf-8"))
                    await conn.execute("insert into schema_version values ($1)", name)


async def _set_codecs(conn: Connection) -> None:
    await conn.set_type_codec("jsonb", encoder=_encode, decoder=json.loads, schema="pg_catalog")


def _encode(value: object) -> str:
    """JSON, with ids, dates and decimals as strings."""
    return json.dumps(value, default=str)
