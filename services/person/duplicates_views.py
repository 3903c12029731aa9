"""What the API of duplicates takes and gives."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel

from services.person.duplicates import Candidate, Duplicates, Part
from shared.bodies import Body


class CandidateView(BaseModel):
    """Another record that may be of the same person: nothing of what it says, only what it has in common with yours."""

    person_id: UUID
    parts: list[Part]
    """What matches."""
    found_at: datetime
    case_manager_ids: list[UUID]
    """Whom to ask about it; none while nobody has its case."""
    enquiry_ids: list[UUID]
    """Its enquiries, as far as their cases are yours: what they say you read as ever."""

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        return cls(
            person_id=candidate.person_id,
            parts=sorted(candidate.parts),
            found_at=candidate.found_at,
            case_manager_ids=list(candidate.case_manager_ids),
            enquiry_ids=list(candidate.enquiry_ids),
        )


class DuplicatesView(BaseModel):
    person_id: UUID
    survivor_id: UUID | None
    """The record that this one was merged into."""
    merged_ids: list[UUID]
    """The records that were merged into this one."""
    candidates: list[CandidateView]
    """Without those that were dismissed or merged."""

    @classmethod
    def of(cls, found: Duplicates) -> Self:
        return cls(
            person_id=found.person_id,
            survivor_id=found.survivor_id,
            merged_ids=list(found.merged_ids),
            candidates=[CandidateView.of(each) for each in found.candidates],
        )


class OtherRecord(Body):
    person_id: UUID
    """The other record."""
