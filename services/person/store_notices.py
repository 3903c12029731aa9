"""SQL of interpreters' contacts, and of the offers of which they are still to be told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.person.vault import Locked, Wrapped
from shared.database import Connection


class Settled(StrEnum):
    """What became of a notice."""

    SENT = "sent"
    REFUSED = "refused"
    """For good: by the mail server."""
    TOO_LATE = "too_late"
    NO_WAY = "no_way"
    """No address is known of that interpreter."""
    OVER = "over"
    """The offer was answered or taken back before."""


@dataclass(frozen=True, slots=True)
class Notice:
    offer_id: UUID
    interpreter_id: UUID
    until: datetime
    attempts: int


async def put_contact(conn: Connection, interpreter_id: UUID, locked: Locked) -> None:
    await conn.execute(
        """
        insert into interpreter_contact (interpreter_id, data_key, master_version, contact) values ($1, $2, $3, $4)
        on conflict (interpreter_id) do update set data_key = excluded.data_key,
            master_version = excluded.master_version, contact = excluded.contact
        """,
        *(interpreter_id, locked.data_key.secret, locked.data_key.master_version, locked.contact),
    )


async def delete_contact(conn: Connection, interpreter_id: UUID) -> None:
    await conn.execute("delete from interpreter_contact where interpreter_id = $1", interpreter_id)


async def with_contact(conn: Connection) -> list[UUID]:
    """The interpreters of whom there is one, in order of their ids."""
    rows = await conn.fetch("select interpreter_id from interpreter_contact order by interpreter_id")
    return [row["interpreter_id"] for row in rows]


async def contact(conn: Connection, interpreter_id: UUID) -> Locked | None:
    row = await conn.fetchrow(
        "select data_key, master_version, contact from interpreter_contact where interpreter_id = $1", interpreter_id
    )
    return Locked(Wrapped(row["data_key"], row["master_version"]), row["contact"]) if row else None


async def insert(conn: Connection, notice: Notice, enquiry_id: UUID, now: datetime) -> None:
    await conn.execute(
        "insert into offer_notice (offer_id, interpreter_id, enquiry_id, until, next_at) values ($1, $2, $3, $4, $5)",
        *(notice.offer_id, notice.interpreter_id, enquiry_id, notice.until, now),
    )


async def next_due(conn: Connection, now: datetime) -> Notice | None:
    """The one that is due the longest, locked; one that another process has locked is passed over."""
    row = await conn.fetchrow(
        """
        select offer_id, interpreter_id, until, attempts from offer_notice where settled is null and next_at <= $1
        order by next_at, offer_id limit 1 for update skip locked
        """,
        now,
    )
    return None if row is None else Notice(**row)


async def postpone(conn: Connection, offer_id: UUID, next_at: datetime) -> None:
    await conn.execute(
        "update offer_notice set attempts = attempts + 1, next_at = $2 where offer_id = $1 and settled is null",
        *(offer_id, next_at),
    )


async def settle(conn: Connection, offer_id: UUID, settled: Settled) -> None:
    """What is settled stays so."""
    await conn.execute(
        "update offer_notice set settled = $2 where offer_id = $1 and settled is null", offer_id, settled
    )
