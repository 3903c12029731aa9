"""Records that may be of one person, and records that are: who may say so, and what that changes.

A merge is a link from one record to the survivor, one deep: nothing is moved, so that an undo leaves nothing behind
(docs/adr/0014-merges-are-links.md).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from services.person.domain import Person
from shared.contracts.person import PersonEvent, PersonMerged, PersonMergeUndone
from shared.errors import ChangedSince, DomainError, Invalid, RuleBroken

SOURCE = "house rule: docs/adr/0014-merges-are-links.md"


class Part(StrEnum):
    """By what two records are compared. Each is a blind index of its own."""

    NAME = "name"
    """Spelt alike; it counts where one of the two has told no year of birth."""
    NAME_AND_BIRTH_YEAR = "name_and_birth_year"
    """The name sounds alike, in whatever script, and the year is the same."""
    PHONE = "phone"
    EMAIL = "email"
    TELEGRAM = "telegram"


Indexes = Mapping[Part, frozenset[bytes]]
"""Digests by part; a part that somebody did not tell is not there."""


def matching(one: Indexes, other: Indexes) -> frozenset[Part]:
    """The parts that speak for one person. None: there is no reason to ask."""
    equal = {part for part in Part if one.get(part, frozenset()) & other.get(part, frozenset())}
    if Part.NAME_AND_BIRTH_YEAR in one and Part.NAME_AND_BIRTH_YEAR in other:
        equal.discard(Part.NAME)
    return frozenset(equal)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another record that may be of the same person."""

    person_id: UUID
    parts: frozenset[Part]
    found_at: datetime
    case_manager_ids: tuple[UUID, ...] = ()
    """Whom to ask about it; none while nobody has its case."""
    enquiry_ids: tuple[UUID, ...] = ()
    """Its enquiries, as far as they are the asking case manager's own."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """A record and those beside it."""

    person_id: UUID
    survivor_id: UUID | None = None
    """The record that this one was merged into."""
    merged_ids: tuple[UUID, ...] = ()
    """The records that were merged into this one."""
    candidates: tuple[Candidate, ...] = field(default=())
    """In order of their ids; without those that were dismissed or merged."""

    @property
    def version(self) -> str:
        """Changes with whatever a decision on them rests on: 32 hexadecimal digits."""
        facts = [str(self.person_id), str(self.survivor_id), ",".join(map(str, self.merged_ids))]
        facts += [f"{each.person_id} {' '.join(sorted(each.parts))}" for each in self.candidates]
        return sha256("\n".join(facts).encode()).hexdigest()[:32]


class VersionMissing(DomainError):
    """If-Match must hold the ETag of what you have read."""

    status = 428


class VersionOutdated(ChangedSince):
    """Something changed since you read it. The present version stands in `version`."""


class MergeRefused(RuleBroken):
    """These records cannot be merged. Which rule says so, and where it comes from, stand beside."""

    def __init__(self, **more: object) -> None:
        super().__init__("person_id", SOURCE, **more)


class SurvivorIsMerged(MergeRefused):
    """This record was merged itself. Merge into its survivor, which stands in `survivor_id`."""

    rule = "merge-into-survivor"


class MergedElsewhere(MergeRefused):
    """That record was merged into another one, which stands in `survivor_id`. Undo that first."""

    rule = "one-survivor"


class OthersWereMerged(MergeRefused):
    """Others were merged into that record. Let it be the survivor, or undo those merges first."""

    rule = "one-deep"


class ErasureIsAsked(MergeRefused):
    """For one of the two erasure is asked for, and a merge would extend that to the other. Decide on it first."""

    rule = "erasure-before-merge"


class SamePerson(Invalid):
    """This is the record itself."""


@dataclass(frozen=True, slots=True)
class Record:
    """A person's record, and how it is merged."""

    person: Person
    survivor_id: UUID | None = None
    has_merged: bool = False
    """Whether others were merged into it."""


def merge(survivor: Record, other: Record) -> list[PersonEvent]:
    """`other` is of the same person as `survivor`. Raises SamePerson, MergeRefused."""
    if survivor.person.id == other.person.id:
        raise SamePerson("person_id")
    if survivor.survivor_id is not None:
        raise SurvivorIsMerged(survivor_id=survivor.survivor_id)
    if other.survivor_id is not None:
        raise MergedElsewhere(survivor_id=other.survivor_id)
    if other.has_merged:
        raise OthersWereMerged
    if survivor.person.erasure_asked_at or other.person.erasure_asked_at:
        raise ErasureIsAsked
    return [PersonMerged(**_told(survivor.person, other.person))]


def undo(survivor: Person, other: Person) -> list[PersonEvent]:
    """`other`, which was merged into `survivor`, is somebody else after all."""
    return [PersonMergeUndone(**_told(survivor, other))]


def _told(survivor: Person, other: Person) -> dict[str, object]:
    return {
        "person_id": other.id,
        "survivor_id": survivor.id,
        "merged_enquiry_ids": list(other.enquiry_ids),
        "enquiry_ids": _sorted({*survivor.enquiry_ids, *other.enquiry_ids}),
    }


def _sorted(ids: Iterable[UUID]) -> list[UUID]:
    return sorted(ids, key=str)
