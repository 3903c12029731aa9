"""All SQL of messages. A text is there as long as it helps whom it is for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.database import Connection


class Settled(StrEnum):
    """What became of a message."""

    SENT = "sent"
    REFUSED = "refused"
    """For good: by the mail server with a permanent code, or by Telegram."""
    TOO_LATE = "too_late"
    ON_PAGE = "on_page"
    """No channel leads to them: it is to be read on the participant's page."""
    NOT_CONSENTED = "not_consented"
    """The consent that it stood on was taken back, or was over, before it could be sent."""


class Channel(StrEnum):
    """By which a message goes."""

    EMAIL = "email"
    TELEGRAM = "telegram"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Due:
    id: UUID
    person_id: UUID
    kind: str
    content: bytes = field(repr=False)
    attempts: int


@dataclass(frozen=True, slots=True)
class Written:
    id: UUID
    person_id: UUID
    kind: str
    channel: Channel
    content: bytes = field(repr=False)
    made_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A message as the one whom it is for may see it."""

    id: UUID
    person_id: UUID
    kind: str
    channel: Channel
    content: bytes | None = field(repr=False)
    made_at: datetime
    settled: Settled | None
    settled_at: datetime | None


async def insert(conn: Connection, message: Written) -> None:
    await conn.execute(
        """
        insert into message
            (id, person_id, kind, channel, content, made_at, until, next_at, settled, settled_at)
        values
            ($1, $2, $3, $4, $5, $6, $7, $6,
            case $4 when 'page' then 'on_page' end, case $4 when 'page' then $6::timestamptz end)
        """,
        message.id, message.person_id, message.kind, message.channel, message.content, message.made_at, message.until,
    )  # fmt: skip


async def next_due(conn: Connection, channel: Channel, now: datetime) -> Due | None:
    """The one that is due the longest, locked; one that another process has locked is passed over."""
    row = await conn.fetchrow(
        """
        select id, person_id, kind, content, attempts from message
        where settled is null and channel = $2 and next_at <= $1 and until > $1
        order by next_at, id limit 1 for update skip locked
        """,
        now, channel,
    )  # fmt: skip
    return None if row is None else Due(**row)


async def is_of(conn: Connection, message_id: UUID, channel: Channel) -> bool:
    found: bool = await conn.fetchval(
        "select exists (select from message where id = $1 and channel = $2)", message_id, channel
    )
    return found


async def of_records(conn: Connection, person_ids: Collection[UUID]) -> list[Kept]:
    """The newest first."""
    rows = await conn.fetch(
        """
        select id, person_id, kind, channel, content, made_at, settled, settled_at from message
        where person_id = any($1) order by made_at desc, id desc
        """,
        list(person_ids),
    )
    return [
        Kept(**{**row, "channel": Channel(row["channel"]), "settled": row["settled"] and Settled(row["settled"])})
        for row in rows
    ]


async def waiting(conn: Connection, person_id: UUID) -> list[Due]:
    """Locked, in order; without what is being sent at this moment."""
    rows = await conn.fetch(
        """
        select id, person_id, kind, content, attempts from message
        where person_id = $1 and settled is null order by id for update skip locked
        """,
        person_id,
    )
    return [Due(**row) for row in rows]


async def readdress(conn: Connection, message_id: UUID, channel: Channel, content: bytes, now: datetime) -> None:
    """One that waits goes another way, or is to be read on the page alone."""
    await conn.execute(
        """
        update message set channel = $2, content = $3, attempts = 0, next_at = $4,
            settled = case $2 when 'page' then 'on_page' end,
            settled_at = case $2 when 'page' then $4::timestamptz end
        where id = $1
        """,
        message_id, channel, content, now,
    )  # fmt: skip


async def postpone(conn: Connection, message_id: UUID, next_at: datetime) -> None:
    await conn.execute(
        "update message set attempts = attempts + 1, next_at = $2 where id = $1 and settled is null",
        message_id, next_at,
    )  # fmt: skip


async def settle(conn: Connection, message_id: UUID, settled: Settled, now: datetime, secret: Collection[str]) -> None:
    """Once. `secret`: kinds whose text goes at once."""
    await conn.execute(
        """
        update message set settled = $2, settled_at = $3, content = case when kind <> all($4) then content end
        where id = $1 and settled is null
        """,
        message_id, settled, now, list(secret),
    )  # fmt: skip


async def settle_late(conn: Connection, now: datetime) -> int:
    """Messages that would help nobody any more are not sent, and no text of them is kept. Returns how many."""
    rows = await conn.fetch(
        """
        update message
        set settled = coalesce(settled, 'too_late'), settled_at = coalesce(settled_at, $1), content = null
        where content is not null and until <= $1 returning 1
        """,
        now,
    )
    return len(rows)


async def count(conn: Connection) -> dict[str, int]:
    """How many are `due`, and how many became what, by code."""
    rows = await conn.fetch("select coalesce(settled, 'due') as state, count(*) as n from message group by 1")
    return {row["state"]: row["n"] for row in rows}
