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

    async def rows(self) -> dict[str, str]:
        """Table -> all its rows as text, a line each, in an order of their own."""
        return dict(await self.db.pool.fetch(" union all ".join(map(_rows, self.names))))


def _rows(name: str) -> str:
    rows = "coalesce(string_agg(t::text, e'\\n' order by t::text), '')"
    return f"select '{name}' as name, {rows} as rows from {name} t"  # noqa: S608 -- a name from the catalogue
