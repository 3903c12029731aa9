"""Consents as person tells them, and what must be consented to before anything of a case leaves.

Which consents a referral needs is assumed of the law as it stands: what a data protection officer decides replaces
`NEEDED` and `SENSITIVE`, and nothing else.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from services.case import refusals
from services.case.case import Case
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient, ReferralService, Topic

NOTICE = timedelta(days=30)
"""How long before counselling would end by the clock somebody is told to ask for a new consent; assumed."""
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
    revoked_on: date | None = None
    """From this day on it counts no more."""
    topics: frozenset[Topic] = frozenset()
    """What it is about; empty: whatever it is asked for."""

    def counts(self, day: date) -> bool:
        return not self.is_revoked(day) and day <= self.valid_until

    def is_revoked(self, day: date) -> bool:
        return self.revoked_on is not None and self.revoked_on <= day

    def covers(self, area: Topic) -> bool:
        return not self.topics or area in self.topics


class Need(NamedTuple):
    """What has to be consented to, for whom and for what."""

    recipient: Recipient
    purpose: Purpose
    areas: tuple[Topic, ...]
    """What of somebody's life is told: each has to be consented to, if not by one consent."""

    def check(self, consents: Iterable[Consent], day: date) -> None:
        """Raises ConsentMissing, and ConsentExpired where there is one, and only its time is over."""
        given = [each for each in consents if not each.is_revoked(day)]
        for kind in self.lacking(given):
            raise refusals.ConsentMissing(kind, self.recipient, self.purpose)
        for kind in self.lacking(each for each in given if each.counts(day)):
            raise refusals.ConsentExpired(kind, self.recipient, self.purpose)

    def is_met(self, consents: Iterable[Consent], day: date) -> bool:
        """Whether those in force are enough."""
        return not self.lacking(each for each in consents if each.counts(day))

    def lacking(self, consents: Iterable[Consent]) -> list[ConsentKind]:
        """The kinds of which an area has none among these."""
        given = [c for c in consents if (c.recipient, c.purpose) == (self.recipient, self.purpose)]
        return [
            kind
            for area in self.areas
            for kind in kinds(area)
            if not any(c.kind is kind and c.covers(area) for c in given)
        ]


def may_be_with(case: Case, ags: str, known: Iterable[Consent], today: date) -> bool:
    """Whether a municipality may have the case: the one of its enquiry, or another with consent in force for that."""
    return ags == case.home_ags or for_municipality(ags, case.topics).is_met(known, today)


def kinds(area: Topic) -> tuple[ConsentKind, ...]:
    """Of consent that must be there before anything of this life area is told."""
    return (*NEEDED, *SENSITIVE.get(area, ()))


def for_service(service: ReferralService, areas: Iterable[Topic]) -> Need:
    """For a referral, or a place at the table of a case conference."""
    return Need(Recipient(service.value), Purpose.REFERRAL, tuple(areas))


def for_municipality(ags: str, areas: Iterable[Topic]) -> Need:
    """For case management of another municipality, a controller of its own."""
    return Need(Recipient(f"municipality-{ags}"), Purpose.COUNSELLING, tuple(areas))
