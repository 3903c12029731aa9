"""A database that was used is put back to what it held at first: 2 ms, where making another takes 50."""

from dataclasses import dataclass
from typing import Self

from asyncpg import Connection, Pool

_SHAPE = """
select md5(concat(
  (select string_agg(concat_ws(' ', relnamespace, oid, relname, relnatts, relchecks, relacl), ',' order by oid)
   from pg_class where relnamespace not in ('pg_catalog'::regnamespace, 'pg_toast'::regnamespace)),
  (select string_agg(concat_ws(' ', oid, tgenabled), ',' order by oid) from pg_trigger),
  (select count(*) from pg_proc), (select string_agg(setconfig::text, ',' order by setrole) from pg_db_role_setting)))
"""
_OTHERS = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
_COUNTERS = """
select coalesce(string_agg(format('select setval(%L, %s, false)', sequencename, start_value), '; '), '')
from pg_sequences where schemaname = 'public'
"""


@dataclass(frozen=True)
class First:
    """What a database was when nobody had used it yet."""

    shape: str
    emptying: str

    @classmethod
    async def of(cls, conn: Connection | Pool) -> Self:
        rows = await conn.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
        tables = [row["tablename"] for row in rows]
        seeds = [await _seed(conn, table) for table in tables]
        steps = (
            "begin; set local session_replication_role = replica",  # so that references do not tell the order
            *(f"delete from {table}" for table in tables),  # noqa: S608 - names from the catalogue
            *filter(None, seeds),
            await conn.fetchval(_COUNTERS),
            "commit",
        )
        return cls(await conn.fetchval(_SHAPE), "; ".join(filter(None, steps)))

    async def restore(self, conn: Connection, known: int = 0) -> bool:
        """Whether it is as it was at first: not where somebody has changed more than rows, or where there are others
        than the `known` connections beside this one.
        """
        if await conn.fetchval(_OTHERS) != known or await conn.fetchval(_SHAPE) != self.shape:
            return False
        await conn.execute(self.emptying)
        return True


async def _seed(conn: Connection | Pool, table: str) -> str | None:
    """What puts in the rows that the schema itself does."""
    rows = await conn.fetchval(f"select jsonb_agg(t)::text from {table} t")  # noqa: S608 - as above
    if rows is None:
        return None
    text = rows.replace("'", "''")
    source = f"jsonb_populate_recordset(null::{table}, '{text}')"
    return f"insert into {table} overriding system value select * from {source}"  # noqa: S608 - as above
