"""What was heard of enquiries, in SQL. Whoever hears of one locks it first, until the transaction ends."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from shared.database import Connection


class Enquiry(NamedTuple):
    """What is known here of an enquiry."""

    person_id: UUID | None
    has_ended: bool
    may_be_counselled: bool


async def load(conn: Connection, enquiry_id: UUID) -> Enquiry:
    """Notes the enquiry where it is new: whatever is heard first of it, the rest waits for that transaction."""
    await conn.execute("insert into enquiry (id) values ($1) on conflict do nothing", enquiry_id)
    row = await conn.fetchrow(
        "select person_id, has_ended, may_be_counselled from enquiry where id = $1 for update", enquiry_id
    )
    return Enquiry(**row)


async def link_person(conn: Connection, enquiry_id: UUID, person_id: UUID | None) -> None:
    await conn.execute("update enquiry set person_id = $2 where id = $1", enquiry_id, person_id)


async def relink_person(conn: Connection, enquiry_ids: Sequence[UUID], person_id: UUID) -> None:
    """Of those that are linked: one that was erased stays without."""
    await conn.execute(
        "update enquiry set person_id = $2 where id = any($1) and person_id is not null", enquiry_ids, person_id
    )


async def end(conn: Connection, enquiry_id: UUID) -> None:
    await conn.execute("update enquiry set has_ended = true where id = $1", enquiry_id)


async def allow_counselling(conn: Connection, enquiry_id: UUID, *, allowed: bool) -> None:
    await conn.execute("update enquiry set may_be_counselled = $2 where id = $1", enquiry_id, allowed)
