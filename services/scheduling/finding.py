"""The search on the database: reads what the pure search asks for, and what a talk needs. Locks nothing."""

from collections.abc import Generator, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from services.scheduling import store_calendars as calendars
from services.scheduling import store_lead_times
from services.scheduling import store_reservations as reservations
from services.scheduling import store_resources as resources
from services.scheduling import store_talks as talks
from services.scheduling.booking import Booking, Candidate
from services.scheduling.pool import NOBODY, Pool
from services.scheduling.searching import Found, Known, Need, Wanted, searching
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span
from services.scheduling.store_calendars import Near
from services.scheduling.weighing import merits
from services.scheduling.windows import berlin_date
from services.scheduling.working_days import Days
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.ids import new_id


async def find_slots(conn: Connection, booking: Booking, now: datetime) -> tuple[list[Candidate], bool]:
    """Joint slots as of now, and whether it was the interpreter who was missing. Locks nothing."""
    found = await _answered(conn, booking, now)
    return _candidates(found, booking, now), found.lacks_interpreter


async def search_for(conn: Connection, booking: Booking, now: datetime) -> Generator[Need, Known, Found]:
    """The search for the booking, which has asked for nothing yet."""
    needed, pool = booking.interpreter_needed, await pool_of(conn, booking)
    wanted = Wanted(
        booking.client_id,
        booking.case_manager_id,
        await rooms_of(conn, booking),
        pool.everybody if needed else None,
        pool.by_preference,
        frozenset(await talks.together(conn, booking.case_id) if needed else ()),
        await reservations.span_of(conn, booking.replaces) if booking.replaces else None,
    )
    days = await days_of(conn, booking, now)
    return searching(wanted, Talk(booking.duration, booking.place), days.searched)


async def _answered(conn: Connection, booking: Booking, now: datetime) -> Found:
    """Reads what the search asks for, until it has found."""
    search = await search_for(conn, booking, now)
    try:
        need = next(search)
        while True:
            near = Near(need.spans, booking.place)
            need = search.send(await calendars.calendars(conn, need.ids, now, near, booking.replaces))
    except StopIteration as done:
        found: Found = done.value
        return found


async def too_soon(conn: Connection, booking: Booking, now: datetime) -> frozenset[date]:
    """Days on which it is too late to ask an interpreter for the talk; none where none is needed."""
    if not booking.interpreter_needed:
        return frozenset()
    return (await store_lead_times.lead_times(conn)).too_soon(berlin_date(now))


async def days_of(conn: Connection, booking: Booking, now: datetime) -> Days:
    """Those on which the talk could be, seen from today."""
    lead = await store_lead_times.lead_times(conn) if booking.interpreter_needed else None
    return Days.of(berlin_date(now), lead)


async def pool_of(conn: Connection, booking: Booking) -> Pool:
    """Whom the talk could have as interpreter: where nobody travels, wherever they work."""
    if not booking.interpreter_needed:
        return NOBODY
    return await resources.interpreters_in(conn, booking.ags if booking.place else None, booking.languages)


async def parties_of(
    conn: Connection, booking: Booking, people: Sequence[UUID], now: datetime, near: Iterable[Span] | None = None
) -> Parties:
    """The calendars of all whom the talk needs, as of now; `people`: those who could interpret.

    `near`: of busy times, only those that matter for these spans are read; None: all.
    """
    rooms = await rooms_of(conn, booking)
    ids = [booking.client_id, booking.case_manager_id, *(rooms or ()), *people]
    known = await calendars.calendars(conn, ids, now, Near(near, booking.place), booking.replaces)
    return Parties(
        client=known[booking.client_id],
        case_manager=known[booking.case_manager_id],
        rooms=None if rooms is None else [known[room] for room in rooms],
        interpreters=[known[who] for who in people] if booking.interpreter_needed else None,
    )


async def rooms_of(conn: Connection, booking: Booking) -> list[UUID] | None:
    """Those in which the talk could be; None where it needs none."""
    return await resources.rooms_in(conn, booking.ags) if booking.mode is Mode.IN_PERSON else None


def _candidates(found: Found, booking: Booking, now: datetime) -> list[Candidate]:
    ways = found.travelling if booking.place else None
    candidates = [
        Candidate(slot_id=new_id(), starts_at=span.starts, ends_at=span.ends, interpreters=people)
        for span, people in found.options
    ]
    return [each.model_copy(update={"merits": merits(each, ways, now)}) for each in candidates]
