"""Findings, measures and decisions: how an office turns what fails people into change. Consents: what counts when."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from shared.consent_rules import SENSITIVE
from shared.contracts.base import Event
from shared.contracts.coordination import MeasureDecided, MeasureProposed
from shared.contracts.vocabulary import ConsentKind, FindingKind, Purpose, Recipient, Topic
from shared.errors import Conflict, Invalid


class NothingFound(Conflict):
    """There is no open finding of this kind about this topic in this municipality; a measure answers findings."""


class AlreadyDecided(Conflict):
    """This measure has been decided already."""


class NotServed(Invalid):
    """The office does not coordinate this municipality."""


@dataclass(frozen=True, slots=True)
class Consent:
    """None in all but the ids: the revocation came before what it revokes, and stands."""

    consent_id: UUID
    enquiry_id: UUID
    kind: ConsentKind | None
    recipient: Recipient | None
    purpose: Purpose | None
    valid_until: date | None
    """Last day on which it counts, Europe/Berlin."""
    revoked: bool = False
    topics: frozenset[Topic] = frozenset()
    """What it is about; empty: whatever it is asked for."""

    def shows_to(
        self, office: str, today: date, told: Collection[Topic] = (), kind: ConsentKind = ConsentKind.PROCESSING
    ) -> bool:
        """Whether it is this kind of consent to that the office sees what tells of these topics, and counts today."""
        return (
            not self.revoked
            and (not self.topics or self.topics.issuperset(told))
            and self.kind is kind
            and self.purpose is Purpose.COORDINATION
            and self.recipient == f"office-{office}"
            and self.valid_until is not None
            and today <= self.valid_until
        )


def is_consented(consents: Iterable[Consent], office: str, today: date, told: Collection[Topic] = ()) -> bool:
    """Whether the office may see consented fields. `told`: the topics of which the event tells.

    What tells of a special category needs each kind of consent, as a referral of it would (ADR 0008).
    """
    given, sensitive = list(consents), SENSITIVE.intersection(told)
    return _shown(given, office, today, told, ConsentKind.PROCESSING) and all(
        _shown(given, office, today, sensitive, kind) for kind in (ConsentKind if sensitive else ())
    )


def _shown(given: Iterable[Consent], office: str, today: date, told: Collection[Topic], kind: ConsentKind) -> bool:
    return any(consent.shows_to(office, today, told, kind) for consent in given)


@dataclass(frozen=True, slots=True)
class Finding:
    """`measure_id` is the measure that answers it, proposed or adopted; None while the finding is open."""

    finding_id: UUID
    ags: str
    kind: FindingKind
    about: Topic
    reported_on: date
    measure_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """`adopted` and `decided_on` are None until it is decided."""

    measure_id: UUID
    office: str
    ags: str
    kind: FindingKind
    about: Topic
    proposed_on: date
    adopted: bool | None = None
    decided_on: date | None = None


def propose(
    measure: Measure, served: Collection[str], findings: Iterable[Finding]
) -> tuple[tuple[Measure, list[Finding]], list[Event]]:
    """The measure answers all open findings of its municipality, kind and topic; there must be one."""
    if measure.ags not in served:
        raise NotServed("ags")
    answered = [replace(f, measure_id=measure.measure_id) for f in findings if _answers(measure, f)]
    if not answered:
        raise NothingFound
    proposed = MeasureProposed(
        measure_id=measure.measure_id,
        ags=measure.ags,
        kind=measure.kind,
        about=measure.about,
        proposed_on=measure.proposed_on,
    )
    return (measure, answered), [proposed]


def _answers(measure: Measure, finding: Finding) -> bool:
    matter = (finding.ags, finding.kind, finding.about)
    return finding.measure_id is None and matter == (measure.ags, measure.kind, measure.about)


def decide(
    measure: Measure, findings: Iterable[Finding], *, adopted: bool, on: date
) -> tuple[tuple[Measure, list[Finding]], list[Event]]:
    """Adopted, it stands; rejected, its findings are open again. `findings` are those that it answers."""
    if measure.adopted is not None:
        raise AlreadyDecided
    decided = replace(measure, adopted=adopted, decided_on=on)
    left = [finding if adopted else replace(finding, measure_id=None) for finding in findings]
    event = MeasureDecided(measure_id=measure.measure_id, ags=measure.ags, adopted=adopted, decided_on=on)
    return (decided, left), [event]
