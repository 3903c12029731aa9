"""SQL of erasure in scheduling."""

from collections.abc import Sequence
from uuid import UUID

from services.scheduling import store
from shared.database import Connection

_OF_BOOKINGS = (
    "delete from reservation where booking_id = any($1)",
    "delete from proposed_slot where booking_id = any($1)",
    "delete from booking where id = any($1)",
)
_OF_CLIENTS = (
    "delete from reservation where resource_id = any($1)",
    "delete from absence where resource_id = any($1)",
    "delete from availability_rule where resource_id = any($1)",
    "delete from availability_window where resource_id = any($1)",
    "delete from resource where id = any($1) and kind = 'client'",
    "delete from withdrawn_enquiry where enquiry_id = any($1)",
    "delete from series where enquiry_id = any($1)",
    "delete from case_file where enquiry_id = any($1)",
    "delete from counselling_ended where enquiry_id = any($1)",
)


async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """Bookings with their slots, and the client; case manager, interpreter and room are free again."""
    for enquiry_id in sorted(enquiry_ids):
        await store.one_at_a_time(conn, enquiry_id)
    rows = await conn.fetch("select id from booking where enquiry_id = any($1) order by id for update", enquiry_ids)
    for statement in _OF_BOOKINGS:
        await conn.execute(statement, [row["id"] for row in rows])
    for statement in _OF_CLIENTS:
        await conn.execute(statement, enquiry_ids)


async def known(conn: Connection) -> list[UUID]:
    rows = await conn.fetch(
        """
        select enquiry_id from booking union select enquiry_id from withdrawn_enquiry
        union select id from resource where kind = 'client'
        union select enquiry_id from case_file union select enquiry_id from counselling_ended
        """
    )
    return [row["enquiry_id"] for row in rows]
