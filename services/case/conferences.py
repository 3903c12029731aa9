"""Case conferences: who came together, when, and what came out of it, in codes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from services.case import refusals
from services.case.case import Case
from services.case.consents import Consent, Need
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, ReferralService


class ConferenceOutcome(StrEnum):
    PLAN_CONFIRMED = "plan_confirmed"
    PLAN_CHANGED = "plan_changed"
    REFERRAL_AGREED = "referral_agreed"
    ESCALATED = "escalated"
    NO_AGREEMENT = "no_agreement"


@dataclass(frozen=True, slots=True)
class Conference:
    conference_id: UUID
    held_on: date
    participants: tuple[UUID, ...]
    services: tuple[ReferralService, ...]
    """Services at the table: they hear of the case, so that each needs a release from confidentiality."""
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
        need = Need((ConsentKind.CONFIDENTIALITY_RELEASE,), Recipient(service.value), Purpose.REFERRAL)
        need.check(known, today)
