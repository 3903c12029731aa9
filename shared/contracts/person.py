"""What person publishes on `kim.person.v1`, in order per person. Coded: no name ever leaves the vault."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import INTERNAL, Event
from shared.contracts.vocabulary import ConsentKind, GivenHow, KeyedHash, LanguageTag, Purpose, Recipient, Topic


class PersonEvent(Event):
    topic: ClassVar[str] = "kim.person.v1"
    subject: ClassVar[str] = "person_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    person_id: Annotated[UUID, INTERNAL]


class PersonRegistered(PersonEvent):
    """The sealed block of the enquiry is in the vault; intake deletes its copy."""

    type: ClassVar[str] = "person.registered.v1"

    enquiry_id: Annotated[UUID, INTERNAL]


class ConsentGiven(PersonEvent):
    type: ClassVar[str] = "person.consent.given.v1"

    consent_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    kind: Annotated[ConsentKind, INTERNAL]
    recipient: Annotated[Recipient, INTERNAL]
    purpose: Annotated[Purpose, INTERNAL]
    valid_until: Annotated[date, INTERNAL]
    """Last day on which it counts, Europe/Berlin."""
    topics: Annotated[list[Topic], INTERNAL] = Field(default_factory=list)
    """What it is about; none named: whatever it is asked for (a consent from before this field was)."""
    language_explained_in: Annotated[LanguageTag | None, INTERNAL] = None
    """In which it was explained what is consented to; None: not told."""
    how: Annotated[GivenHow | None, INTERNAL] = None
    """How it was given; None: not told."""
    allows_counselling: Annotated[bool, INTERNAL] = False
    """Counselling stands on it, and may go on or begin again: person alone decides that."""


class ConsentRevoked(PersonEvent):
    """Counts for every event that is projected from now on."""

    type: ClassVar[str] = "person.consent.revoked.v1"

    consent_id: Annotated[UUID, INTERNAL]
    enquiry_id: Annotated[UUID, INTERNAL]
    revoked_on: Annotated[date, INTERNAL]
    ends_counselling: Annotated[bool, INTERNAL] = False
    """Counselling stood on it, and no other consent of its kind is in force: reading rights have ended, and the case
    and what is arranged for it end with them (Art. 7(3) GDPR)."""


class CounsellingExpired(PersonEvent):
    """The last consent to be counselled is over by the clock: reading rights have ended, as with a revocation."""

    type: ClassVar[str] = "person.counselling.expired.v1"

    enquiry_id: Annotated[UUID, INTERNAL]
    expired_on: Annotated[date, INTERNAL]
    """The first day on which it counts no more, Europe/Berlin."""


class ConflictsStated(PersonEvent):
    """To whom the participant is too close to be counselled or interpreted by them: all of it, by keyed hash."""

    type: ClassVar[str] = "person.conflicts_stated.v1"

    enquiry_id: Annotated[UUID, INTERNAL]
    tokens: Annotated[list[KeyedHash], INTERNAL]


class InterpreterConflictsStated(Event):
    """The same of an interpreter: families, communities and villages for whom they must not interpret."""

    type: ClassVar[str] = "person.interpreter_conflicts_stated.v1"
    topic: ClassVar[str] = "kim.person.v1"
    subject: ClassVar[str] = "interpreter_id"

    interpreter_id: Annotated[UUID, INTERNAL]
    tokens: Annotated[list[KeyedHash], INTERNAL]


class PersonMerged(PersonEvent):
    """The record of `person_id` is of the same person as `survivor_id`. Nothing was moved: a link, one deep."""

    type: ClassVar[str] = "person.merged.v1"
    concerns: ClassVar[str | None] = "enquiry_ids"

    survivor_id: Annotated[UUID, INTERNAL]
    merged_enquiry_ids: Annotated[list[UUID], INTERNAL]
    """Those of `person_id`."""
    enquiry_ids: Annotated[list[UUID], INTERNAL]
    """Those of both: the erasure of either takes the event with it."""


class PersonMergeUndone(PersonEvent):
    """The record of `person_id` is of somebody else than `survivor_id` after all."""

    type: ClassVar[str] = "person.merge_undone.v1"
    concerns: ClassVar[str | None] = "enquiry_ids"

    survivor_id: Annotated[UUID, INTERNAL]
    merged_enquiry_ids: Annotated[list[UUID], INTERNAL]
    """Those of `person_id`."""
    enquiry_ids: Annotated[list[UUID], INTERNAL]
    """Those of both: the erasure of either takes the event with it."""


class PersonErased(PersonEvent):
    """Art. 17 GDPR: the data key is destroyed; whoever holds something derived drops it."""

    type: ClassVar[str] = "person.erased.v1"
    concerns: ClassVar[str | None] = "enquiry_ids"

    enquiry_ids: Annotated[list[UUID], INTERNAL]
    erasure_id: Annotated[UUID | None, INTERNAL] = None
    """Random; each service answers with it when it has erased. None in events from before this field was."""
