"""What a verb of a booking gives, and the ends that several of them lead to. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from services.scheduling import facts
from services.scheduling.booking import Booking, Candidate, State
from shared.contracts.base import Event
from shared.contracts.vocabulary import NextOption, ReleaseReason

Outcome: TypeAlias = tuple[Booking, list[Event]]
NOBODY_LEFT = (NextOption.OTHER_TIME, NextOption.PHONE_OR_VIDEO, NextOption.NEIGHBOUR_COUNTY)
"""What can be tried where interpreter was not asked, or whoever it named has refused."""


def confirmed(booking: Booking, chosen: Candidate, now: datetime) -> Outcome:
    agreed = changed(booking, state=State.CONFIRMED, expires_at=None)
    return agreed, [facts.confirmed(agreed, chosen, now)]


def released(booking: Booking, reason: ReleaseReason, now: datetime) -> Outcome:
    ended = changed(booking, state=State.RELEASED, reason=reason, expires_at=None)
    return ended, [facts.released(ended, now)]


def unmet(booking: Booking, now: datetime, options: Sequence[NextOption] = NOBODY_LEFT) -> Outcome:
    """`options`: what could still be tried."""
    why = {"reason": ReleaseReason.NO_INTERPRETER, "next_options": tuple(options)}
    ended = changed(booking, state=State.UNMET, **why, expires_at=None)
    return ended, [facts.unmet(ended, now)]


def changed(booking: Booking, **changes: object) -> Booking:
    return booking.model_copy(update=changes)


def round_of(asked: Sequence[UUID]) -> dict[str, object]:
    return {"interpreter_id": asked[0] if asked else None, "also_asked": tuple(asked[1:])}
