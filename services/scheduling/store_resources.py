"""Resources in SQL, with their weekly hours and absences."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from asyncpg import Range

from services.scheduling import store_lead_times, store_rules
from services.scheduling.pool import Pool
from services.scheduling.resources import Kind, Resource
from services.scheduling.rules import Rule
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.database import Connection


async def kind_of(conn: Connection, resource_id: UUID) -> Kind | None:
    """None where there is no such resource."""
    found = await conn.fetchval("select kind from resource where id = $1", resource_id)
    return Kind(found) if found else None


async def lock(conn: Connection, resource_id: UUID) -> None:
    """Until the transaction ends."""
    await conn.execute("select from resource where id = $1 for update", resource_id)


async def put(conn: Connection, resource: Resource) -> None:
    """The whole of it replaces what was stored, reservations apart."""
    await conn.execute(
        """
        insert into resource (id, kind, ags, languages, active) values ($1, $2, $3, $4, $5)
        on conflict (id) do update
        set ags = excluded.ags, languages = excluded.languages, active = excluded.active
        """,
        resource.id,
        resource.kind,
        resource.ags,
        resource.languages,
        resource.active,
    )
    await _replace_windows(conn, resource.id, resource.windows)
    await store_rules.replace(conn, resource.id, resource.rules)
    await replace_absences(conn, resource.id, resource.absences)


async def add_client(conn: Connection, client_id: UUID) -> None:
    await conn.execute("insert into resource (id, kind) values ($1, 'client') on conflict do nothing", client_id)


async def learn_profile(conn: Connection, interpreter: Resource, as_of: datetime) -> None:
    """Replaces the interpreter's profile, unless what is known is from a later time."""
    await conn.execute(
        """
        insert into resource (id, kind, ags, languages, active, profile_as_of, stands_in_for)
        values ($1, 'interpreter', $2, $3, $4, $5, $6)
        on conflict (id) do update
        set ags = excluded.ags, languages = excluded.languages, active = excluded.active,
            stands_in_for = excluded.stands_in_for, profile_as_of = excluded.profile_as_of
        where resource.kind = 'interpreter'
            and (resource.profile_as_of is null or resource.profile_as_of <= excluded.profile_as_of)
        """,
        interpreter.id,
        interpreter.ags,
        interpreter.languages,
        interpreter.active,
        as_of,
        interpreter.stands_in_for,
    )


async def learn_windows(
    conn: Connection, interpreter_id: UUID, windows: Iterable[Window], as_of: datetime, rules: Iterable[Rule] = ()
) -> bool:
    """Replaces the interpreter's hours, weekly and other, unless what is known is from a later time: then False.

    An interpreter whose profile has not come yet is nobody's candidate until it does.
    """
    newer = bool(
        await conn.fetchval(
            """
        insert into resource (id, kind, active, availability_as_of) values ($1, 'interpreter', false, $2)
        on conflict (id) do update set availability_as_of = excluded.availability_as_of
        where resource.kind = 'interpreter'
            and (resource.availability_as_of is null or resource.availability_as_of <= excluded.availability_as_of)
        returning true
        """,
            interpreter_id,
            as_of,
        )
    )
    if newer:
        await _replace_windows(conn, interpreter_id, windows)
        await store_rules.replace(conn, interpreter_id, rules)
    return newer


async def replace_absences(conn: Connection, resource_id: UUID, absences: Iterable[Span]) -> None:
    """All of them, in place of what was known."""
    await conn.execute("delete from absence where resource_id = $1", resource_id)
    await conn.executemany(
        "insert into absence values ($1, $2)", [(resource_id, Range(*absence)) for absence in absences]
    )


async def take_over_rebuilt(conn: Connection) -> None:
    """What the log tells of interpreters, in the schema `rebuild`, replaces what was known of them.

    One of whom it tells nothing is nobody's candidate any more; the row stays, since there may be reservations.
    """
    await conn.execute(
        """
        update public.resource set active = false, languages = '{}', stands_in_for = '{}', ags = '{}',
            profile_as_of = null, availability_as_of = null
        where kind = 'interpreter' and id not in (select id from rebuild.resource)
        """
    )
    await conn.execute(
        """
        insert into public.resource select * from rebuild.resource
        on conflict (id) do update
        set ags = excluded.ags, languages = excluded.languages, active = excluded.active,
            stands_in_for = excluded.stands_in_for, profile_as_of = excluded.profile_as_of,
            availability_as_of = excluded.availability_as_of
        where resource.kind = 'interpreter'
        """
    )
    await conn.execute(
        """
        delete from public.availability_window
        where resource_id in (select id from public.resource where kind = 'interpreter')
        """
    )
    await conn.execute("insert into public.availability_window select * from rebuild.availability_window")
    await conn.execute(
        "delete from public.absence where resource_id in (select id from public.resource where kind = 'interpreter')"
    )
    await conn.execute("insert into public.absence select * from rebuild.absence")
    await store_rules.take_over_rebuilt(conn)
    await store_lead_times.take_over_rebuilt(conn)


async def rooms_in(conn: Connection, ags: str) -> list[UUID]:
    rows = await conn.fetch(
        "select id from resource where kind = 'room' and active and $1 = any(ags) order by id",
        ags,
    )
    return [row["id"] for row in rows]


async def with_rooms(conn: Connection) -> list[str]:
    """The municipalities, by AGS, that have rooms."""
    rows = await conn.fetch(
        "select distinct unnest(ags) as ags from resource where kind = 'room' and active order by 1"
    )
    return [row["ags"] for row in rows]


async def case_managers_in(conn: Connection, ags: str) -> list[UUID]:
    """Who may have cases of the municipality, as an administrator told."""
    rows = await conn.fetch(
        "select id from resource where kind = 'case_manager' and active and $1 = any(ags) order by id", ags
    )
    return [row["id"] for row in rows]


async def interpreters_in(conn: Connection, ags: str | None, languages: Collection[str]) -> Pool:
    """Those who serve the municipality, and who of them could interpret one of the languages.

    None: wherever they work, as by phone all can be had.
    """
    rows = await conn.fetch(
        """
        select id, languages && $2 as speaks, stands_in_for && $2 as stands_in from resource
        where kind = 'interpreter' and active and ($1::text is null or $1 = any(ags)) order by id
        """,
        *(ags, languages),
    )
    return Pool(
        tuple(row["id"] for row in rows),
        frozenset(row["id"] for row in rows if row["speaks"]),
        frozenset(row["id"] for row in rows if row["stands_in"]),
    )


async def _replace_windows(conn: Connection, resource_id: UUID, windows: Iterable[Window]) -> None:
    await conn.execute("delete from availability_window where resource_id = $1", resource_id)
    await conn.executemany(
        "insert into availability_window values ($1, $2, $3, $4)",
        [(resource_id, window.weekday, window.starts, window.ends) for window in windows],
    )
