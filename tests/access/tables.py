"""All that a database holds, so that a test can say that nothing of it changed."""

from dataclasses import dataclass
from typing import Self

from shared.database import Database
from tests.emptying import First


@dataclass(frozen=True)
class Tables:
    db: Database
    names: list[str]
    first: First

    @classmethod
    async def of(cls, db: Database) -> Self:
        """Of a database that nobody has used yet."""
        rows = await db.pool.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        return cls(db, [row["tablename"] for row in rows], await First.of(db.pool))

    async def empty(self) -> None:
        """As they were at first."""
        await self.db.pool.execute(self.first.emptying)

    async def digest(self) -> dict[str, str]:
        """Table -> hash of all its rows."""
        rows = await self.db.pool.fetch(" union all ".join(map(_hashed, self.names)))
        return {row["name"]: row["hash"] for row in rows}


def _hashed(name: str) -> str:
    hashed = "md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
    return f"select '{name}' as name, {hashed} as hash from {name} t"  # noqa: S608 -- a name from the catalogue
