"""Consents as person tells them, and what must be consented to before anything of a case leaves.

Which consents a referral needs is assumed of the law as it stands: what a data protection officer decides replaces
`NEEDED` and `SENSITIVE`, and nothing else.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from services.case import refusals
from shared.consent_rules import COUNSELLING
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, ReferralService, Topic

NEEDED = (ConsentKind.PROCESSING, ConsentKind.CONFIDENTIALITY_RELEASE)
"""For whatever a case manager, bound by § 203 StGB, passes on."""
SENSITIVE: Mapping[Topic, tuple[ConsentKind, ...]] = MappingProxyType({Topic.HEALTH: (ConsentKind.SPECIAL_CATEGORIES,)})
"""Life areas whose mere name tells a special category of Art. 9(1) GDPR."""


class Consent(NamedTuple):
    consent_id: UUID
    kind: ConsentKind
    recipient: Recipient
    purpose: Purpose
    valid_until: date
    """Last day on which it counts, Europe/Berlin."""
    is_revoked: bool = False
    topics: frozenset[Topic] = frozenset()
    """What it is about; empty: whatever it is asked for."""

    def counts(self, today: date) -> bool:
        return not self.is_revoked and today <= self.valid_until

    def covers(self, area: Topic | None) -> bool:
        return area is None or not self.topics or area in self.topics


class Need(NamedTuple):
    """What has to be consented to, for whom and for what."""

    kinds: tuple[ConsentKind, ...]
    recipient: Recipient
    purpose: Purpose
    area: Topic | None = None
    """What of somebody's life is told; None: no single one."""

    def check(self, consents: Iterable[Consent], today: date) -> None:
        """Raises ConsentMissing, ConsentExpired."""
        given = list(consents)
        for kind in self.kinds_missing(given):
            raise refusals.ConsentMissing(kind, self.recipient, self.purpose)
        for kind in self.kinds_missing(each for each in given if each.counts(today)):
            raise refusals.ConsentExpired(kind, self.recipient, self.purpose)

    def kinds_missing(self, consents: Iterable[Consent]) -> tuple[ConsentKind, ...]:
        """For which there is none that was not revoked, expired or not."""
        given = {c.kind for c in consents if self._fits(c)}
        return tuple(kind for kind in self.kinds if kind not in given)

    def _fits(self, consent: Consent) -> bool:
        about = (consent.recipient, consent.purpose) == (self.recipient, self.purpose)
        return about and consent.covers(self.area) and not consent.is_revoked


def may_be_counselled(consents: Iterable[Consent], today: date) -> bool:
    """Whether a consent to it is in force."""
    return any((c.kind, c.recipient, c.purpose) == COUNSELLING and c.counts(today) for c in consents)


def for_referral(service: ReferralService, area: Topic) -> Need:
    return Need((*NEEDED, *SENSITIVE.get(area, ())), Recipient(service.value), Purpose.REFERRAL, area)


def for_municipality(ags: str) -> Need:
    """For case management of another municipality, a controller of its own."""
    return Need(NEEDED, Recipient(f"municipality-{ags}"), Purpose.COUNSELLING)
