"""Between calendars and the reasons why there is no slot: reads what they are worked out from. Locks nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import chain
from uuid import UUID

from services.scheduling import beyond, finding
from services.scheduling import store_calendars as calendars
from services.scheduling import store_resources as resources
from services.scheduling.beyond import Others
from services.scheduling.booking import Booking, State
from services.scheduling.calendars import Calendar
from services.scheduling.shortage import Missing, Relief, Shortage, shortage
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span, intersect
from services.scheduling.working_days import Days
from shared.contracts.vocabulary import Mode
from shared.database import Connection


async def explain(conn: Connection, booking: Booking, now: datetime) -> Shortage:
    """Why a search as of now would find nothing, and what would give slots.

    What the booking itself has reserved counts as busy time.
    """
    days, talk = await finding.days_of(conn, booking, now), Talk(booking.duration, booking.place)
    both = await calendars.calendars(conn, [booking.client_id, booking.case_manager_id], now, but=booking.replaces)
    client, manager = both[booking.client_id], both[booking.case_manager_id]
    every = chain(days.searched, days.earlier, days.off, days.later)
    near, able = _both_free(client, [manager], every), await _able(conn, booking)
    by_phone = await _able(conn, booking.model_copy(update={"mode": Mode.PHONE}))
    everybody = await finding.parties_of(conn, booking, sorted(by_phone), now, near)
    here = everybody.interpreters and [one for one in everybody.interpreters if one.resource_id in able]
    parties = replace(everybody, client=client, case_manager=manager, interpreters=here)
    told = shortage(parties, talk, days, by_phone=everybody.interpreters)
    if told.missing is not None:
        more = await _beyond(conn, booking, parties, days, now)
        return replace(told, reliefs=(*told.reliefs, *more))
    return Shortage(Missing.SUITABLE_INTERPRETER) if booking.state is State.UNMET else told


async def _beyond(conn: Connection, booking: Booking, parties: Parties, days: Days, now: datetime) -> Sequence[Relief]:
    client, manager = parties.client, parties.case_manager
    ids = [who for who in await resources.case_managers_in(conn, booking.ags) if who != manager.resource_id]
    colleagues = list((await calendars.calendars(conn, ids, now)).values())
    near = _both_free(client, colleagues, days.searched)
    with_them = await _parties(conn, booking, (client, manager), near, now)
    here = _both_free(client, [manager], days.searched)
    places = {
        there.ags: await _parties(conn, there, (client, manager), here, now)
        for there in await _elsewhere(conn, booking)
    }
    talk = Talk(booking.duration, booking.place)
    return beyond.reliefs(with_them, talk, days, Others(places, colleagues))


async def _elsewhere(conn: Connection, booking: Booking) -> list[Booking]:
    """As if the talk were in the offices of another municipality. None for one to which nobody travels."""
    if booking.place is None:
        return []
    found = await resources.with_rooms(conn)
    return [
        booking.model_copy(update={"ags": ags, "mode": Mode.IN_PERSON})
        for ags in found
        if ags != booking.ags or booking.mode is not Mode.IN_PERSON
    ]


async def _able(conn: Connection, booking: Booking) -> frozenset[UUID]:
    return (await finding.pool_of(conn, booking)).able


async def _parties(
    conn: Connection, booking: Booking, both: tuple[Calendar, Calendar], near: Iterable[Span], now: datetime
) -> Parties:
    """With all busy times of client and case manager, and of others those that matter for these spans."""
    others = await finding.parties_of(conn, booking, sorted(await _able(conn, booking)), now, near)
    client, manager = both
    return replace(others, client=client, case_manager=manager)


def _both_free(client: Calendar, managers: Iterable[Calendar], days: Iterable[date]) -> list[Span]:
    """Outside of these, nothing depends on whether rooms and interpreters are busy."""
    every = list(days)
    return [
        span for one in managers for day in every for span in intersect(client.free(day, None), one.free(day, None))
    ]
