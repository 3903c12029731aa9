"""The schema `rebuild`: the log as it was read, an inbox generation, shadows of a read model's tables. All its SQL.

A connection whose search path is `SEARCH_PATH` writes to the shadows and reads everything else from the service's
tables. Its outbox refuses every row. What is public changes in the swap alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from shared import deadletters, outbox
from shared.database import Connection
from shared.inbox import Incoming

SEARCH_PATH = "rebuild, public"
NO_APPENDS = "a_rebuild_appends_nothing"
_LOCK = 0x72656275696C64
_STAGING = """
    create schema if not exists rebuild;
    create table if not exists rebuild.position (
        topic text,
        partition integer,
        next_offset bigint not null,
        live_offset bigint not null default 0,  -- up to where the service has read
        primary key (topic, partition)
    );
    create table if not exists rebuild.staged (
        event_id uuid primary key,
        topic text not null,
        partition integer not null,
        log_offset bigint not null,
        type text not null,
        subject text not null,
        headers bytea[] not null,
        value bytea not null,
        ready boolean not null                  -- the service has handled it, so the rebuild may
    );
    create index if not exists staged_of on rebuild.staged (topic, subject);
    create table if not exists rebuild.redacted (event_id uuid primary key);
    drop table if exists rebuild.inbox, rebuild.outbox;
    create table rebuild.inbox (like public.inbox including all);
    create table rebuild.outbox (like public.outbox including identity);
"""


async def take_lock(conn: Connection) -> bool:
    """Whether this session is the one that rebuilds, until it ends."""
    return bool(await conn.fetchval("select pg_try_advisory_lock($1)", _LOCK))


async def release_lock(conn: Connection) -> None:
    await conn.execute("select pg_advisory_unlock($1)", _LOCK)


async def prepare(conn: Connection, tables: Iterable[str]) -> None:
    """Empty shadows. What an earlier start has read of the log is still good."""
    await conn.execute(_STAGING)
    await _run(conn, "alter table rebuild.outbox add constraint %1$I check (false)", NO_APPENDS)
    for table in tables:
        await _run(conn, "drop table if exists rebuild.%1$I", table)
        await _run(conn, "create table rebuild.%1$I (like public.%1$I including all)", table)
    await conn.execute("update rebuild.staged set ready = false where ready")


async def clear(conn: Connection, tables: Iterable[str]) -> None:
    """Begins anew with what was read of the log."""
    for table in ("inbox", *tables):
        await _run(conn, "truncate rebuild.%1$I", table)


async def drop(conn: Connection) -> None:
    await conn.execute("drop schema rebuild cascade")


# The log


async def positions(conn: Connection) -> dict[tuple[str, int], int]:
    """(topic, partition) -> offset at which reading goes on."""
    rows = await conn.fetch("select topic, partition, next_offset from rebuild.position")
    return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def stage(conn: Connection, events: Sequence[Incoming]) -> None:
    """Keeps events that are wanted. A copy of one that is there, or that was redacted, is left out."""
    await conn.executemany(
        """
        insert into rebuild.staged
        select $1, $2, $3, $4, $5, $6, $7, $8, false
        where not exists (select from rebuild.redacted where event_id = $1) on conflict do nothing
        """,
        [
            (e.event_id, e.topic, e.partition, e.offset, e.type, e.subject, outbox.flat(e.headers), e.value)
            for e in events
        ],
    )


async def strike_out(conn: Connection, event_ids: Sequence[UUID]) -> None:
    """Redacted events: gone, and not to come back with a late copy."""
    await conn.execute(
        "insert into rebuild.redacted select unnest($1::uuid[]) on conflict do nothing",
        event_ids,
    )
    await conn.execute("delete from rebuild.staged where event_id = any($1)", event_ids)


async def go_on_at(conn: Connection, topic: str, partition: int, next_offset: int) -> None:
    await conn.execute(
        """
        insert into rebuild.position (topic, partition, next_offset) values ($1, $2, $3)
        on conflict (topic, partition) do update set next_offset = excluded.next_offset
        """,
        topic,
        partition,
        next_offset,
    )


async def note_committed(conn: Connection, offsets: Mapping[tuple[str, int], int]) -> None:
    """Up to where the service's own group has read: what it passed over is as good as handled."""
    await conn.executemany(
        "update rebuild.position set live_offset = $3 where topic = $1 and partition = $2",
        [(topic, partition, offset) for (topic, partition), offset in offsets.items()],
    )


