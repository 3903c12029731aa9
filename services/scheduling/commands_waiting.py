"""Offers free time to those who wait: one freed time, or one who waits, in each transaction."""

from collections.abc import Iterable
from uuid import UUID

from services.scheduling import domain, freed_slots, store, store_cases, store_waiting, waiting
from services.scheduling.booking import Booking
from services.scheduling.commands import keep
from services.scheduling.spans import Span
from services.scheduling.waiting import Freed
from services.scheduling.waiting_list import LOOK_AGAIN
from shared.clock import now as present
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id


async def offer_freed_one(conn: Connection) -> int:
    """Offers one freed time to the one who has waited longest of those who can use it. Returns how many it looked at.

    It is looked at again until nobody can use it: hours that were added may suit several.
    """
    freed = await store_waiting.next_freed(conn) if await store_waiting.is_our_turn(conn) else None
    if freed is None:
        return 0
    if freed.is_over(present()) or not await _offer_to_first(conn, freed):
        await store_waiting.is_used(conn, freed)
    return 1


async def look_again_one(conn: Connection) -> int:
    """Looks through all calendars for one who waits, once a day. Returns how many that were."""
    waiting_id = await store_waiting.due(conn, present()) if await store_waiting.is_our_turn(conn) else None
    if waiting_id is None:
        return 0
    await store_waiting.look_later(conn, waiting_id, present() + LOOK_AGAIN)
    await _offer(conn, waiting_id, None)
    return 1


async def _offer_to_first(conn: Connection, freed: Freed) -> bool:
    """Whether somebody is asked now."""
    return await _any(conn, await store_waiting.fitting(conn, freed.resource_id), freed)


async def _any(conn: Connection, waiting_ids: Iterable[UUID], freed: Freed) -> bool:
    for waiting_id in waiting_ids:
        if await _offer(conn, waiting_id, freed):
            return True
    return False


async def _offer(conn: Connection, waiting_id: UUID, freed: Freed | None) -> bool:
    """Proposes the time, or asks interpreter about it. False where none suits, or the talk is changing just now."""
    booking = await _undisturbed(conn, waiting_id)
    if booking is None:
        return False
    now, case = present(), await store_cases.find(conn, booking.case_id)
    if case and case.case_manager_id is None:
        return False
    offer, told = waiting.begin(booking, case, (new_id(), new_id()), now)
    found = await freed_slots.find(conn, booking, offer, freed, now)
    if not found:
        return False
    spans = [Span(slot.starts_at, slot.ends_at) for slot in found]
    await store_waiting.note_offer(conn, waiting_id, offer.booking_id, freed, spans)
    await keep(conn, (offer, told))
    await keep(conn, domain.find(offer, found, lacks_interpreter=False, now=now))
    return True


async def _undisturbed(conn: Connection, waiting_id: UUID) -> Booking | None:
    """The booking, locked, unless somebody else is changing something for the enquiry, or it is being moved."""
    try:
        booking = await store.look(conn, waiting_id)
    except NotFound:
        return None
    if not await store.is_free_to_change(conn, booking.enquiry_id):
        return None
    booking = await store.load(conn, waiting_id)
    moving = await store.is_moving(conn, waiting_id) or (
        booking.replaces is not None and await store.is_moving(conn, booking.replaces)
    )
    return None if moving or booking.has_started(present()) or not waiting.waits(booking) else booking
