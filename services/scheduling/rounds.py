"""Rounds of interpreters: who of those that are held comes, and who takes the place of one who does not. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.scheduling import facts, outcomes, refusals
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.outcomes import Outcome, changed, round_of

HOLD = timedelta(hours=48)
"""How long everything is held for one interpreter's answer (assumed); the offer made to them ends before."""


def hold_ends(chosen: Candidate, now: datetime) -> datetime:
    """Until when a slot that is taken now is held: never longer than until it starts."""
    return min(now + HOLD, chosen.starts_at)


def accept(booking: Booking, interpreter_id: UUID, now: datetime) -> Outcome:
    """The first of the round to agree comes. Raises NothingHeld, NotTheHeldInterpreter, HoldExpired."""
    chosen = _asked(booking, interpreter_id, now)
    return outcomes.confirmed(changed(booking, **round_of([interpreter_id])), chosen, now)


def refuse(booking: Booking, interpreter_id: UUID, now: datetime) -> Candidate:
    """The interpreter does not come, or kept silent. Returns the slot with those who can still be asked.

    Raises NothingHeld, NotTheHeldInterpreter, HoldExpired.
    """
    return _asked(booking, interpreter_id, now).without(interpreter_id)


def give_back(booking: Booking, interpreter_id: UUID, now: datetime) -> Booking:
    """The interpreter had agreed and cannot come after all: the slot is held again, and `swap` may follow.

    Raises NothingHeld, NotTheHeldInterpreter, AlreadyStarted.
    """
    if booking.state is not State.CONFIRMED or booking.chosen is None:
        raise refusals.NothingHeld
    if booking.interpreter_id != interpreter_id:
        raise refusals.NotTheHeldInterpreter
    if booking.has_started(now):
        raise refusals.AlreadyStarted
    return changed(booking, state=State.HELD, expires_at=hold_ends(booking.chosen, now))


def leave(booking: Booking, interpreter_id: UUID, now: datetime) -> Outcome:
    """One of the round does not come, and the answers of the others are still awaited. Raises as `refuse`."""
    chosen = refuse(booking, interpreter_id, now)
    left = [who for who in booking.round if who != interpreter_id]
    return changed(booking, **round_of(left), candidates=_with(booking, chosen)), []


def swap(booking: Booking, interpreter_id: UUID, successors: Sequence[UUID], now: datetime) -> Outcome:
    """The next round takes the place of the interpreter who does not come; everything else stays held.

    Nobody is left: then the language is unmet and everything released. Raises as `refuse`.
    """
    chosen = refuse(booking, interpreter_id, now)
    if not successors:
        unmet, told = outcomes.unmet(booking, now)
        return unmet, [*told, facts.released(unmet, now)]
    until = hold_ends(chosen, now)
    swapped = changed(booking, **round_of(successors), candidates=_with(booking, chosen), expires_at=until)
    return swapped, [facts.swapped(swapped, chosen, now)]


def _asked(booking: Booking, interpreter_id: UUID, now: datetime) -> Candidate:
    """The held slot, if it is this interpreter whose answer counts now."""
    if booking.state is not State.HELD or booking.chosen is None:
        raise refusals.NothingHeld
    if interpreter_id not in booking.round:
        raise refusals.NotTheHeldInterpreter
    if booking.is_over(now):
        raise refusals.HoldExpired
    return booking.chosen


def _with(booking: Booking, changed: Candidate) -> tuple[Candidate, ...]:
    return tuple(changed if c.slot_id == changed.slot_id else c for c in booking.candidates)
