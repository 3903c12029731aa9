"""The access log of cases in SQL."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.database import Connection
from shared.ids import new_id

ONE_READING = timedelta(minutes=1)
"""What is read again within it, by the same and for the same, is one reading."""


class Access(NamedTuple):
    """Codes alone: `who` is the subject of a token."""

    who: str
    role: str
    what: str
    why: str
    at: datetime


class Kept(NamedTuple):
    id: UUID
    who: str
    role: str
    what: str
    why: str
    at: datetime


async def insert(conn: Connection, access: Access, enquiry_ids: Collection[UUID]) -> frozenset[UUID]:
    """A row for each of the enquiries that are there, and returns these; an erasure waits for the transaction."""
    there = await conn.fetch("select id from enquiry where id = any($1) order by id for key share", list(enquiry_ids))
    found = frozenset(row["id"] for row in there)
    for enquiry_id in sorted(found):
        await conn.execute(
            """
            insert into access_log (id, enquiry_id, who, role, what, why, at)
            select $1, $2, $3::text, $4::text, $5::text, $6::text, $7::timestamptz where not exists (
                select from access_log where enquiry_id = $2 and who = $3 and role = $4 and what = $5 and why = $6
                    and at > $8
            )
            """,
            new_id(), enquiry_id, *access, access.at - ONE_READING,
        )  # fmt: skip
    return found


async def of(conn: Connection, enquiry_id: UUID) -> list[Kept]:
    """The newest first."""
    rows = await conn.fetch(
        "select id, who, role, what, why, at from access_log where enquiry_id = $1 order by at desc, id desc",
        enquiry_id,
    )
    return [Kept(**row) for row in rows]
