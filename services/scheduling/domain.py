"""Booking, the process manager of a talk: what may happen next, and what is told of it. Pure.

    requested -> ranking -> proposed -> held <-> confirmed -> attended | missed; before it starts released | unmet

Everything that can arrive late, early or again is decided here, mostly by a refusal with a name.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from services.scheduling import facts, refusals
from services.scheduling.booking import ENDED, SEARCHING, Booking, Candidate, State
from shared.contracts.base import Event
from shared.contracts.case import CounsellingRequested
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.vocabulary import CancelledBy, NextOption, ReleaseReason

PROPOSED = 3
"""Most slots that a participant is asked to choose from."""
TIME_TO_CHOOSE = timedelta(days=7)
HOLD = timedelta(hours=48)
"""How long everything is held for one interpreter's answer (assumed); the offer made to them ends before."""
NOBODY_LEFT = (NextOption.OTHER_TIME, NextOption.PHONE_OR_VIDEO, NextOption.NEIGHBOUR_COUNTY)
"""What can be tried where interpreter was not asked, or whoever it named has refused."""

Outcome: TypeAlias = tuple[Booking, list[Event]]


def request(asked: CounsellingRequested, booking_id: UUID, now: datetime) -> Outcome:
    """The case needs a talk."""
    booking = Booking(
        booking_id=booking_id,
        counselling_id=asked.counselling_id,
        case_id=asked.case_id,
        enquiry_id=asked.enquiry_id,
        ags=asked.ags,
        case_manager_id=asked.case_manager_id,
        languages=tuple(asked.languages),
        topics=tuple(asked.topics),
        mode=asked.mode,
        interpreter_needed=asked.interpreter_needed,
        duration_minutes=asked.duration_minutes,
        purpose=asked.purpose,
        dialect=asked.dialect,
        gender=asked.gender,
        gender_binding=asked.gender_binding,
        conflict_tokens=tuple(asked.conflict_tokens),
    )
    return booking, [facts.requested(booking, now)]


def find(booking: Booking, found: Sequence[Candidate], *, lacks_interpreter: bool, now: datetime) -> Outcome:
    """The search has ended, the first one or one that was repeated because what it had found is gone.

    `lacks_interpreter`: there were joint slots, and for none of them an interpreter. Raises NotSearching.
    """
    if booking.state not in SEARCHING:
        raise refusals.NotSearching
    if not found and lacks_interpreter:
        return _unmet(booking, now)
    if not found:
        return _released(booking, ReleaseReason.NO_SLOT, now)
    if booking.interpreter_needed:
        searched = _changed(booking, state=State.RANKING, candidates=tuple(found))
        return searched, [facts.interpreter_requested(searched, now)]
    return _proposed(booking, found, now)


def rank(booking: Booking, answer: CandidatesRanked, now: datetime) -> Outcome:
    """Interpreter has said who could come, slot by slot; nobody for none of them: the language is unmet.

    Raises NoAnswerAwaited (also where the booking ended meanwhile) and RankingOutdated.
    """
    if booking.state is not State.RANKING:
        raise refusals.NoAnswerAwaited
    ranked = {slot.slot_id: slot for slot in answer.slots}
    answered = [candidate for candidate in booking.upcoming(now) if candidate.slot_id in ranked]
    if not answered:
        raise refusals.RankingOutdated
    possible = [_ranked(candidate, ranked[candidate.slot_id]) for candidate in answered]
    usable = [candidate for candidate in possible if candidate.interpreters and candidate.language]
    return _proposed(booking, usable, now) if usable else _unmet(booking, now, answer.next_options)


def choose(booking: Booking, slot_id: UUID, now: datetime) -> Candidate:
    """The slot that is to be held. Raises NothingProposed, ProposalExpired, SlotNotProposed."""
    if booking.state is not State.PROPOSED:
        raise refusals.NothingProposed
    if _is_over(booking, now):
        raise refusals.ProposalExpired
    for candidate in booking.upcoming(now):
        if candidate.slot_id == slot_id:
            return candidate
    raise refusals.SlotNotProposed("slot_id")


