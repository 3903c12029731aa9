"""What can be done with bookings: load, verb, save, tell. Each runs in its caller's transaction."""

from datetime import timedelta
from uuid import UUID

from services.scheduling import (
    asking_order,
    domain,
    finding,
    outcomes,
    planning,
    refusals,
    rounds,
    store,
    store_cases,
    store_lead_times,
    store_reminders,
    store_waiting,
    taking,
    waiting_list,
)
from services.scheduling import store_reservations as reservations
from services.scheduling import store_resources as resources
from services.scheduling.booking import Booking, State
from services.scheduling.outcomes import Outcome
from services.scheduling.reminders import remind, reminder_at, to_be_reminded_of
from services.scheduling.weighing import weigh
from services.scheduling.windows import berlin_date
from shared import outbox
from shared.clock import now as present
from shared.contracts.case import CounsellingRequested
from shared.contracts.interpreter import CandidatesRanked, CandidatesReordered
from shared.contracts.vocabulary import CancelledBy, ReleaseReason
from shared.database import Connection
from shared.ids import new_id


async def request(conn: Connection, asked: CounsellingRequested) -> Booking:
    """A booking with its slots, or one that says at once that there are none.

    Raises AlreadyRequested, EnquiryIsWithdrawn, ConsentIsRevoked.
    """
    await store.one_at_a_time(conn, asked.enquiry_id)
    if await store.is_requested(conn, asked.counselling_id):
        raise refusals.AlreadyRequested
    await require_welcome(conn, asked.enquiry_id)
    await resources.add_client(conn, asked.enquiry_id)
    await store_waiting.leave_in_vain(conn, asked.case_id)
    booking, told = domain.request(asked, new_id(), present())
    await keep(conn, (booking, told))
    return await search(conn, booking)


async def require_welcome(conn: Connection, enquiry_id: UUID) -> None:
    """Raises EnquiryIsWithdrawn, ConsentIsRevoked: also where that may be, and could not be heard."""
    if await store.is_withdrawn(conn, enquiry_id):
        raise refusals.EnquiryIsWithdrawn
    if await store_cases.has_counselling_ended(conn, enquiry_id) or await store_cases.is_unheard(conn, enquiry_id):
        raise refusals.ConsentIsRevoked


async def rank(conn: Connection, answer: CandidatesRanked) -> Booking:
    booking, now = await store.load(conn, answer.booking_id), present()
    soon = await finding.too_soon(conn, booking, now)
    outcome = domain.rank(await weigh(conn, booking, answer, now), answer, now, soon)
    if outcome[0].state is State.UNMET and await store_waiting.offer_of(conn, booking.booking_id):
        outcome = outcomes.released(
            booking, ReleaseReason.NO_INTERPRETER, now
        )  # the need was told when they began to wait
    return await keep_or_take(conn, outcome, else_released=True)


async def reorder(conn: Connection, told: CandidatesReordered) -> Booking:
    """Raises NotFound and as `asking_order.reorder`."""
    return await keep(conn, asking_order.reorder(await store.load(conn, told.booking_id), told))


async def keep_or_take(conn: Connection, outcome: Outcome, *, else_released: bool = False) -> Booking:
    """Where one time of a series is all that is proposed, it is taken; nobody is asked to choose it.

    Raises SlotTaken, unless it is then to be released.
    """
    booking, now = outcome[0], present()
    if not (booking.is_fixed and booking.state is State.PROPOSED):
        return await keep(conn, outcome)
    await keep(conn, (booking, []))
    try:
        return await choose(conn, booking.booking_id, booking.candidates[0].slot_id)
    except refusals.SlotTaken:
        if not else_released:
            raise
        return await keep(conn, outcomes.released(booking, ReleaseReason.NO_SLOT, now))


async def choose(conn: Connection, booking_id: UUID, slot_id: UUID) -> Booking:
    """Holds the slot or, where no interpreter has to agree, confirms it.

    Raises NotFound, SlotTaken, SlotTooSoon and as `domain.choose`.
    """
    (booking, former), now = await _with_former(conn, booking_id), present()
    wanted = domain.choose(booking, slot_id, now)
    taken = await taking.take(conn, booking, wanted, now, former)
    booking, told = domain.hold(booking, slot_id, taken.room_id, taken.interpreters, now)
    if not booking.interpreter_needed:
        await reservations.confirm(conn, booking_id)
        await store.save(conn, booking)
        await _give_way(conn, former)
    return await keep(conn, (booking, told))


async def accept(conn: Connection, booking_id: UUID, interpreter_id: UUID) -> Booking:
    """The interpreter comes. Raises NotFound and as `rounds.accept`."""
    (booking, former), now = await _with_former(conn, booking_id), present()
    outcome = rounds.accept(booking, interpreter_id, now)
    await planning.confirm(conn, booking, interpreter_id, now, former)
    await _give_way(conn, former)
    return await keep(conn, outcome)


