"""An offer to an interpreter, from being made to its end, and the assignment that comes of it."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from services.interpreter.tariffs import Asking
from shared.contracts.base import Event
from shared.contracts.interpreter import (
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRetracted,
    OfferWithdrawn,
)
from shared.contracts.scheduling import BookingConfirmed, BookingHeld, InterpreterSwapped
from shared.contracts.vocabulary import Mode
from shared.errors import DomainError

BERLIN = ZoneInfo("Europe/Berlin")
ANSWER_BEFORE_HOLD_ENDS = timedelta(minutes=15)
"""So that the next interpreter can still be asked while everything else is held."""


class OfferHasExpired(DomainError):
    """The time to answer this offer is over."""


class OfferIsAnswered(DomainError):
    """This offer has already been answered otherwise."""


class OfferIsWithdrawn(DomainError):
    """This offer was withdrawn: the talk is held no more, or somebody else accepted first."""


class MustNotCome(DomainError):
    """A rule that is known by now keeps you from this talk."""


class OfferNotAccepted(DomainError):
    """Only an offer that was accepted can be given back."""


class TalkHasBegun(DomainError):
    """The talk has begun already."""


class UnknownInterpreter(DomainError):
    """The booking names an interpreter who is not known here."""


class LanguageMissing(DomainError):
    """The booking names an interpreter and no language to interpret."""


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    GIVEN_BACK = "given_back"
    """By the interpreter, who had accepted."""


class TalkOutcome(StrEnum):
    ATTENDED = "attended"
    MISSED = "missed"
    """The participant did not come."""


class Way(StrEnum):
    """How an answer to an offer came."""

    SIGNED_IN = "signed_in"
    MAILED_LINK = "mailed_link"
    """By a link that a service made and sent to the interpreter's address."""
    HANDED_LINK = "handed_link"
    """By a link that an administrator made, who could have answered by it too."""


class Answered(NamedTuple):
    way: Way
    link_made_by: str | None = None
    """Subject of whoever made the link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engagement:
    """A talk to be interpreted, whether offered or assigned."""

    id: UUID
    booking_id: UUID
    case_id: UUID
    enquiry_id: UUID
    interpreter_id: UUID
    ags: str
    language: str
    """The participant's language."""
    mode: Mode
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Engagement):
    hold_expires_at: datetime
    """End of the hold for which it was made; it tells one hold of a booking from the next."""
    expires_at: datetime
    state: OfferState
    made_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Engagement):
    case_manager_id: UUID
    confirmed_at: datetime
    cancelled_at: datetime | None = None
    outcome: TalkOutcome | None = None
    """None until scheduling has told."""


def asked_by(hold: BookingHeld | InterpreterSwapped) -> tuple[UUID, ...]:
    """The round, best first; it is one interpreter where the pot's rules ask one by one."""
    return (*((hold.interpreter_id,) if hold.interpreter_id else ()), *hold.also_asked)


def has_time(hold: BookingHeld | InterpreterSwapped, now: datetime) -> bool:
    """Whether whoever is asked now could still answer before the hold ends."""
    return hold.expires_at - ANSWER_BEFORE_HOLD_ENDS > now


def make_offer(
    id: UUID, hold: BookingHeld | InterpreterSwapped, interpreter_id: UUID, rule: Asking, now: datetime
) -> tuple[Offer, list[Event]]:
    """Asks one of the round, where the hold `has_time`.

    Raises UnknownInterpreter where it names nobody, LanguageMissing.
    """
    offer = Offer(
        id=id,
        **_talk(hold) | {"interpreter_id": interpreter_id},
        hold_expires_at=hold.expires_at,
        expires_at=min(hold.expires_at - ANSWER_BEFORE_HOLD_ENDS, now + timedelta(hours=rule.answer_within_hours)),
        state=OfferState.OPEN,
        made_at=now,
    )
    made = OfferMade(
        **_named(offer),
        language=offer.language,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        expires_at=offer.expires_at,
        made_on=berlin_date(now),
    )
    return offer, [made]


