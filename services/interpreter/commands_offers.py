"""Offers: made for a hold, answered, expired, withdrawn; each within the caller's transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from services.interpreter import absences, barring, offers, store_assignments, store_offers
from services.interpreter.commands import require_known
from services.interpreter.commands_assignments import call_off, relieve, relieve_others
from services.interpreter.offers import Answered, Offer, OfferState, Way
from services.interpreter.tariffs import tariff
from shared import outbox
from shared.clock import now
from shared.contracts.base import Event
from shared.contracts.scheduling import BookingHeld, InterpreterSwapped
from shared.database import Connection
from shared.ids import new_id

AT_ONCE = 100
"""Offers that expire in one transaction."""
Answer: TypeAlias = Callable[[Offer, datetime], tuple[Offer, list[Event]]]
"""`offers.accept` or `offers.decline`."""
SIGNED_IN = Answered(Way.SIGNED_IN)


async def make_offers(conn: Connection, hold: BookingHeld | InterpreterSwapped) -> None:
    """One for each hold and interpreter of its round; whoever was asked before is asked no more.

    Who may not come by what is known by now is not asked, and scheduling is told. Nobody is asked who could not answer
    any more: then the hold ends by itself, and it is not the language that is unmet. Raises UnknownInterpreter,
    NoTariffInForce.
    """
    at, asked = now(), offers.asked_by(hold)
    people = await require_known(conn, *asked)
    if isinstance(hold, InterpreterSwapped):
        await relieve_others(conn, hold.booking_id, at, hold.interpreter_id)
    rule = tariff(offers.berlin_date(hold.starts_at)).rules.asking
    made = [offers.make_offer(new_id(), hold, who, rule, at) for who in asked] if offers.has_time(hold, at) else []
    barred = await barring.barred(conn, made[0][0] if made else None, people)
    barred |= await absences.away(conn, hold, asked)
    await outbox.append(conn, *(barring.told(o, o.interpreter_id, at) for o, _ in made if o.interpreter_id in barred))
    new = [
        (offer, told)
        for offer, told in made
        if offer.interpreter_id not in barred and await store_offers.insert_offer(conn, offer)
    ]
    if new:
        await withdraw_all(conn, hold.booking_id, at, but=frozenset(offer.id for offer, _ in new))
        await outbox.append(conn, *(event for _, told in new for event in told))


async def answer_offer(
    conn: Connection, answer: Answer, offer_id: UUID, interpreter_id: UUID, how: Answered = SIGNED_IN
) -> Offer:
    """Of a round, the first to accept is told so, the others that they are asked no more. How it came is kept.

    Raises NotFound, also for another interpreter's offer, MustNotCome, and what `answer` raises.
    """
    at = now()
    given, others = await store_offers.load_round(conn, offer_id, interpreter_id)
    offer, events = answer(given, at)
    if offer.state is OfferState.ACCEPTED:
        await _require_allowed(conn, given)
        for other in others:
            retracted, told = offers.retract(other, at)
            await store_offers.save_offer(conn, retracted)
            events += told
    await store_offers.save_offer(conn, offer)
    if offer.state is not given.state:
        await store_offers.note_answer(conn, offer, how, at)
    await outbox.append(conn, *events)
    return offer


async def give_back(conn: Connection, offer_id: UUID, interpreter_id: UUID, how: Answered = SIGNED_IN) -> Offer:
    """The assignment ends and costs nothing. Raises NotFound and as `offers.give_back`."""
    offer = await answer_offer(conn, offers.give_back, offer_id, interpreter_id, how)
    await relieve(conn, offer.booking_id, now(), interpreter_id)
    return offer


async def expire_offers(conn: Connection) -> int:
    """Those whose time is over; returns their number."""
    at = now()
    due = await store_offers.due_offers(conn, at, AT_ONCE)
    for offer in due:
        expired, events = offers.expire(offer, at)
        await store_offers.save_offer(conn, expired)
        await outbox.append(conn, *events)
    return len(due)


async def release(conn: Connection, booking_id: UUID, at: datetime) -> None:
    """Offers are withdrawn; an assignment is cancelled, and paid where it is late."""
    await withdraw_all(conn, booking_id, at)
    if assignment := await store_assignments.assignment_in_force(conn, booking_id):
        await call_off(conn, assignment, at)


async def withdraw_all(conn: Connection, booking_id: UUID, at: datetime, but: frozenset[UUID] = frozenset()) -> None:
    for offer in await store_offers.offers_of_booking(conn, booking_id):
        if offer.id not in but:
            withdrawn, events = offers.withdraw(offer, at)
            await store_offers.save_offer(conn, withdrawn)
            await outbox.append(conn, *events)


async def _require_allowed(conn: Connection, offer: Offer) -> None:
    """The last look before somebody comes. Raises MustNotCome."""
    if await barring.barred(conn, offer, await require_known(conn, offer.interpreter_id)):
        raise offers.MustNotCome
