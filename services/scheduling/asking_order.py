"""Who is asked first, after a plan for many talks was adopted. Pure; the choice of a slot stays the participant's."""

from services.scheduling import refusals
from services.scheduling.booking import Booking, Candidate, State
from services.scheduling.outcomes import Outcome, changed
from shared.contracts.interpreter import CandidatesReordered, ReorderedSlot


def reorder(booking: Booking, told: CandidatesReordered) -> Outcome:
    """Of the proposed slots that it names: who is asked, and in which order. Nobody need hear of it.

    Raises NothingProposed where a slot is chosen already, RankingOutdated where other slots are proposed by now.
    """
    if booking.state is not State.PROPOSED:
        raise refusals.NothingProposed
    named = {slot.slot_id: slot for slot in told.slots if slot.asked}
    if not any(candidate.slot_id in named for candidate in booking.candidates):
        raise refusals.RankingOutdated
    slots = (_asked(c, named[c.slot_id]) if c.slot_id in named else c for c in booking.candidates)
    return changed(booking, candidates=tuple(slots)), []


def _asked(candidate: Candidate, told: ReorderedSlot) -> Candidate:
    others = {each.interpreter_id: each.language for each in told.asked if each.language != candidate.language}
    people = tuple(each.interpreter_id for each in told.asked)
    return candidate.model_copy(update={"interpreters": people, "other_languages": others})
