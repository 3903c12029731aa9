"""Assignments: what follows a confirmed booking, and what is paid for it."""

from datetime import date, datetime
from uuid import UUID

from services.interpreter import fees, offers, store, store_assignments, store_offers
from services.interpreter.commands import base_of, require_known
from services.interpreter.domain import Interpreter
from services.interpreter.offers import Assignment
from services.interpreter.statements import Statement, statement
from services.interpreter.tariffs import tariff
from shared.clock import now
from shared.contracts.scheduling import BookingConfirmed
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id


async def assign(conn: Connection, booking: BookingConfirmed, at: datetime) -> None:
    """An assignment and what it costs; a booking has one at a time. Raises UnknownInterpreter, NoTariffInForce."""
    assignment = offers.assign(new_id(), booking, at)
    [interpreter] = await require_known(conn, assignment.interpreter_id)
    quote = _quote(assignment, interpreter)
    await relieve_others(conn, assignment.booking_id, at, assignment.interpreter_id)
    if await store_assignments.insert_assignment(conn, assignment):
        await store_assignments.insert_quote(conn, new_id(), assignment.id, quote, at)


async def monthly_statement(conn: Connection, interpreter_id: UUID, month: date) -> Statement:
    """Of the talks that began in that month in Berlin, up to now. `month`: its first day. Raises NotFound."""
    if not await store.by_ids(conn, [interpreter_id]):
        raise NotFound
    at = now()
    done = [
        (assignment, quote, accepted)
        for assignment, quote, accepted in await store_assignments.assignments(conn, interpreter_id)
        if offers.berlin_date(assignment.starts_at).replace(day=1) == month
        and (assignment.starts_at <= at or assignment.cancelled_at)
    ]
    return statement(interpreter_id, month, done, await store_assignments.erased_fees(conn, interpreter_id, month))


async def relieve(conn: Connection, booking_id: UUID, at: datetime, interpreter_id: UUID) -> None:
    """It was the interpreter who stepped back, so nothing is paid."""
    assignment = await store_assignments.assignment_in_force(conn, booking_id)
    if assignment and assignment.interpreter_id == interpreter_id:
        rule = tariff(offers.berlin_date(assignment.starts_at)).name
        await _end(conn, assignment, fees.Quote(kind=fees.QuoteKind.CANCELLATION, rule=rule, lines=()), at)


async def call_off(conn: Connection, assignment: Assignment, at: datetime) -> None:
    """It was not the interpreter who stepped back, so it is paid where it is late."""
    rules = tariff(offers.berlin_date(assignment.starts_at))
    await _end(conn, assignment, fees.quote_cancellation(rules, assignment.starts_at, at), at)


async def relieve_others(conn: Connection, booking_id: UUID, at: datetime, interpreter_id: UUID) -> None:
    """Whoever had the booking before has it no more; who had not given it back is paid where it is late."""
    assignment = await store_assignments.assignment_in_force(conn, booking_id)
    if assignment and assignment.interpreter_id != interpreter_id:
        if await store_offers.gave_back(conn, booking_id, assignment.interpreter_id):
            await relieve(conn, booking_id, at, assignment.interpreter_id)
        else:
            await call_off(conn, assignment, at)


async def _end(conn: Connection, assignment: Assignment, quote: fees.Quote, at: datetime) -> None:
    await store_assignments.save_assignment(conn, offers.cancel(assignment, at))
    await store_assignments.insert_quote(conn, new_id(), assignment.id, quote, at)


def _quote(assignment: Assignment, interpreter: Interpreter) -> fees.Quote:
    rules = tariff(offers.berlin_date(assignment.starts_at))
    kilometres = fees.kilometres(
        rules,
        travels=assignment.mode in {Mode.IN_PERSON, Mode.HOME_VISIT},
        base=base_of(interpreter),
        ags=assignment.ags,
    )
    return fees.quote_talk(rules, assignment.starts_at, assignment.ends_at, kilometres)
