"""Calendars in SQL, as the search reads them: hours, absences and busy time."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, time
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Range

from services.scheduling import store_rules as rules
from services.scheduling.calendars import Busy, Calendar
from services.scheduling.resources import Kind, Resource
from services.scheduling.spans import Span, merge
from services.scheduling.windows import Window
from shared.database import Connection
from shared.errors import NotFound
from shared.travel import FARTHEST


class Near(NamedTuple):
    """Busy times that matter for these spans: those that overlap, and at other places those within travelling time."""

    spans: Iterable[Span] | None
    """None: all."""
    place: str | None

    @property
    def ranges(self) -> tuple[list[Range] | None, list[Range] | None, str | None]:
        """As multiranges: with the time to get there and away, and without; and the place."""
        if self.spans is None:
            return None, None, None
        exact = merge(self.spans)
        return (
            _multirange(Span(starts - FARTHEST.time, ends + FARTHEST.time) for starts, ends in exact),
            _multirange(exact),
            self.place,
        )


_EVERYTHING = Near(None, None)


async def calendars(
    conn: Connection, ids: Collection[UUID], now: datetime, near: Near | None = None, but: UUID | None = None
) -> dict[UUID, Calendar]:
    """Calendars as they are at `now`: an expired hold is no busy time. An unknown resource is never there.

    `near`: of busy times, only those that matter for these spans are read; None: all that are not over. `but`: what
    this booking has reserved does not count, since it gives way.
    """
    kinds = await _by_resource(conn, "select id as resource_id, kind from resource where id = any($1)", ids)
    windows = await _by_resource(conn, "select * from availability_window where resource_id = any($1)", ids)
    recurring = await rules.of(conn, ids)
    absences = await _by_resource(
        conn,
        """
        select resource_id, during from absence where resource_id = any($1)
        union all select resource_id, during from foreign_busy where resource_id = any($1)
        """,
        ids,
    )
    busy = await _by_resource(
        conn,
        """
        select resource_id, lower(during) as starts, upper(during) as ends, place from reservation
        where resource_id = any($1) and upper(during) > $2
            and (state = 'confirmed' or state = 'held' and expires_at > $2)
            and ($3::tstzmultirange is null or during && $3 and (during && $4::tstzmultirange or place <> $5))
            and ($6::uuid is null or booking_id <> $6)
        """,
        ids,
        now,
        *(near or _EVERYTHING).ranges,
        but,
    )
    return {
        id: Calendar(
            resource_id=id,
            windows=None if _is_client(kinds[id]) else tuple(map(_window, windows[id])),
            absences=tuple(_span(row["during"]) for row in absences[id]),
            busy=tuple(Busy(Span(row["starts"], row["ends"]), row["place"]) for row in busy[id]),
            rules=recurring.get(id, ()),
        )
        for id in ids
    }


async def resource(conn: Connection, resource_id: UUID) -> Resource:
    """With all of its hours and absences. Raises NotFound; a client's calendar is nobody's to see."""
    row = await conn.fetchrow("select * from resource where id = $1 and kind <> 'client'", resource_id)
    if row is None:
        raise NotFound
    windows = await conn.fetch("select * from availability_window where resource_id = $1 order by 2, 3", resource_id)
    absences = await conn.fetch("select * from absence where resource_id = $1 order by during", resource_id)
    return Resource(
        id=resource_id,
        kind=Kind(row["kind"]),
        ags=tuple(row["ags"]),
        languages=tuple(row["languages"]),
        active=row["active"],
        windows=tuple(map(_window, windows)),
        absences=tuple(_span(row["during"]) for row in absences),
        rules=(await rules.of(conn, [resource_id])).get(resource_id, ()),
    )


async def agenda(conn: Connection, resource_id: UUID, within: Span, now: datetime) -> list[Mapping[str, Any]]:
    """What the resource is reserved for in that span, in order of time: the talk's whole time, state, mode, ags."""
    rows: list[Mapping[str, Any]] = await conn.fetch(
        """
        select reservation.booking_id, coalesce(slot.starts_at, lower(during)) as starts_at,
            coalesce(slot.ends_at, upper(during)) as ends_at, reservation.state, mode, ags
        from reservation join booking on booking.id = booking_id
        left join proposed_slot slot on slot.id = booking.slot_id
        where resource_id = $1 and during && $2
            and (reservation.state = 'confirmed' or reservation.state = 'held' and reservation.expires_at > $3)
        order by during
        """,
        resource_id,
        Range(*within),
        now,
    )
    return rows


async def _by_resource(conn: Connection, query: str, *values: object) -> dict[UUID, list[Mapping[str, Any]]]:
    found: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await conn.fetch(query, *values):
        found[row["resource_id"]].append(row)
    return found


def _multirange(spans: Iterable[Span]) -> list[Range]:
    return [Range(*span) for span in merge(spans)]


def _is_client(rows: Collection[Mapping[str, Any]]) -> bool:
    return any(row["kind"] == Kind.CLIENT for row in rows)


def _window(row: Mapping[str, Any]) -> Window:
    return _known_window(row["weekday"], row["starts"], row["ends"])


@lru_cache(maxsize=4096)
def _known_window(weekday: int, starts: time, ends: time) -> Window:
    """Offices have few hours that differ."""
    return Window(weekday, starts, ends)


def _span(during: Range) -> Span:
    return Span(during.lower, during.upper)
