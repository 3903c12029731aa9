"""An erasure on its way: told to all, answered by all, and done when the log was read and nothing was found."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

HEARERS = frozenset({"intake", "case", "scheduling", "interpreter", "coordination"})
"""The services that hold something of a person, person itself apart."""


class Step(StrEnum):
    ASKED = "asked"
    """The participant asked; it is to be confirmed that it was they."""
    TOLD = "told"
    """The data key is destroyed, the services are told."""
    ANSWERED = "answered"
    """All have erased; the log is not clean yet."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Erasure:
    id: UUID
    person_id: UUID
    enquiry_ids: Sequence[UUID]
    case_ids: Sequence[UUID] = ()
    step: str = Step.TOLD
    merged_ids: Sequence[UUID] = ()
    """The records that were merged into that person's."""
    answered: Sequence[str] = ()
    """Services that have erased."""

    @property
    def traces(self) -> list[bytes]:
        """What leads to the person, as it stands in events."""
        return [str(each).encode() for each in (self.person_id, *self.merged_ids, *self.enquiry_ids, *self.case_ids)]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Facts of an erasure, and nothing of the person."""

    id: UUID
    step: Step
    asked_at: datetime | None
    erased_at: datetime | None
    completed_at: datetime | None
    answered: tuple[str, ...]


@dataclass(slots=True)
class Finding:
    """What a reading of the whole log has shown."""

    answered: dict[UUID, set[str]] = field(default_factory=dict)
    """Erasure -> services that say that they have erased."""
    traces: set[bytes] = field(default_factory=set)
    superseded: bool = False
    """Whether a municipal event that was redacted stands there in its old form too."""


def pattern(erasures: Iterable[Erasure]) -> re.Pattern[bytes]:
    """Finds the traces of all of them."""
    return re.compile(b"|".join(re.escape(trace) for erasure in erasures for trace in erasure.traces))


def proceed(erasure: Erasure, found: Finding) -> Erasure:
    """As far as it has come: done where everybody has answered and the log is clean."""
    answered = HEARERS & (set(erasure.answered) | found.answered.get(erasure.id, set()))
    step = erasure.step
    if step == Step.TOLD and answered == HEARERS:
        step = Step.ANSWERED
    elif step == Step.ANSWERED and not found.superseded and found.traces.isdisjoint(erasure.traces):
        step = Step.DONE
    return replace(erasure, step=step, answered=sorted(answered))
