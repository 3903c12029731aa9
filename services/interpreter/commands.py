"""The use cases of interpreter, each within the caller's transaction."""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from services.interpreter import domain, fees, offers, store, store_rules
from services.interpreter.domain import Interpreter, Rules, Windows
from services.interpreter.offers import Assignment, Offer
from services.interpreter.statements import Statement, statement
from services.interpreter.tariffs import tariff
from shared import outbox
from shared.clock import now
from shared.contracts.base import Event
from shared.contracts.scheduling import BookingConfirmed, BookingHeld, InterpreterSwapped
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id
from shared.municipalities import by_postcode

AT_ONCE = 100
"""Offers that expire in one transaction."""
Answer: TypeAlias = Callable[[Offer, datetime], tuple[Offer, list[Event]]]
"""`offers.accept` or `offers.decline`."""


async def put_interpreter(conn: Connection, given: Interpreter) -> Interpreter:
    """Raises LanguageTwice."""
    known = await store.find(conn, given.id)
    interpreter, events = domain.register(known, given)
    await store.save(conn, interpreter)
    await outbox.append(conn, *events)
    return interpreter


async def put_availability(conn: Connection, interpreter_id: UUID, given: Windows, rules: Rules = ()) -> Windows:
    """Raises NotFound, WindowUpsideDown, WindowsOverlap."""
    await store.load(conn, interpreter_id)
    known = await store.availability(conn, interpreter_id)
    known_rules = await store_rules.rules(conn, interpreter_id)
    windows, events = domain.set_availability(interpreter_id, known, given, known_rules, rules)
    await store.save_availability(conn, interpreter_id, windows)
    await store_rules.save(conn, interpreter_id, rules)
    await outbox.append(conn, *events)
    return windows


async def put_conflicts(conn: Connection, interpreter_id: UUID, tokens: frozenset[str]) -> int:
    """All anew; returns their number. Raises NotFound."""
    await store.load(conn, interpreter_id)
    await store.save_conflicts(conn, interpreter_id, sorted(tokens))
    return len(tokens)


async def make_offer(conn: Connection, hold: BookingHeld | InterpreterSwapped) -> None:
    """One for each hold and interpreter; whoever was asked before is asked no more. Raises UnknownInterpreter."""
    at = now()
    offer, events = offers.make_offer(new_id(), hold, at)
    await _require_known(conn, offer.interpreter_id)
    if isinstance(hold, InterpreterSwapped):
        await _relieve_others(conn, offer.booking_id, at, offer.interpreter_id)
    if await store.insert_offer(conn, offer):
        await _withdraw(conn, offer.booking_id, at, but=offer.id)
        await outbox.append(conn, *events)


async def answer_offer(conn: Connection, answer: Answer, offer_id: UUID, interpreter_id: UUID) -> Offer:
    """Raises NotFound, also for another interpreter's offer, and what `answer` raises."""
    offer, events = answer(await store.load_offer(conn, offer_id, interpreter_id), now())
    await store.save_offer(conn, offer)
    await outbox.append(conn, *events)
    return offer


async def give_back(conn: Connection, offer_id: UUID, interpreter_id: UUID) -> Offer:
    """The assignment ends and costs nothing. Raises NotFound and as `offers.give_back`."""
    offer = await answer_offer(conn, offers.give_back, offer_id, interpreter_id)
    await _relieve(conn, offer.booking_id, now(), interpreter_id)
    return offer


async def expire_offers(conn: Connection) -> int:
    """Those whose time is over; returns their number."""
    at = now()
    due = await store.due_offers(conn, at, AT_ONCE)
    for offer in due:
        expired, events = offers.expire(offer, at)
        await store.save_offer(conn, expired)
        await outbox.append(conn, *events)
    return len(due)


