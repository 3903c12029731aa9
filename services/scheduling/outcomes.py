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


def confirmed(booking: Booking, chosen: Candidate, now: datetime) -> Outcome:
    agreed = changed(booking, state=State.CONFIRMED, expires_at=None)
    return agreed, [facts.confirmed(agreed, chosen, now)]


def released(booking: Booking, reason: ReleaseReason, now: datetime) -> Outcome:
    ended = changed(booking, state=State.RELEASED, reason=reason, expires_at=None)
    return ended, [facts.released(ended, now)]


def unmet(booking: Booking, now: datetime, options: Sequence[NextOption] | None = None) -> Outcome:
    """`options`: what could still be tried; None where interpreter was not asked, or whoever it named has refused."""
    left = nobody_left(booking) if options is None else options
    why = {"reason": ReleaseReason.NO_INTERPRETER, "next_options": tuple(left)}
    ended = changed(booking, state=State.UNMET, **why, expires_at=None)
    return ended, [facts.unmet(ended, now)]


def nobody_left(booking: Booking) -> list[NextOption]:
    """What the talk leaves open: from afar where somebody travels, another gender where one is a condition."""
    sensible = {NextOption.PHONE_OR_VIDEO: booking.place is not None, NextOption.OTHER_GENDER: booking.gender_binding}
    tried = (NextOption.OTHER_TIME, NextOption.PHONE_OR_VIDEO, NextOption.OTHER_GENDER, NextOption.NEIGHBOUR_COUNTY)
    return [option for option in tried if sensible.get(option, True)]


def changed(booking: Booking, **changes: object) -> Booking:
    return booking.model_copy(update=changes)


def round_of(asked: Sequence[UUID]) -> dict[str, object]:
    return {"interpreter_id": asked[0] if asked else None, "also_asked": tuple(asked[1:])}
