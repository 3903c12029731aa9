"""Calendars in SQL: resources, their hours and absences, and the busy time that only this service writes.

Lock resources before touching their reservations, and all of them at once: then nobody waits in a circle.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from asyncpg import Range

from services.scheduling.slots import Busy, Calendar
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.database import Connection
from shared.ids import new_id


class Kind(StrEnum):
    CASE_MANAGER = "case_manager"
    INTERPRETER = "interpreter"
    ROOM = "room"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class Resource:
    id: UUID
    kind: Kind
    ags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    active: bool = True
    windows: tuple[Window, ...] = field(default=(), compare=False)
    absences: tuple[Span, ...] = field(default=(), compare=False)


async def kind_of(conn: Connection, resource_id: UUID) -> Kind | None:
    """None where there is no such resource."""
    found = await conn.fetchval("select kind from resource where id = $1", resource_id)
    return Kind(found) if found else None


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
    await conn.execute("delete from absence where resource_id = $1", resource.id)
    await conn.executemany(
        "insert into absence values ($1, $2)",
        [(resource.id, Range(*absence)) for absence in resource.absences],
    )


async def add_client(conn: Connection, client_id: UUID) -> None:
    await conn.execute("insert into resource (id, kind) values ($1, 'client') on conflict do nothing", client_id)


async def learn_profile(conn: Connection, interpreter: Resource, as_of: datetime) -> None:
    """Replaces the interpreter's profile, unless what is known is from a later time."""
    await conn.execute(
        """
        insert into resource (id, kind, ags, languages, active, profile_as_of)
        values ($1, 'interpreter', $2, $3, $4, $5)
        on conflict (id) do update
        set ags = excluded.ags, languages = excluded.languages, active = excluded.active,
            profile_as_of = excluded.profile_as_of
        where resource.kind = 'interpreter'
            and (resource.profile_as_of is null or resource.profile_as_of <= excluded.profile_as_of)
        """,
        interpreter.id,
        interpreter.ags,
        interpreter.languages,
        interpreter.active,
        as_of,
    )