def hold_ends(chosen: Candidate, now: datetime) -> datetime:
    """Until when a slot that is taken now is held: never longer than until it starts."""
    return min(now + HOLD, chosen.starts_at)


def hold(booking: Booking, slot_id: UUID, room_id: UUID | None, asked: Sequence[UUID], now: datetime) -> Outcome:
    """All that the slot needs is held; where no interpreter has to agree, that confirms it. Raises as choose.

    `asked`: the round of interpreters, best first; empty where none is needed.
    """
    chosen = choose(booking, slot_id, now)
    held = _changed(
        booking,
        state=State.HELD,
        slot_id=slot_id,
        room_id=room_id,
        **_round(asked),
        expires_at=hold_ends(chosen, now),
    )
    told: list[Event] = [facts.held(held, chosen, now)]
    if booking.interpreter_needed:
        return held, told
    confirmed, more = _confirmed(held, chosen, now)
    return confirmed, told + more


def accept(booking: Booking, interpreter_id: UUID, now: datetime) -> Outcome:
    """The first of the round to agree comes. Raises NothingHeld, NotTheHeldInterpreter, HoldExpired."""
    chosen = _asked(booking, interpreter_id, now)
    return _confirmed(_changed(booking, **_round([interpreter_id])), chosen, now)


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
    if has_started(booking, now):
        raise refusals.AlreadyStarted
    return _changed(booking, state=State.HELD, expires_at=hold_ends(booking.chosen, now))


def leave(booking: Booking, interpreter_id: UUID, now: datetime) -> Outcome:
    """One of the round does not come, and the answers of the others are still awaited. Raises as `refuse`."""
    chosen = refuse(booking, interpreter_id, now)
    left = [who for who in booking.round if who != interpreter_id]
    return _changed(booking, **_round(left), candidates=_with(booking, chosen)), []


def swap(booking: Booking, interpreter_id: UUID, successors: Sequence[UUID], now: datetime) -> Outcome:
    """The next round takes the place of the interpreter who does not come; everything else stays held.

    Nobody is left: then the language is unmet and everything released. Raises as `refuse`.
    """
    chosen = refuse(booking, interpreter_id, now)
    if not successors:
        unmet, told = _unmet(booking, now)
        return unmet, [*told, facts.released(unmet, now)]
    until = hold_ends(chosen, now)
    swapped = _changed(booking, **_round(successors), candidates=_with(booking, chosen), expires_at=until)
    return swapped, [facts.swapped(swapped, chosen, now)]


def expire(booking: Booking, now: datetime) -> Outcome:
    """The time limit of the proposal or of the hold has passed. Raises NotDue."""
    if not _is_over(booking, now):
        raise refusals.NotDue
    held = booking.state is State.HELD
    return _released(booking, ReleaseReason.HOLD_EXPIRED if held else ReleaseReason.PROPOSAL_EXPIRED, now)


def cancel(booking: Booking, by: CancelledBy, now: datetime) -> Outcome:
    """The talk is not wanted any more. Raises AlreadyEnded, AlreadyStarted."""
    if booking.state in ENDED:
        raise refusals.AlreadyEnded
    if has_started(booking, now):
        raise refusals.AlreadyStarted
    return _released(_changed(booking, cancelled_by=by), ReleaseReason.CANCELLED, now)


def move(booking: Booking, booking_id: UUID, counselling_id: UUID, now: datetime) -> Outcome:
    """Another time is looked for, by a booking of its own; this one stands until that one is confirmed.

    Raises NothingConfirmed, AlreadyStarted.
    """
    require_to_come(booking, now)
    anew = {"state": State.REQUESTED, "candidates": (), "slot_id": None, "room_id": None, **_round([])}
    ids = {"booking_id": booking_id, "counselling_id": counselling_id, "replaces": booking.booking_id}
    moved = _changed(booking, **anew, **ids)
    return moved, [facts.requested(moved, now)]


