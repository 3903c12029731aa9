"""A case goes to another case manager, or to nobody: what becomes of its talks. Pure.

A talk stands where whoever has the case now can come to it. Else it cannot: it is given up, with a reason of its own,
and another time is looked for without anybody having to ask.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.scheduling import facts, outcomes, refusals
from services.scheduling.booking import SEARCHING, Booking, State
from services.scheduling.outcomes import Outcome, changed, round_of
from shared.contracts.vocabulary import ReleaseReason


@dataclass(frozen=True, slots=True)
class CaseFile:
    """Who has a case, as case told it last."""

    case_id: UUID
    enquiry_id: UUID
    ags: str
    case_manager_id: UUID | None
    """None: nobody."""
    speaks_language: bool
    """Whether they need no interpreter."""


@dataclass(frozen=True, slots=True)
class Successor:
    """The same case, with somebody who has it."""

    ags: str
    case_manager_id: UUID
    interpreter_needed: bool


class Anew(NamedTuple):
    """The ids of a booking that starts again, and the confirmed talk whose place it takes."""

    booking_id: UUID
    counselling_id: UUID
    replaces: UUID | None


def is_in_hand(booking: Booking, successor: Successor) -> bool:
    """Whether the booking is theirs already: a repeated word changes nothing."""
    return (booking.case_manager_id, booking.ags) == (successor.case_manager_id, successor.ags)


def may_stand(booking: Booking, successor: Successor) -> bool:
    """Whether they could come to the talk as it is: same municipality, and an interpreter where they need one."""
    spoken = booking.interpreter_needed or not successor.interpreter_needed
    return booking.state in {State.HELD, State.CONFIRMED} and booking.ags == successor.ags and spoken


def may_search_on(booking: Booking, successor: Successor) -> bool:
    """Whether nothing is taken yet, so that the same booking can be searched with them."""
    return booking.state in SEARCHING and booking.ags == successor.ags


def take_over(booking: Booking, successor: Successor, now: datetime, *, announced: bool = True) -> Outcome:
    """They come to the talk. An interpreter who was asked, or has agreed, stays. Raises NothingHeld.

    `announced`: the participant is told of it.
    """
    if booking.chosen is None:
        raise refusals.NothingHeld
    theirs = changed(booking, case_manager_id=successor.case_manager_id)
    return theirs, [facts.taken_over(theirs, booking.chosen, now, announced=announced)]


def search_on(booking: Booking, successor: Successor) -> Booking:
    """As if it had just been requested, with the same time to choose."""
    return changed(
        booking,
        state=State.REQUESTED,
        candidates=(),
        case_manager_id=successor.case_manager_id,
        interpreter_needed=successor.interpreter_needed,
    )


def interrupt(booking: Booking, now: datetime) -> Outcome:
    """It cannot stand: everything is released."""
    return outcomes.released(booking, ReleaseReason.CASE_MANAGER_CHANGED, now)


def stands_for_itself(booking: Booking) -> bool:
    """Whether its interruption has to start a search: not where it was itself a search for another time of a talk."""
    return booking.state is State.CONFIRMED or booking.replaces is None


def place_of(booking: Booking) -> UUID | None:
    """The confirmed talk whose place a search takes that follows the booking's interruption."""
    return booking.booking_id if booking.state is State.CONFIRMED else booking.replaces


def restart(booking: Booking, successor: Successor, anew: Anew, now: datetime) -> Outcome:
    """A booking of its own for what was interrupted, or was never found."""
    fresh = changed(
        booking,
        **anew._asdict(),
        ags=successor.ags,
        case_manager_id=successor.case_manager_id,
        interpreter_needed=successor.interpreter_needed,
        state=State.REQUESTED,
        candidates=(),
        slot_id=None,
        room_id=None,
        **round_of([]),
        expires_at=None,
        reason=None,
        cancelled_by=None,
        cancelled_at=None,
        costs_fee=None,
    )
    return fresh, [facts.requested(fresh, now)]
