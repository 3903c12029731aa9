"""What a verb of a booking gives, and the ends that several of them lead to. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from services.scheduling import facts
from services.scheduling.booking import Booking, Candidate, State
from shared.contracts.base import Event
from shared.contracts.vocabulary import ReleaseReason

Outcome: TypeAlias = tuple[Booking, list[Event]]


def confirmed(booking: Booking, chosen: Candidate, now: datetime) -> Outcome:
    agreed = changed(booking, state=State.CONFIRMED, expires_at=None)
    return agreed, [facts.confirmed(agreed, chosen, now)]


def released(booking: Booking, reason: ReleaseReason, now: datetime) -> Outcome:
    ended = changed(booking, state=State.RELEASED, reason=reason, expires_at=None)
    return ended, [facts.released(ended, now)]


def unmet(booking: Booking, now: datetime) -> Outcome:
    ended = changed(booking, state=State.UNMET, reason=ReleaseReason.NO_INTERPRETER, expires_at=None)
    return ended, [facts.unmet(ended, now)]


def changed(booking: Booking, **changes: object) -> Booking:
    return booking.model_copy(update=changes)


def round_of(asked: Sequence[UUID]) -> dict[str, object]:
    return {"interpreter_id": asked[0] if asked else None, "also_asked": tuple(asked[1:])}