def give_way(booking: Booking, now: datetime) -> Outcome:
    """The booking that takes its place is confirmed. Raises NothingConfirmed, AlreadyStarted."""
    require_to_come(booking, now)
    return _released(booking, ReleaseReason.RESCHEDULED, now)


def check_in(booking: Booking, now: datetime, *, attended: bool) -> Outcome:
    """Whether the participant came. Raises AlreadyEnded, NothingConfirmed, NotStarted."""
    if booking.state in ENDED:
        raise refusals.AlreadyEnded
    _require_confirmed(booking)
    if not has_started(booking, now):
        raise refusals.NotStarted
    if attended:
        return _changed(booking, state=State.ATTENDED), [facts.attended(booking, now)]
    return _changed(booking, state=State.MISSED), [facts.missed(booking, now)]


def require_to_come(booking: Booking, now: datetime) -> None:
    """A talk that is confirmed and has not begun. Raises NothingConfirmed, AlreadyStarted."""
    _require_confirmed(booking)
    if has_started(booking, now):
        raise refusals.AlreadyStarted


def has_started(booking: Booking, now: datetime) -> bool:
    """Whether the chosen slot has begun, be it over or not."""
    return booking.chosen is not None and booking.chosen.starts_at <= now


def _require_confirmed(booking: Booking) -> None:
    if booking.state is not State.CONFIRMED:
        raise refusals.NothingConfirmed


def _asked(booking: Booking, interpreter_id: UUID, now: datetime) -> Candidate:
    """The held slot, if it is this interpreter whose answer counts now."""
    if booking.state is not State.HELD or booking.chosen is None:
        raise refusals.NothingHeld
    if interpreter_id not in booking.round:
        raise refusals.NotTheHeldInterpreter
    if _is_over(booking, now):
        raise refusals.HoldExpired
    return booking.chosen


def _round(asked: Sequence[UUID]) -> dict[str, object]:
    return {"interpreter_id": asked[0] if asked else None, "also_asked": tuple(asked[1:])}


def _with(booking: Booking, changed: Candidate) -> tuple[Candidate, ...]:
    return tuple(changed if c.slot_id == changed.slot_id else c for c in booking.candidates)


def _is_over(booking: Booking, now: datetime) -> bool:
    return booking.expires_at is not None and booking.expires_at <= now


def _ranked(candidate: Candidate, ranking: RankedSlot) -> Candidate:
    """Nobody is asked whom scheduling had not found free."""
    able = tuple(who for who in ranking.interpreter_ids if who in candidate.interpreters)
    told = {"interpreters": able, "language": ranking.language, "ask_at_once": ranking.ask_at_once}
    return candidate.model_copy(update=told)


def _proposed(booking: Booking, found: Sequence[Candidate], now: datetime) -> Outcome:
    """The earliest of them. A repeated search does not prolong the time to choose."""
    until = booking.expires_at or now + TIME_TO_CHOOSE
    best = tuple(sorted(found, key=lambda candidate: candidate.starts_at)[:PROPOSED])
    proposed = _changed(booking, state=State.PROPOSED, candidates=best, expires_at=until)
    return proposed, [facts.proposed(proposed, now)]


def _confirmed(booking: Booking, chosen: Candidate, now: datetime) -> Outcome:
    confirmed = _changed(booking, state=State.CONFIRMED, expires_at=None)
    return confirmed, [facts.confirmed(confirmed, chosen, now)]


def _released(booking: Booking, reason: ReleaseReason, now: datetime) -> Outcome:
    released = _changed(booking, state=State.RELEASED, reason=reason, expires_at=None)
    return released, [facts.released(released, now)]


def _unmet(booking: Booking, now: datetime, options: Sequence[NextOption] = NOBODY_LEFT) -> Outcome:
    why = {"reason": ReleaseReason.NO_INTERPRETER, "next_options": tuple(options)}
    unmet = _changed(booking, state=State.UNMET, **why, expires_at=None)
    return unmet, [facts.unmet(unmet, now)]


def _changed(booking: Booking, **changes: object) -> Booking:
    return booking.model_copy(update=changes)
