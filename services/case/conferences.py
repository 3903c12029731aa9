"""Case conferences: who came together, when, and what came out of it, in codes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.case import consents, refusals
from services.case.case import Case
from services.case.consents import Consent
from shared.contracts.vocabulary import ReferralService, Topic


class ConferenceOutcome(StrEnum):
    PLAN_CONFIRMED = "plan_confirmed"
    PLAN_CHANGED = "plan_changed"
    REFERRAL_AGREED = "referral_agreed"
    ESCALATED = "escalated"
    NO_AGREEMENT = "no_agreement"


class ConferenceWish(NamedTuple):
    """As in `Conference`."""

    held_on: date
    participants: tuple[UUID, ...]
    services: tuple[ReferralService, ...]
    areas: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Conference:
    conference_id: UUID
    held_on: date
    participants: tuple[UUID, ...]
    services: tuple[ReferralService, ...]
    """Services at the table: they hear of the case, so that each needs the participant's consent."""
    areas: tuple[Topic, ...]
    """Life areas that are talked about: no service hears of one that was not consented to for it."""
    outcome: ConferenceOutcome | None = None
    """None until it was held."""


def convene(case: Case, known: Iterable[Consent], conference: Conference, today: date) -> Conference:
    """Raises CaseIsClosed, ConferenceInThePast, ConsentMissing, ConsentExpired."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if conference.held_on < today:
        raise refusals.ConferenceInThePast("held_on")
    _check(known, conference, today)
    return conference


def conclude(
    case: Case, known: Iterable[Consent], conference: Conference, outcome: ConferenceOutcome, today: date
) -> Conference:
    """Raises CaseIsClosed, ConferenceNotYet, ConferenceConcluded, ConsentMissing, ConsentExpired."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if conference.outcome:
        raise refusals.ConferenceConcluded
    if today < conference.held_on:
        raise refusals.ConferenceNotYet("outcome")
    _check(known, conference, today)
    return replace(conference, outcome=outcome)


def _check(known: Iterable[Consent], conference: Conference, today: date) -> None:
    known = list(known)
    for service in conference.services:
        consents.for_service(service, conference.areas).check(known, today)
