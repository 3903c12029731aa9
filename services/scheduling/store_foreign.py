"""Others' calendars in SQL: where they are, encrypted, and the times at which their owners are busy there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from asyncpg import Range

from services.scheduling.calendar_keys import CalendarKeys
from services.scheduling.spans import Span
from shared.database import Connection


class ForeignKind(StrEnum):
    ICS = "ics"
    """A file to be fetched."""
    CALDAV = "caldav"
    """A server to be asked when its owner is busy (RFC 4791, 7.10)."""


@dataclass(frozen=True, slots=True)
class Foreign:
    resource_id: UUID
    kind: ForeignKind
    address: str
    login: tuple[str, str] | None = None
    etag: str | None = None
    failures: int = 0
    read_at: datetime | None = None


class ForeignState(NamedTuple):
    kind: ForeignKind
    read_at: datetime | None
    fault: str | None


async def put(conn: Connection, foreign: Foreign, keys: CalendarKeys, due_at: datetime) -> None:
    """In place of the one there was; what that told stays until the new one is read."""
    owner = foreign.resource_id
    await conn.execute(
        """
        insert into foreign_calendar (resource_id, kind, address, login, due_at) values ($1, $2, $3, $4, $5)
        on conflict (resource_id) do update
        set kind = excluded.kind, address = excluded.address, login = excluded.login, due_at = excluded.due_at,
            etag = null, failures = 0, fault = null
        """,
        owner,
        foreign.kind,
        keys.lock(foreign.address, owner),
        keys.lock("\0".join(foreign.login), owner) if foreign.login else None,
        due_at,
    )


async def state(conn: Connection, resource_id: UUID) -> ForeignState | None:
    row = await conn.fetchrow("select kind, read_at, fault from foreign_calendar where resource_id = $1", resource_id)
    return ForeignState(ForeignKind(row["kind"]), row["read_at"], row["fault"]) if row else None


async def remove(conn: Connection, resource_id: UUID) -> bool:
    """With all that it told. Whether there was one."""
    found = await conn.fetchval("delete from foreign_calendar where resource_id = $1 returning true", resource_id)
    return bool(found)


async def claim(conn: Connection, keys: CalendarKeys, now: datetime, until: datetime) -> Foreign | None:
    """The next one that is due, postponed; one that others work on is left out. Raises Undecipherable."""
    row = await conn.fetchrow(
        """
        update foreign_calendar set due_at = $2, failures = failures + 1
        where resource_id = (
            select resource_id from foreign_calendar where due_at <= $1
            order by due_at limit 1 for update skip locked
        )
        returning *
        """,
        now,
        until,
    )
    if row is None:
        return None
    owner = row["resource_id"]
    user, _, password = keys.unlock(row["login"], owner).partition("\0") if row["login"] else ("", "", "")
    return Foreign(
        resource_id=owner,
        kind=ForeignKind(row["kind"]),
        address=keys.unlock(row["address"], owner),
        login=(user, password) if row["login"] else None,
        etag=keys.unlock(row["etag"], owner) if row["etag"] else None,
        failures=row["failures"],
        read_at=row["read_at"],
    )


async def unchanged(conn: Connection, foreign: Foreign) -> None:
    await conn.execute(
        "update foreign_calendar set failures = 0, fault = null where resource_id = $1", foreign.resource_id
    )


async def failed(conn: Connection, foreign: Foreign, fault: str, due_at: datetime) -> None:
    """What was known stays."""
    await conn.execute(
        "update foreign_calendar set fault = $2, due_at = $3 where resource_id = $1",
        foreign.resource_id,
        fault,
        due_at,
    )


async def learn(conn: Connection, foreign: Foreign, busy: Iterable[Span], keys: CalendarKeys, now: datetime) -> None:
    """Replaces the times, and the entity tag, unless the calendar was removed meanwhile, or is another one."""
    owner = foreign.resource_id
    row = await conn.fetchrow("select address from foreign_calendar where resource_id = $1 for update", owner)
    if row is None or keys.unlock(row["address"], owner) != foreign.address:
        return
    await conn.execute(
        """
        update foreign_calendar set failures = 0, fault = null, read_at = $2, etag = $3 where resource_id = $1
        """,
        owner,
        now,
        keys.lock(foreign.etag, owner) if foreign.etag else None,
    )
    await conn.execute("delete from foreign_busy where resource_id = $1", owner)
    await conn.executemany("insert into foreign_busy values ($1, $2)", [(owner, Range(*span)) for span in busy])
