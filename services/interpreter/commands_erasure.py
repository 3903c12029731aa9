"""What erasing a person means for whoever was to interpret for them."""

from collections.abc import Sequence
from uuid import UUID

from services.interpreter import store_assignments, store_erasure
from services.interpreter.commands_assignments import call_off
from shared.clock import now
from shared.database import Connection


async def erase(conn: Connection, enquiry_ids: Sequence[UUID]) -> None:
    """Talks to come are called off, as nobody will release them; what is owed stays in sums that lead to nobody."""
    at = now()
    await store_erasure.lock(conn, enquiry_ids)
    for assignment in await store_assignments.to_come(conn, enquiry_ids, at):
        await call_off(conn, assignment, at)
    await store_erasure.erase(conn, enquiry_ids)
