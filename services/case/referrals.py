"""Referrals to named services: offered, accepted or rejected, done or revoked. None of it without consent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

from services.case import consents, refusals
from services.case.case import Case
from services.case.consents import Consent, Need
from shared.contracts.base import Event
from shared.contracts.case import ReferralChanged
from shared.contracts.vocabulary import ConsentKind, Phase, ReferralService, ReferralState, Topic

PHASES = frozenset({Phase.PLANNING, Phase.LINKING})
"""In which referrals are offered: a house rule, since what is needed is known after the assessment."""
NEXT: Mapping[ReferralState, frozenset[ReferralState]] = MappingProxyType(
    {
        ReferralState.OFFERED: frozenset({ReferralState.ACCEPTED, ReferralState.REJECTED, ReferralState.REVOKED}),
        ReferralState.ACCEPTED: frozenset({ReferralState.DONE, ReferralState.REVOKED}),
        ReferralState.REJECTED: frozenset(),
        ReferralState.DONE: frozenset(),
        ReferralState.REVOKED: frozenset(),
    }
)
BY_THE_SERVICE = frozenset({ReferralState.ACCEPTED, ReferralState.REJECTED, ReferralState.DONE})
"""What a service itself may say."""


@dataclass(frozen=True, slots=True)
class Referral:
    referral_id: UUID
    service: ReferralService
    area: Topic
    offered_on: date
    changed_on: date
    state: ReferralState = ReferralState.OFFERED

    @property
    def needs(self) -> tuple[ConsentKind, ...]:
        return consents.kinds(self.area)


Outcome = tuple[Referral, list[Event]]


def offer(case: Case, known: Iterable[Consent], referral: Referral, today: date) -> Outcome:
    """Raises CaseIsClosed, ReferralTooEarly, ConsentMissing, ConsentExpired."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if case.phase not in PHASES:
        raise refusals.ReferralTooEarly("phase")
    _need(referral).check(known, today)
    return referral, [_told(case, referral)]


def move(case: Case, known: Iterable[Consent], referral: Referral, state: ReferralState, today: date) -> Outcome:
    """Rejecting and revoking need no consent, and none but accepting an open case: what a service has accepted it
    brings to its end. Raises as `offer` and ReferralStateNotReachable.
    """
    if state not in NEXT[referral.state]:
        raise refusals.ReferralStateNotReachable(referral.state, NEXT[referral.state])
    if state is ReferralState.ACCEPTED and case.is_closed:
        raise refusals.CaseIsClosed
    if state in {ReferralState.ACCEPTED, ReferralState.DONE}:
        _need(referral).check(known, today)
    moved = replace(referral, state=state, changed_on=today)
    return moved, [_told(case, moved)]


def with_closed(case: Case, known: Iterable[Referral], today: date) -> list[Outcome]:
    """What nobody has answered is revoked with its case."""
    offered = (each for each in known if each.state is ReferralState.OFFERED)
    return [move(case, (), each, ReferralState.REVOKED, today) for each in offered]


def stands(referral: Referral, known: Iterable[Consent], today: date) -> bool:
    """Whether a consent is there for each kind that it needs, expired or not: expiry is the deadline's."""
    return not _need(referral).lacking(each for each in known if not each.is_revoked(today))


def is_consented(referral: Referral, known: Iterable[Consent], today: date) -> bool:
    """Whether each consent that it needs is in force."""
    return _need(referral).is_met(known, today)


def _need(referral: Referral) -> Need:
    return consents.for_service(referral.service, [referral.area])


def _told(case: Case, referral: Referral) -> Event:
    return ReferralChanged(
        case_id=case.case_id,
        enquiry_id=case.enquiry_id,
        ags=case.ags,
        referral_id=referral.referral_id,
        service=referral.service,
        state=referral.state,
        changed_on=referral.changed_on,
    )