# Handling


async def make_ready(conn: Connection) -> int:
    """Of what was read, all becomes ready that the service has handled. Returns how many are ready and wait.

    In one statement, and so in one snapshot: of an aggregate always a first part becomes ready. What is parked waits
    for its replay; what an operator dropped stays dropped.
    """
    await conn.execute(
        """
        update rebuild.staged as event set ready = true
        where not ready and (
            exists (select from public.inbox where event_id = event.event_id)
            or log_offset < (
                select live_offset from rebuild.position as at
                where (at.topic, at.partition) = (event.topic, event.partition)
            )
        )
        and not exists (select from public.parked where event_id = event.event_id)
        and not exists (select from public.rejected where event_id = event.event_id and code = $1)
        """,
        deadletters.DROPPED,
    )
    waiting: int = await conn.fetchval(
        """
        select count(*) from rebuild.staged as event
        where ready and not exists (select from rebuild.inbox where event_id = event.event_id)
        """
    )
    return waiting


async def next_ready(conn: Connection, after: UUID, limit: int) -> list[Incoming]:
    """Ready and not handled, by event id: per aggregate that is the order in which they were published (ADR 0005)."""
    rows = await conn.fetch(
        """
        select * from rebuild.staged as event
        where ready and event_id > $1 and not exists (select from rebuild.inbox where event_id = event.event_id)
        order by event_id limit $2
        """,
        after,
        limit,
    )
    return [_incoming(row) for row in rows]


async def written_elsewhere(conn: Connection) -> str | None:
    """A table outside the schema to which this transaction has written, None where there is none."""
    found: str | None = await conn.fetchval(
        """
        select relname from pg_stat_xact_user_tables
        where schemaname <> 'rebuild' and n_tup_ins + n_tup_upd + n_tup_del > 0 limit 1
        """
    )
    return found


async def erasures(conn: Connection) -> int:
    """How many enquiries the service has erased: one more, and what was rebuilt may hold what is erased."""
    count: int = await conn.fetchval("select count(*) from public.forgotten")
    return count


async def is_stale(conn: Connection, erasures_before: int) -> bool:
    """Whether something was handled that was redacted since, or before one that comes earlier, or is erased."""
    return bool(
        await conn.fetchval(
            """
            select exists (select from rebuild.inbox join rebuild.redacted using (event_id))
            or exists (
                select from rebuild.staged as late
                join rebuild.staged as done using (topic, subject)
                join rebuild.inbox as mark on mark.event_id = done.event_id
                where late.ready and late.event_id < done.event_id
                and not exists (select from rebuild.inbox where event_id = late.event_id)
            )
            or (select count(*) from public.forgotten) <> $1
            """,
            erasures_before,
        )
    )


# The swap


async def keep_others_out(conn: Connection, tables: Iterable[str]) -> None:
    """Until the end of the transaction nobody handles an event, replays one, or writes to the tables; all may read."""
    for table in ("inbox", "parked", *sorted(tables)):
        await _run(conn, "lock table public.%1$I in share row exclusive mode", table)


async def replace(conn: Connection, table: str) -> None:
    await _run(conn, "delete from public.%1$I", table)
    await _run(conn, "insert into public.%1$I select * from rebuild.%1$I", table)


async def _run(conn: Connection, template: str, name: str) -> None:
    """Names cannot be parameters of these statements: `format` quotes them."""
    await conn.execute(await conn.fetchval("select format($1, $2::text)", template, name))


def _incoming(row: Mapping[str, Any]) -> Incoming:
    headers = outbox.paired(row["headers"])
    return Incoming(
        row["topic"], row["partition"], row["log_offset"], row["event_id"], row["type"], row["subject"], headers,
        row["value"],
    )  # fmt: skip
