"""An enquiry and its triage: it waits for a clerk unless all entry criteria were stated, and is decided once."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.intake import (
    EnquiryAccepted,
    EnquiryReceived,
    EnquiryRedirected,
    EnquiryWithdrawn,
    GivenConsent,
)
from shared.contracts.vocabulary import (
    Channel,
    Criterion,
    Gender,
    Mode,
    ReferralService,
    Topic,
    WithdrawalReason,
)
from shared.errors import Conflict

Change = tuple["Enquiry", list[Event]]


class AlreadyDecided(Conflict):
    """This enquiry is decided already. What was accepted goes on as a case, and ends there."""


class Status(StrEnum):
    WAITING = "waiting"
    """For a clerk's triage."""
    ACCEPTED = "accepted"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


class Place(NamedTuple):
    """Where the participant lives."""

    postcode: str
    ags: str
    office: str
    """The coordinating office that serves this municipality."""


class Wishes(NamedTuple):
    """What is asked for. Topics, languages (best first) and criteria are without repetition."""

    topics: tuple[Topic, ...]
    languages: tuple[str, ...]
    mode: Mode
    criteria: tuple[Criterion, ...]
    """As stated by the participant or the clerk; the consents themselves are kept by person."""
    dialect: str | None = None
    """BCP 47 tag below one of the languages."""
    gender: Gender | None = None
    """Of whom they wish to be interpreted by."""
    gender_binding: bool = False


class Asked(NamedTuple):
    """An enquiry as it comes in."""

    place: Place
    wishes: Wishes
    channel: Channel


@dataclass(frozen=True, slots=True)
class Enquiry:
    id: UUID
    ags: str
    postcode: str
    wishes: Wishes
    channel: Channel
    received_on: date
    """Dates are those of Europe/Berlin."""
    status: Status = Status.WAITING
    service: ReferralService | None = None
    """Where it was redirected to."""
    decided_on: date | None = None

    @property
    def meets_all_criteria(self) -> bool:
        return set(self.wishes.criteria) == set(Criterion)


def receive(enquiry_id: UUID, asked: Asked, consents: list[GivenConsent], today: date) -> Change:
    """Accepted at once where all entry criteria are stated, waiting for triage otherwise."""
    place, wishes, channel = asked
    enquiry = Enquiry(enquiry_id, place.ags, place.postcode, wishes, channel, today)
    received = EnquiryReceived(
        enquiry_id=enquiry_id,
        ags=place.ags,
        postcode=place.postcode,
        topics=list(wishes.topics),
        languages=list(wishes.languages),
        mode=wishes.mode,
        channel=channel,
        criteria=list(wishes.criteria),
        consents=consents,
        received_on=today,
    )
    if not enquiry.meets_all_criteria:
        return enquiry, [received]
    accepted, events = accept(enquiry, today)
    return accepted, [received, *events]


def accept(enquiry: Enquiry, today: date) -> Change:
    """The triage found all five entry criteria, whichever were stated. Raises AlreadyDecided."""
    return _decided(enquiry, Status.ACCEPTED, today), [
        EnquiryAccepted(
            enquiry_id=enquiry.id,
            ags=enquiry.ags,
            topics=list(enquiry.wishes.topics),
            languages=list(enquiry.wishes.languages),
            mode=enquiry.wishes.mode,
            dialect=enquiry.wishes.dialect,
            gender=enquiry.wishes.gender,
            gender_binding=enquiry.wishes.gender_binding,
            accepted_on=today,
        )
    ]


def redirect(enquiry: Enquiry, service: ReferralService, today: date) -> Change:
    """A warm referral, since something else than case management is needed. Raises AlreadyDecided."""
    redirected = replace(_decided(enquiry, Status.REDIRECTED, today), service=service)
    return redirected, [EnquiryRedirected(enquiry_id=enquiry.id, ags=enquiry.ags, service=service, redirected_on=today)]


def withdraw(enquiry: Enquiry, reason: WithdrawalReason, today: date) -> Change:
    """Counselling is voluntary. Raises AlreadyDecided."""
    return _decided(enquiry, Status.WITHDRAWN, today), [
        EnquiryWithdrawn(enquiry_id=enquiry.id, ags=enquiry.ags, reason=reason, withdrawn_on=today)
    ]


def _decided(enquiry: Enquiry, status: Status, today: date) -> Enquiry:
    if enquiry.status is not Status.WAITING:
        raise AlreadyDecided
    return replace(enquiry, status=status, decided_on=today)
