"""Case conferences: who came together, when, and what came out of it, in codes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from services.case import consents, refusals
from services.case.case import Case
from services.case.consents import Consent, Need
from shared.contracts.vocabulary import ReferralService, Topic


class ConferenceOutcome(StrEnum):
    """What came of it; the last two say that nothing did."""

    PLAN_CONFIRMED = "plan_confirmed"
    PLAN_CHANGED = "plan_changed"
    REFERRAL_AGREED = "referral_agreed"
    ESCALATED = "escalated"
    NO_AGREEMENT = "no_agreement"
    CALLED_OFF = "called_off"
    """It is not held, or was not: nothing was shared."""
    CONSENT_GONE = "consent_gone"
    """Never chosen: the consent was taken back for a service at the table, or the one to be counselled."""


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
    """None until it was held, or is off."""


def convene(case: Case, known: Iterable[Consent], conference: Conference, today: date) -> Conference:
    """With consents that count on its day. Raises CaseIsClosed, ConferenceInThePast, ConsentMissing, ConsentExpired."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if conference.held_on < today:
        raise refusals.ConferenceInThePast("held_on")
    _check(known, conference)
    return conference


def conclude(
    case: Case, known: Iterable[Consent], conference: Conference, outcome: ConferenceOutcome, today: date
) -> Conference:
    """Consent counts as it was on the day: what was lawful then stays so (Art. 7(3) GDPR). Off it can be at any time.

    Raises OutcomeUncalledFor, CaseIsClosed, ConferenceNotYet, ConferenceConcluded, ConsentMissing, ConsentExpired.
    """
    if outcome is ConferenceOutcome.CONSENT_GONE:
        raise refusals.OutcomeUncalledFor("outcome")
    if case.is_closed:
        raise refusals.CaseIsClosed
    if conference.outcome:
        raise refusals.ConferenceConcluded
    if outcome is not ConferenceOutcome.CALLED_OFF:
        if today < conference.held_on:
            raise refusals.ConferenceNotYet("outcome")
        _check(known, conference)
    return replace(conference, outcome=outcome)


def is_to_come(conference: Conference, today: date) -> bool:
    """Or is being held today."""
    return conference.outcome is None and today <= conference.held_on


def stands(conference: Conference, known: Iterable[Consent]) -> bool:
    """Whether each service at the table may hear of the case on that day."""
    known = list(known)
    return all(need.is_met(known, conference.held_on) for need in _needs(conference))


def _check(known: Iterable[Consent], conference: Conference) -> None:
    known = list(known)
    for need in _needs(conference):
        need.check(known, conference.held_on)


def _needs(conference: Conference) -> list[Need]:
    return [consents.for_service(service, conference.areas) for service in conference.services]
