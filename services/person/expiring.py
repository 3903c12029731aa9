"""What goes when its time is over: persons by the same path as on their own request, the rest by deletion."""

from contextlib import suppress
from datetime import timedelta

from services.person import commands, domain, store, store_retention
from services.person.retention import Clock, Periods
from shared import outbox
from shared.clock import now, today
from shared.database import Connection
from shared.errors import NotFound


async def end_counselling(conn: Connection) -> int:
    """One enquiry for which the last consent to be counselled is over by the clock: the others are told, once.

    Nothing is read from that day on in any case (`commands.of_reader`). Returns how many.
    """
    found = await store.next_counselling_over(conn, today())
    if found is None:
        return 0
    person_id, enquiry_id = found
    with suppress(NotFound):  # erased meanwhile
        person = await store.load(conn, person_id)
        if await store.take_counselling_over(conn, enquiry_id, today()):
            await outbox.append(conn, *domain.expire(person, enquiry_id, today()))
    return 1


async def expire(conn: Connection, periods: Periods, segment: timedelta) -> int:
    """One person, or else a batch of rows. Returns how many: while that is not 0 there may be more."""
    return await _erase_one(conn, periods, segment) or await _delete(conn, periods)


async def _erase_one(conn: Connection, periods: Periods, segment: timedelta) -> int:
    """Looked at again under the locks of an erasure: a case may just have been reopened, or a merge undone."""
    until = {clock: periods.of(clock).before(today()) for clock in Clock}
    person_id = await store_retention.due(conn, until)
    if person_id is None:
        return 0
    with suppress(NotFound):  # somebody else was faster
        await commands.locked_records(conn, person_id)
        if await store_retention.is_due(conn, person_id, until):
            await commands.erase(conn, person_id, segment)
    return 1


async def _delete(conn: Connection, periods: Periods) -> int:
    return (
        await store_retention.delete_messages(conn, periods.message.before(now()))
        or await store_retention.delete_accesses(conn, periods.access_log.before(now()))
        or await store_retention.delete_receipts(conn, periods.receipt.before(now()))
    )