async def swap(conn: Connection, booking_id: UUID, interpreter_id: UUID, *, had_agreed: bool = False) -> Booking:
    """The interpreter does not come: others of the round still may, or the next are held, or everything is released.

    Raises NotFound and as `rounds.refuse`, where the interpreter `had_agreed` as `rounds.give_back`.
    """
    booking, now = await store.load(conn, booking_id), present()
    if had_agreed:
        booking = rounds.give_back(booking, interpreter_id, now)
    chosen = rounds.refuse(booking, interpreter_id, now)
    if len(booking.round) > 1:
        await planning.leave(conn, booking, interpreter_id, now)
        return await keep(conn, rounds.leave(booking, interpreter_id, now))
    successors = await planning.succeed(conn, booking, interpreter_id, chosen, now)
    return await keep(conn, rounds.swap(booking, interpreter_id, successors, now))


async def bar(conn: Connection, booking_id: UUID, interpreter_id: UUID) -> Booking:
    """The interpreter must not come, be they held or engaged. Raises NotFound and as `swap`."""
    booking = await store.load(conn, booking_id)
    return await swap(conn, booking_id, interpreter_id, had_agreed=booking.state is State.CONFIRMED)


async def check_in(conn: Connection, booking_id: UUID, *, attended: bool) -> Booking:
    """Whether the participant came. Raises NotFound and as `domain.check_in`."""
    booking = await store.load(conn, booking_id)
    return await keep(conn, domain.check_in(booking, present(), attended=attended))


async def move(conn: Connection, booking_id: UUID) -> Booking:
    """A booking that will take the place of this one. Raises NotFound, AlreadyMoving and as `domain.move`."""
    booking = await store.load(conn, booking_id)
    if await store.is_moving(conn, booking_id):
        raise refusals.AlreadyMoving
    return await search(conn, await keep(conn, domain.move(booking, new_id(), new_id(), present())))


async def cancel(conn: Connection, booking_id: UUID, by: CancelledBy) -> Booking:
    """Raises NotFound and as `domain.cancel`."""
    booking, now = await store.load(conn, booking_id), present()
    outcome = domain.cancel(booking, by, now, await store_lead_times.free_cancelling(conn))
    await planning.release(conn, booking, now)
    return await keep(conn, outcome)


async def expire_one(conn: Connection) -> int:
    """Ends one proposal or hold whose time is over. Returns how many that were."""
    now = present()
    booking_id = await store.due(conn, now)
    if booking_id is None:
        return 0
    booking = await store.load(conn, booking_id)
    await planning.release(conn, booking, now)
    await keep(conn, domain.expire(booking, now))
    return 1


async def remind_one(conn: Connection, ahead: timedelta) -> int:
    """Tells that one reminder is due, `ahead` of the talk by the clocks. Returns how many were due.

    None is told of a talk that has begun, nor of one that was confirmed when the time to remind had passed.
    """
    now = present()
    pending = await store_reminders.next_one(conn, now, ahead)
    if pending is None or (due_at := reminder_at(pending.starts_at, ahead)) > now:
        return 0
    booking = await store.load(conn, pending.booking_id)
    await store_reminders.keep(conn, booking.booking_id, None, now)
    if due_at > pending.noted_at and not booking.has_started(now):
        await outbox.append(conn, remind(booking, now))
    return 1


async def search_one_again(conn: Connection) -> int:
    """Searches anew for one booking whose slots are all taken, past or too soon. Returns how many that were."""
    lead = await store_lead_times.lead_times(conn)
    booking_id = await store.stale(conn, present(), lead.too_soon(berlin_date(present())))
    if booking_id is None:
        return 0
    booking = await store.load(conn, booking_id)
    if booking.is_fixed or await store_waiting.offer_of(conn, booking_id):  # about that time, and about no other
        await keep(conn, outcomes.released(booking, ReleaseReason.NO_SLOT, present()))
    else:
        await search(conn, booking)
    return 1


async def search(conn: Connection, booking: Booking) -> Booking:
    """What is found as of now becomes of the booking. Raises as `domain.find`."""
    now = present()
    found, lacks_interpreter = await finding.find_slots(conn, booking, now)
    return await keep(conn, domain.find(booking, found, lacks_interpreter=lacks_interpreter, now=now))


async def _with_former(conn: Connection, booking_id: UUID) -> tuple[Booking, Booking | None]:
    """The booking, and the one whose place it takes. Both are locked, the older first, before any resource.

    So does whoever ends several bookings of a case, and nobody waits in a circle. Raises NotFound.
    """
    seen = await store.look(conn, booking_id)
    former = await store.load(conn, seen.replaces) if seen.replaces else None
    return await store.load(conn, booking_id), former


async def _give_way(conn: Connection, booking: Booking | None) -> None:
    """The confirmation of its successor releases a booking; one that has ended or begun stays as it is."""
    if booking is None:
        return
    now = present()
    try:
        outcome = domain.give_way(booking, now)
    except (refusals.NothingConfirmed, refusals.AlreadyStarted):
        return
    await planning.release(conn, booking, now)
    await keep(conn, outcome)


async def keep(conn: Connection, outcome: Outcome) -> Booking:
    """State, place on the waiting list, reminder and what is told, in the caller's transaction."""
    booking, told = outcome
    await store.save(conn, booking)
    await waiting_list.follow(conn, booking, present())
    await store_reminders.keep(conn, booking.booking_id, to_be_reminded_of(booking), present())
    await outbox.append(conn, *told)
    return booking