async def learn_windows(conn: Connection, interpreter_id: UUID, windows: Iterable[Window], as_of: datetime) -> None:
    """Replaces the interpreter's weekly hours, unless what is known is from a later time.

    An interpreter whose profile has not come yet is nobody's candidate until it does.
    """
    newer = await conn.fetchval(
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
    if newer:
        await _replace_windows(conn, interpreter_id, windows)


async def rooms_in(conn: Connection, ags: str) -> list[UUID]:
    rows = await conn.fetch(
        "select id from resource where kind = 'room' and active and $1 = any(ags) order by id",
        ags,
    )
    return [row["id"] for row in rows]


async def interpreters_in(conn: Connection, ags: str) -> dict[UUID, frozenset[str]]:
    """Those who serve the municipality, and the languages that each speaks."""
    rows = await conn.fetch(
        """
        select id, languages from resource
        where kind = 'interpreter' and active and $1 = any(ags) order by id
        """,
        ags,
    )
    return {row["id"]: frozenset(row["languages"]) for row in rows}


async def calendars(conn: Connection, ids: Collection[UUID], now: datetime) -> dict[UUID, Calendar]:
    """Calendars as they are at `now`: an expired hold is no busy time. An unknown resource is never there."""
    kinds = await _by_resource(conn, "select id as resource_id, kind from resource where id = any($1)", ids)
    windows = await _by_resource(conn, "select * from availability_window where resource_id = any($1)", ids)
    absences = await _by_resource(conn, "select * from absence where resource_id = any($1)", ids)
    busy = await _by_resource(
        conn,
        """
        select resource_id, during, place from reservation
        where resource_id = any($1) and upper(during) > $2
            and (state = 'confirmed' or state = 'held' and expires_at > $2)
        """,
        ids,
        now,
    )
    return {
        id: Calendar(
            resource_id=id,
            windows=None if _is_client(kinds[id]) else tuple(map(_window, windows[id])),
            absences=tuple(_span(row["during"]) for row in absences[id]),
            busy=tuple(Busy(_span(row["during"]), row["place"]) for row in busy[id]),
        )
        for id in ids
    }


async def lock(conn: Connection, ids: Collection[UUID], now: datetime) -> None:
    """Locks the resources, in the order of their ids, and releases the expired holds on them."""
    await conn.execute("select from resource where id = any($1) order by id for update", ids)
    await conn.execute(
        """
        update reservation set state = 'released'
        where resource_id = any($1) and state = 'held' and expires_at <= $2
        """,
        ids,
        now,
    )


async def hold(conn: Connection, booking_id: UUID, ids: Collection[UUID], busy: Busy, until: datetime) -> None:
    """All or none, until `until`. The resources must be locked.

    Raises asyncpg.ExclusionViolationError (23P01) where one of them is busy.
    """
    await conn.executemany(
        """
        insert into reservation (id, resource_id, booking_id, during, place, state, expires_at)
        values ($1, $2, $3, $4, $5, 'held', $6)
        """,
        [(new_id(), id, booking_id, Range(*busy.span), busy.place, until) for id in sorted(ids)],
    )


async def reserved_by(conn: Connection, booking_id: UUID) -> list[UUID]:
    """The resources that the booking holds or has confirmed, expired or not."""
    rows = await conn.fetch(
        """
        select resource_id from reservation
        where booking_id = $1 and state in ('held', 'confirmed') order by resource_id
        """,
        booking_id,
    )
    return [row["resource_id"] for row in rows]


async def prolong(conn: Connection, booking_id: UUID, until: datetime) -> None:
    await conn.execute(
        "update reservation set expires_at = $2 where booking_id = $1 and state = 'held'",
        booking_id,
        until,
    )


async def confirm(conn: Connection, booking_id: UUID) -> None:
    await conn.execute(
        "update reservation set state = 'confirmed', expires_at = null where booking_id = $1 and state = 'held'",
        booking_id,
    )


async def release(conn: Connection, booking_id: UUID, ids: Collection[UUID]) -> None:
    """What the booking has of these resources."""
    await conn.execute(
        """
        update reservation set state = 'released'
        where booking_id = $1 and state <> 'released' and resource_id = any($2)
        """,
        booking_id,
        ids,
    )


async def agenda(conn: Connection, resource_id: UUID, within: Span, now: datetime) -> list[Mapping[str, Any]]:
    """What the resource is reserved for in that span, in order of time: booking_id, during, state, mode, ags."""
    rows: list[Mapping[str, Any]] = await conn.fetch(
        """
        select booking_id, lower(during) as starts_at, upper(during) as ends_at, reservation.state, mode, ags
        from reservation join booking on booking.id = booking_id
        where resource_id = $1 and during && $2
            and (reservation.state = 'confirmed' or reservation.state = 'held' and reservation.expires_at > $3)
        order by during
        """,
        resource_id,
        Range(*within),
        now,
    )
    return rows


async def _replace_windows(conn: Connection, resource_id: UUID, windows: Iterable[Window]) -> None:
    await conn.execute("delete from availability_window where resource_id = $1", resource_id)
    await conn.executemany(
        "insert into availability_window values ($1, $2, $3, $4)",
        [(resource_id, window.weekday, window.starts, window.ends) for window in windows],
    )


async def _by_resource(conn: Connection, query: str, *values: object) -> dict[UUID, list[Mapping[str, Any]]]:
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await conn.fetch(query, *values):
        found[row["resource_id"]].append(row)
    return found


def _is_client(rows: Collection[Mapping[str, Any]]) -> bool:
    return any(row["kind"] == Kind.CLIENT for row in rows)


def _window(row: Mapping[str, Any]) -> Window:
    return Window(row["weekday"], row["starts"], row["ends"])


def _span(during: Range) -> Span:
    return Span(during.lower, during.upper)