async def assign(conn: Connection, booking: BookingConfirmed, at: datetime) -> None:
    """An assignment and what it costs; a booking has one at a time. Raises UnknownInterpreter, NoTariffInForce."""
    assignment = offers.assign(new_id(), booking, at)
    interpreter = await _require_known(conn, assignment.interpreter_id)
    quote = _quote(assignment, interpreter)
    await _relieve_others(conn, assignment.booking_id, at, assignment.interpreter_id)
    if await store.insert_assignment(conn, assignment):
        await store.insert_quote(conn, new_id(), assignment.id, quote, at)


async def release(conn: Connection, booking_id: UUID, at: datetime) -> None:
    """Offers are withdrawn; an assignment is cancelled, and paid where it is late."""
    await _withdraw(conn, booking_id, at)
    if assignment := await store.assignment_in_force(conn, booking_id):
        rules = tariff(offers.berlin_date(assignment.starts_at))
        quote = fees.quote_cancellation(rules, assignment.starts_at, at)
        await store.save_assignment(conn, offers.cancel(assignment, at))
        await store.insert_quote(conn, new_id(), assignment.id, quote, at)


async def monthly_statement(conn: Connection, interpreter_id: UUID, month: date) -> Statement:
    """Of the talks that began in that month in Berlin, up to now. `month`: its first day. Raises NotFound."""
    if not await store.by_ids(conn, [interpreter_id]):
        raise NotFound
    at = now()
    done = [
        (assignment, quote)
        for assignment, quote in await store.assignments(conn, interpreter_id)
        if offers.berlin_date(assignment.starts_at).replace(day=1) == month
        and (assignment.starts_at <= at or assignment.cancelled_at)
    ]
    return statement(interpreter_id, month, done, await store.erased_fee(conn, interpreter_id, month))


def is_based_in(interpreter: Interpreter, ags: str) -> bool:
    """False also for somebody from outside Kreis Wesel."""
    try:
        return by_postcode(interpreter.base_postcode).ags == ags
    except KeyError:
        return False


def _quote(assignment: Assignment, interpreter: Interpreter) -> fees.Quote:
    rules = tariff(offers.berlin_date(assignment.starts_at))
    kilometres = fees.kilometres(
        rules,
        travels=assignment.mode in {Mode.IN_PERSON, Mode.HOME_VISIT},
        same_municipality=is_based_in(interpreter, assignment.ags),
    )
    return fees.quote_talk(rules, assignment.starts_at, assignment.ends_at, kilometres)


async def _relieve(conn: Connection, booking_id: UUID, at: datetime, interpreter_id: UUID) -> None:
    """It was the interpreter who stepped back, so nothing is paid."""
    assignment = await store.assignment_in_force(conn, booking_id)
    if assignment and assignment.interpreter_id == interpreter_id:
        await store.save_assignment(conn, offers.cancel(assignment, at))
        rule = tariff(offers.berlin_date(assignment.starts_at)).name
        quote = fees.Quote(kind=fees.QuoteKind.CANCELLATION, rule=rule, lines=())
        await store.insert_quote(conn, new_id(), assignment.id, quote, at)


async def _relieve_others(conn: Connection, booking_id: UUID, at: datetime, interpreter_id: UUID) -> None:
    """Whoever had the booking before has it no more."""
    assignment = await store.assignment_in_force(conn, booking_id)
    if assignment and assignment.interpreter_id != interpreter_id:
        await _relieve(conn, booking_id, at, assignment.interpreter_id)


async def _require_known(conn: Connection, interpreter_id: UUID) -> Interpreter:
    found = await store.by_ids(conn, [interpreter_id])
    if not found:
        raise offers.UnknownInterpreter
    return found[0]


async def _withdraw(conn: Connection, booking_id: UUID, at: datetime, but: UUID | None = None) -> None:
    for offer in await store.offers_of_booking(conn, booking_id):
        if offer.id != but:
            withdrawn, events = offers.withdraw(offer, at)
            await store.save_offer(conn, withdrawn)
            await outbox.append(conn, *events)
