"""What becomes of bookings when something happens to the case: another case manager, its end, a consent taken back.

The bookings of one enquiry are changed by one transaction at a time, beginning with `store.one_at_a_time`.
"""

from collections.abc import Iterable
from uuid import UUID

from services.scheduling import handing_on, planning, store, store_cases, store_waiting
from services.scheduling.booking import Booking
from services.scheduling.commands import cancel, keep, search
from services.scheduling.handing_on import Anew, CaseFile, Successor
from shared.clock import now as present
from shared.contracts.case import CaseAssigned, CaseUnassigned
from shared.contracts.vocabulary import CancelledBy
from shared.database import Connection
from shared.ids import new_id


async def assigned(conn: Connection, told: CaseAssigned) -> None:
    """Talks to come go to whoever has the case now, or are searched anew; so are those that waited for somebody."""
    await store.one_at_a_time(conn, told.enquiry_id)
    case = CaseFile(told.case_id, told.enquiry_id, told.ags, told.case_manager_id, told.speaks_language)
    await store_cases.save(conn, case)
    successor = Successor(told.ags, told.case_manager_id, not told.speaks_language)
    for booking in await _to_come(conn, told.case_id):
        if not handing_on.is_in_hand(booking, successor):
            await _hand_on(conn, booking, successor)
    for waiting in await store_cases.take_interrupted(conn, told.case_id):
        await restart(conn, await store.load(conn, waiting["booking_id"]), successor, waiting["replaces"])


async def unassigned(conn: Connection, told: CaseUnassigned) -> None:
    """Nobody can come to the talks: all is free for others, and they wait for the next who has the case."""
    await store.one_at_a_time(conn, told.enquiry_id)
    await store_cases.save(conn, CaseFile(told.case_id, told.enquiry_id, told.ags, None, speaks_language=False))
    for booking in await _to_come(conn, told.case_id):
        await _interrupt(conn, booking)
        if handing_on.stands_for_itself(booking):
            await store_cases.note_interrupted(conn, booking.booking_id, handing_on.place_of(booking))


async def restart(conn: Connection, booking: Booking, successor: Successor, replaces: UUID | None) -> Booking:
    """Another booking for the same need, searched at once. Raises as `handing_on.restart`."""
    anew = Anew(new_id(), new_id(), replaces)
    return await search(conn, await keep(conn, handing_on.restart(booking, successor, anew, present())))


async def close_case(conn: Connection, case_id: UUID, enquiry_id: UUID) -> None:
    """Cancels what is open for the case, and looks for nothing more."""
    await store.one_at_a_time(conn, enquiry_id)
    await store_cases.forget_interrupted(conn, case_id=case_id)
    await _cancel_all(conn, await store.open_ids(conn, case_id=case_id))
    await store_waiting.leave_all(conn, case_id=case_id)


async def withdraw(conn: Connection, enquiry_id: UUID) -> None:
    """Cancels what is open for the enquiry; whatever is asked for it later is refused."""
    await store.one_at_a_time(conn, enquiry_id)
    await store.withdraw(conn, enquiry_id)
    await _end_all(conn, enquiry_id)


async def allow_counselling(conn: Connection, enquiry_id: UUID) -> None:
    """What is asked for from now on is booked again."""
    await store.one_at_a_time(conn, enquiry_id)
    await store_cases.allow_counselling(conn, enquiry_id)


async def end_counselling(conn: Connection, enquiry_id: UUID) -> None:
    """Person has told that it is consented to no more: what is open is cancelled, and what is asked for is refused."""
    await store.one_at_a_time(conn, enquiry_id)
    await store_cases.end_counselling(conn, enquiry_id)
    await _end_all(conn, enquiry_id)


async def _hand_on(conn: Connection, booking: Booking, successor: Successor) -> None:
    now = present()
    if await store_waiting.offer_of(conn, booking.booking_id):
        await _interrupt(conn, booking)  # who waits is asked again, with whoever has the case now
    elif handing_on.may_search_on(booking, successor):
        await search(conn, handing_on.search_on(booking, successor))
    elif handing_on.may_stand(booking, successor) and await planning.take_over(
        conn, booking, successor.case_manager_id, now
    ):
        await keep(conn, handing_on.take_over(booking, successor, now))
    else:
        await _interrupt(conn, booking)
        if not await store.is_moving(conn, booking.booking_id):  # then that search goes on
            await restart(conn, booking, successor, handing_on.place_of(booking))


async def _interrupt(conn: Connection, booking: Booking) -> None:
    await planning.release(conn, booking, present())
    await keep(conn, handing_on.interrupt(booking, present()))


async def _end_all(conn: Connection, enquiry_id: UUID) -> None:
    await store_cases.forget_interrupted(conn, enquiry_id=enquiry_id)
    await _cancel_all(conn, await store.open_ids(conn, enquiry_id=enquiry_id))
    await store_waiting.leave_all(conn, enquiry_id=enquiry_id)


async def _cancel_all(conn: Connection, booking_ids: Iterable[UUID]) -> None:
    """What has started already is left as it is."""
    for booking_id in booking_ids:
        booking = await store.load(conn, booking_id)
        if not booking.has_started(present()):
            await cancel(conn, booking_id, CancelledBy.CLOSING)


async def _to_come(conn: Connection, case_id: UUID) -> list[Booking]:
    """Locked; those that have not ended and have not begun."""
    loaded = [await store.load(conn, booking_id) for booking_id in await store.open_ids(conn, case_id=case_id)]
    return [booking for booking in loaded if not booking.has_started(present())]
