"""The search on the database: reads what the pure search asks for, and what a talk needs. Locks nothing."""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from services.scheduling import store_calendars as calendars
from services.scheduling import store_lead_times
from services.scheduling import store_reservations as reservations
from services.scheduling import store_resources as resources
from services.scheduling import store_talks as talks
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.calendars import Calendar
from services.scheduling.searching import Found, Known, Need, Wanted, searching
from services.scheduling.shortage import Missing, Shortage, shortage
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span, intersect
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
    needed = booking.interpreter_needed
    people = await interpreters_for(conn, booking)
    wanted = Wanted(
        booking.client_id,
        booking.case_manager_id,
        await rooms_of(conn, booking),
        list(people) if needed else None,
        frozenset(who for who, spoken in people.items() if not spoken.isdisjoint(booking.languages)),
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


async def explain(conn: Connection, booking: Booking, now: datetime) -> Shortage:
    """Why a search as of now would find nothing, and what would give slots. Locks nothing.

    What the booking itself has reserved counts as busy time.
    """
    people = await interpreters_for(conn, booking)
    anybody = await resources.interpreters_in(conn, None) if booking.interpreter_needed else {}
    days = await days_of(conn, booking, now)
    both = await calendars.calendars(conn, [booking.client_id, booking.case_manager_id], now, but=booking.replaces)
    client, manager = both[booking.client_id], both[booking.case_manager_id]
    others = await parties_of(conn, booking, list(anybody), now, _both_free(client, manager, days))
    there = others.interpreters and [one for one in others.interpreters if one.resource_id in people]
    parties = replace(others, client=client, case_manager=manager, interpreters=there)
    told = shortage(parties, Talk(booking.duration, booking.place), days, by_phone=others.interpreters)
    if told.missing is None and booking.state is State.UNMET:
        return Shortage(Missing.SUITABLE_INTERPRETER)
    return told


def _both_free(client: Calendar, manager: Calendar, days: Days) -> list[Span]:
    """Outside of these, nothing depends on whether rooms and interpreters are busy."""
    every = chain(days.searched, days.earlier, days.off, days.later)
    return [span for day in every for span in intersect(client.free(day, None), manager.free(day, None))]


async def interpreters_for(conn: Connection, booking: Booking) -> dict[UUID, frozenset[str]]:
    """Who could be asked for the talk, with their languages: where nobody travels, wherever they work; or nobody."""
    if not booking.interpreter_needed:
        return {}
    return await resources.interpreters_in(conn, None if booking.place is None else booking.ags)


async def too_soon(conn: Connection, booking: Booking, now: datetime) -> frozenset[date]:
    """Days on which it is too late to ask an interpreter for the talk; none where none is needed."""
    if not booking.interpreter_needed:
        return frozenset()
    return (await store_lead_times.lead_times(conn)).too_soon(berlin_date(now))


async def days_of(conn: Connection, booking: Booking, now: datetime) -> Days:
    """Those on which the talk could be, seen from today."""
    lead = await store_lead_times.lead_times(conn) if booking.interpreter_needed else None
    return Days.of(berlin_date(now), lead)


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
