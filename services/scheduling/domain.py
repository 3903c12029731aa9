"""Booking, the process manager of a talk: what may happen next, and what is told of it. Pure.

    requested -> ranking -> proposed -> held <-> confirmed -> attended | missed; before it starts released | unmet

Everything that can arrive late, early or again is decided here, mostly by a refusal with a name.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from services.scheduling import facts, outcomes, refusals
from services.scheduling.booking import ENDED, SEARCHING, Booking, Candidate, State, best
from services.scheduling.cancelling import FreeCancelling, free_until
from services.scheduling.outcomes import Outcome, changed, round_of
from services.scheduling.rounds import hold_ends
from shared.contracts.base import Event
from shared.contracts.case import CounsellingRequested
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.vocabulary import CancelledBy, ReleaseReason

PROPOSED = 3
"""Most slots that a participant is asked to choose from."""
TIME_TO_CHOOSE = timedelta(days=7)


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
        requested_at=now,
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
        return outcomes.unmet(booking, now)
    if not found:
        return outcomes.released(booking, ReleaseReason.NO_SLOT, now)
    if booking.interpreter_needed:
        searched = changed(booking, state=State.RANKING, candidates=tuple(found))
        return searched, [facts.interpreter_requested(searched, now)]
    return _proposed(booking, found, now)


def rank(booking: Booking, answer: CandidatesRanked, now: datetime, too_soon: Collection[date] = ()) -> Outcome:
    """Interpreter has said who could come, slot by slot; nobody for none of them: the language is unmet.

    `too_soon`: days that do not keep the pot's lead time any more.
    Raises NoAnswerAwaited (also where the booking ended meanwhile) and RankingOutdated.
    """
    if booking.state is not State.RANKING:
        raise refusals.NoAnswerAwaited
    ranked = {slot.slot_id: slot for slot in answer.slots}
    answered = [candidate for candidate in booking.upcoming(now, too_soon) if candidate.slot_id in ranked]
    if not answered:
        raise refusals.RankingOutdated
    possible = [_ranked(candidate, ranked[candidate.slot_id]) for candidate in answered]
    usable = [candidate for candidate in possible if candidate.interpreters and candidate.language]
    return _proposed(booking, usable, now) if usable else outcomes.unmet(booking, now, answer.next_options)


def choose(booking: Booking, slot_id: UUID, now: datetime) -> Candidate:
    """The slot that is to be held. Raises NothingProposed, ProposalExpired, SlotNotProposed."""
    if booking.state is not State.PROPOSED:
        raise refusals.NothingProposed
    if booking.is_over(now):
        raise refusals.ProposalExpired
    for candidate in booking.upcoming(now):
        if candidate.slot_id == slot_id:
            return candidate
    raise refusals.SlotNotProposed("slot_id")


def hold(booking: Booking, slot_id: UUID, room_id: UUID | None, asked: Sequence[UUID], now: datetime) -> Outcome:
    """All that the slot needs is held; where no interpreter has to agree, that confirms it. Raises as choose.

    `asked`: the round of interpreters, best first; empty where none is needed.
    """
    chosen = choose(booking, slot_id, now)
    held = changed(
        booking,
        state=State.HELD,
        slot_id=slot_id,
        room_id=room_id,
        **round_of(asked),
        expires_at=hold_ends(chosen, now),
    )
    told: list[Event] = [facts.held(held, chosen, now)]
    if booking.interpreter_needed:
        return held, told
    confirmed, more = outcomes.confirmed(held, chosen, now)
    return confirmed, told + more


def expire(booking: Booking, now: datetime) -> Outcome:
    """The time limit of the proposal or of the hold has passed. Raises NotDue."""
    if not booking.is_over(now):
        raise refusals.NotDue
    held = booking.state is State.HELD
    return outcomes.released(booking, ReleaseReason.HOLD_EXPIRED if held else ReleaseReason.PROPOSAL_EXPIRED, now)


def cancel(booking: Booking, by: CancelledBy, now: datetime, free: Sequence[FreeCancelling] = ()) -> Outcome:
    """The talk is not wanted any more. `free`: the pot's rules. Raises AlreadyEnded, AlreadyStarted."""
    if booking.state in ENDED:
        raise refusals.AlreadyEnded
    if booking.has_started(now):
        raise refusals.AlreadyStarted
    told = {"cancelled_by": by, "cancelled_at": now, "costs_fee": _costs_fee(booking, now, free)}
    return outcomes.released(changed(booking, **told), ReleaseReason.CANCELLED, now)


def move(booking: Booking, booking_id: UUID, counselling_id: UUID, now: datetime) -> Outcome:
    """Another time is looked for, by a booking of its own; this one stands until that one is confirmed.

    Raises NothingConfirmed, AlreadyStarted.
    """
    require_to_come(booking, now)
    anew = {"state": State.REQUESTED, "candidates": (), "slot_id": None, "room_id": None, **round_of([])}
    ids = {"booking_id": booking_id, "counselling_id": counselling_id, "replaces": booking.booking_id}
    moved = changed(booking, **anew, **ids)
    return moved, [facts.requested(moved, now)]


def give_way(booking: Booking, now: datetime) -> Outcome:
    """The booking that takes its place is confirmed. Raises NothingConfirmed, AlreadyStarted."""
    require_to_come(booking, now)
    return outcomes.released(booking, ReleaseReason.RESCHEDULED, now)


def check_in(booking: Booking, now: datetime, *, attended: bool) -> Outcome:
    """Whether the participant came. Raises AlreadyEnded, NothingConfirmed, NotStarted."""
    if booking.state in ENDED:
        raise refusals.AlreadyEnded
    _require_confirmed(booking)
    if not booking.has_started(now):
        raise refusals.NotStarted
    if attended:
        return changed(booking, state=State.ATTENDED), [facts.attended(booking, now)]
    return changed(booking, state=State.MISSED), [facts.missed(booking, now)]


def require_to_come(booking: Booking, now: datetime) -> None:
    """A talk that is confirmed and has not begun. Raises NothingConfirmed, AlreadyStarted."""
    _require_confirmed(booking)
    if booking.has_started(now):
        raise refusals.AlreadyStarted


def _costs_fee(booking: Booking, now: datetime, free: Sequence[FreeCancelling]) -> bool | None:
    """Only an interpreter who has agreed is owed something."""
    if booking.state is not State.CONFIRMED or booking.interpreter_id is None or booking.chosen is None:
        return False
    until = free_until(free, booking.chosen.starts_at)
    return None if until is None else now > until


def _require_confirmed(booking: Booking) -> None:
    if booking.state is not State.CONFIRMED:
        raise refusals.NothingConfirmed


def _ranked(candidate: Candidate, ranking: RankedSlot) -> Candidate:
    """Nobody is asked whom scheduling had not found free."""
    able = tuple(who for who in ranking.interpreter_ids if who in candidate.interpreters)
    told = {"interpreters": able, "language": ranking.language, "ask_at_once": ranking.ask_at_once}
    return candidate.model_copy(update=told)


def _proposed(booking: Booking, found: Sequence[Candidate], now: datetime) -> Outcome:
    """The best of them. A repeated search does not prolong the time to choose."""
    until = booking.expires_at or now + TIME_TO_CHOOSE
    proposed = changed(booking, state=State.PROPOSED, candidates=best(found, PROPOSED), expires_at=until)
    return proposed, [facts.proposed(proposed, now)]
