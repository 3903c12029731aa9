"""Between calendars and bookings: locks and reserves what the pure booking decides."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import asyncpg

from services.scheduling import store_calendars as calendars
from services.scheduling import store_reservations as reservations
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.calendars import Busy
from services.scheduling.finding import parties_of, too_soon
from services.scheduling.refusals import HoldExpired
from services.scheduling.rounds import hold_ends
from services.scheduling.slots import Parties, choice
from services.scheduling.spans import Span
from services.scheduling.store_calendars import Near
from shared.database import Connection


async def still_free(conn: Connection, booking: Booking, now: datetime) -> list[Candidate]:
    """The candidates that can still be had, as of now."""
    ahead = booking.upcoming(now, await too_soon(conn, booking, now))
    asked = {who for candidate in ahead for who in candidate.interpreters}
    parties = await parties_of(conn, booking, sorted(asked), now, [_span(each) for each in ahead])
    return [c for c in ahead if choice(_with_those_of(c, parties), _span(c), booking.place)]


async def confirm(
    conn: Connection, booking: Booking, interpreter_id: UUID, now: datetime, former: Booking | None = None
) -> None:
    """What is held stays, but for the others of the round. Raises HoldExpired where another booking was quicker.

    What is needed by the `former` as well is locked too: that one gives way next.
    """
    await _lock_what_is_held(conn, booking, now, _of(former))
    await reservations.release(conn, booking.booking_id, set(booking.round) - {interpreter_id})
    await reservations.confirm(conn, booking.booking_id)


async def leave(conn: Connection, booking: Booking, interpreter_id: UUID, now: datetime) -> None:
    """One of the round is held no more. Raises HoldExpired as `confirm`."""
    await _lock_what_is_held(conn, booking, now)
    await reservations.release(conn, booking.booking_id, [interpreter_id])


async def succeed(
    conn: Connection, booking: Booking, present: UUID, chosen: Candidate, now: datetime
) -> tuple[UUID, ...]:
    """The first of the slot's interpreters who are free take the place of the present one; all is held anew.

    Empty where nobody is left: then everything is released. Raises HoldExpired as `confirm`.
    """
    until = hold_ends(chosen, now)
    await _lock_what_is_held(conn, booking, now, chosen.interpreters)
    if not (following := await _round(conn, booking, chosen, now)):
        await reservations.release(conn, booking.booking_id, booking.resources)
        return ()
    await reservations.release(conn, booking.booking_id, [present])
    busy = Busy(_span(chosen), booking.place)
    await reservations.hold(conn, booking.booking_id, following, busy, until)
    await reservations.prolong(conn, booking.booking_id, until)
    return following


async def take_over(conn: Connection, booking: Booking, successor: UUID, now: datetime) -> bool:
    """The successor takes the case manager's place, and all else stays.

    False where they are not free, or nothing is held any more.
    """
    if booking.chosen is None:
        return False
    await reservations.lock(conn, booking.resources | {successor}, now)
    if set(await reservations.reserved_by(conn, booking.booking_id)) != booking.resources:
        return False
    theirs = (await calendars.calendars(conn, [successor], now, Near([_span(booking.chosen)], booking.place)))[
        successor
    ]
    if not theirs.is_free(_span(booking.chosen), booking.place):
        return False
    try:
        async with conn.transaction():
            await _replace_case_manager(conn, booking, successor, hold_ends(booking.chosen, now))
    except asyncpg.ExclusionViolationError:
        return False
    return True


async def _replace_case_manager(conn: Connection, booking: Booking, successor: UUID, until: datetime) -> None:
    """Held until then, or confirmed, as the rest of the booking."""
    if booking.chosen is None:
        return
    busy = Busy(_span(booking.chosen), booking.place)
    await reservations.release(conn, booking.booking_id, [booking.case_manager_id])
    await reservations.hold(conn, booking.booking_id, [successor], busy, booking.expires_at or until)
    if booking.state is State.CONFIRMED:
        await reservations.confirm(conn, booking.booking_id)


async def release(conn: Connection, booking: Booking, now: datetime) -> None:
    """Nothing is reserved any more; what takes its place has the time that both need for itself now."""
    await reservations.lock(conn, booking.resources, now)
    await reservations.release(conn, booking.booking_id, booking.resources)
    await reservations.make_whole(conn, booking.booking_id)


async def _round(conn: Connection, booking: Booking, wanted: Candidate, now: datetime) -> tuple[UUID, ...]:
    """The first round of the slot's interpreters who are free. They must be locked."""
    if not booking.interpreter_needed:
        return ()
    near = Near([_span(wanted)], booking.place)
    known = await calendars.calendars(conn, wanted.interpreters, now, near, booking.replaces)
    return wanted.round_of([who for who in wanted.interpreters if known[who].is_free(_span(wanted), booking.place)])


def _of(former: Booking | None) -> set[UUID]:
    return former.resources if former else set()


async def _lock_what_is_held(conn: Connection, booking: Booking, now: datetime, others: Collection[UUID] = ()) -> None:
    await reservations.lock(conn, booking.resources | set(others), now)
    if set(await reservations.reserved_by(conn, booking.booking_id)) != booking.resources:
        raise HoldExpired


def _with_those_of(candidate: Candidate, parties: Parties) -> Parties:
    """Only the interpreters of that slot."""
    if parties.interpreters is None:
        return parties
    return replace(parties, interpreters=[p for p in parties.interpreters if p.resource_id in candidate.interpreters])


def _span(candidate: Candidate) -> Span:
    return Span(candidate.starts_at, candidate.ends_at)
