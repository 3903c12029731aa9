"""Keeps the waiting list in step with bookings, in the transaction that changes them."""

from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling import facts, store, store_waiting, waiting
from services.scheduling.booking import Booking, State
from services.scheduling.spans import Span
from shared import outbox
from shared.database import Connection

LOOK_AGAIN = timedelta(days=1)
"""How often all calendars are looked through for one who waits: each day another one comes within reach."""


async def follow(conn: Connection, booking: Booking, now: datetime) -> None:
    """Whoever finds nothing, or only a late time, waits; whoever has found one, or wants none, does not."""
    offer = await store_waiting.offer_of(conn, booking.booking_id)
    if offer:
        await _asked(conn, booking, offer)
    elif not waiting.waits(booking):
        await store_waiting.leave(conn, booking.booking_id)
    elif not await _stands(conn, booking.replaces):
        await store_waiting.enter(conn, booking.booking_id, booking.requested_at, now + LOOK_AGAIN)


async def _asked(conn: Connection, booking: Booking, offer: store_waiting.Offer) -> None:
    """They are told what they can choose. Time that one did not take is free for the next."""
    if booking.state is State.PROPOSED:
        await outbox.append(conn, facts.freed_time_offered(booking, booking.candidates[0]))
    elif booking.state is State.CONFIRMED:
        await store_waiting.leave(conn, offer.booking_id)
    elif waiting.has_come_to_nothing(booking):
        await store_waiting.end_offer(conn, offer.booking_id, in_vain=waiting.was_in_vain(booking))
        if offer.resource_id:
            for slot in booking.candidates:
                await store_waiting.note_freed(conn, offer.resource_id, Span(slot.starts_at, slot.ends_at))


async def _stands(conn: Connection, booking_id: UUID | None) -> bool:
    """Whether there is a talk all the same: only another time was looked for."""
    if booking_id is None:
        return False
    return not waiting.has_come_to_nothing(await store.look(conn, booking_id))