def accept(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """Again is the same. Raises OfferHasExpired, OfferIsAnswered, OfferIsWithdrawn."""
    if offer.state is OfferState.ACCEPTED:
        return offer, []
    require_open(offer, now)
    accepted = OfferAccepted(**_named(offer), accepted_on=berlin_date(now))
    return replace(offer, state=OfferState.ACCEPTED, ended_at=now), [accepted]


def decline(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """Again is the same. Raises OfferHasExpired, OfferIsAnswered, OfferIsWithdrawn."""
    if offer.state is OfferState.DECLINED:
        return offer, []
    require_open(offer, now)
    declined = OfferDeclined(**_named(offer), declined_on=berlin_date(now))
    return replace(offer, state=OfferState.DECLINED, ended_at=now), [declined]


def expire(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """Silence is never acceptance. An offer that is answered or still has time stays as it is."""
    if offer.state is not OfferState.OPEN or now < offer.expires_at:
        return offer, []
    expired = OfferExpired(**_named(offer), expired_on=berlin_date(now))
    return replace(offer, state=OfferState.EXPIRED, ended_at=now), [expired]


def withdraw(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """The booking asks for it no more. Scheduling knows already, so nothing is published."""
    if offer.state not in {OfferState.OPEN, OfferState.ACCEPTED}:
        return offer, []
    return replace(offer, state=OfferState.WITHDRAWN, ended_at=now), []


def retract(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """Somebody else of the round accepted first. What is not open stays as it is."""
    if offer.state is not OfferState.OPEN:
        return offer, []
    retracted = OfferRetracted(**_named(offer), retracted_on=berlin_date(now))
    return replace(offer, state=OfferState.WITHDRAWN, ended_at=now), [retracted]


def give_back(offer: Offer, now: datetime) -> tuple[Offer, list[Event]]:
    """The interpreter had accepted and cannot come. Again is the same. Raises OfferNotAccepted, TalkHasBegun."""
    if offer.state in {OfferState.WITHDRAWN, OfferState.GIVEN_BACK}:
        return offer, []
    if offer.state is not OfferState.ACCEPTED:
        raise OfferNotAccepted
    if now >= offer.starts_at:
        raise TalkHasBegun
    withdrawn = OfferWithdrawn(**_named(offer), withdrawn_on=berlin_date(now))
    return replace(offer, state=OfferState.GIVEN_BACK, ended_at=now), [withdrawn]


def assign(id: UUID, booking: BookingConfirmed, at: datetime) -> Assignment:
    """The confirmed booking's interpreter has work. Raises UnknownInterpreter where it names none, LanguageMissing."""
    return Assignment(
        id=id,
        **_talk(booking),
        case_manager_id=booking.case_manager_id,
        confirmed_at=at,
    )


def cancel(assignment: Assignment, at: datetime) -> Assignment:
    return replace(assignment, cancelled_at=assignment.cancelled_at or at)


def berlin_date(instant: datetime) -> date:
    return instant.astimezone(BERLIN).date()


def require_open(offer: Offer, now: datetime) -> None:
    """Raises OfferHasExpired, OfferIsAnswered, OfferIsWithdrawn."""
    if offer.state in {OfferState.WITHDRAWN, OfferState.GIVEN_BACK}:
        raise OfferIsWithdrawn
    if offer.state is OfferState.EXPIRED or (offer.state is OfferState.OPEN and now >= offer.expires_at):
        raise OfferHasExpired
    if offer.state is not OfferState.OPEN:
        raise OfferIsAnswered


def _named(offer: Offer) -> dict[str, Any]:
    return {
        "offer_id": offer.id,
        "booking_id": offer.booking_id,
        "interpreter_id": offer.interpreter_id,
        "enquiry_id": offer.enquiry_id,
        "ags": offer.ags,
    }


def _talk(booking: BookingHeld | InterpreterSwapped | BookingConfirmed) -> dict[str, Any]:
    """What an engagement takes over from a booking."""
    if booking.interpreter_id is None:
        raise UnknownInterpreter
    if booking.language is None:
        raise LanguageMissing
    taken = {"booking_id", "case_id", "enquiry_id", "interpreter_id", "ags", "language", "mode", "starts_at", "ends_at"}
    return booking.model_dump(include=taken)
