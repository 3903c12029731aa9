"""What intake publishes on `kim.intake.v1`, in order per enquiry."""

from datetime import date
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from shared.contracts.base import CONSENTED, INTERNAL, OPEN, Contract, Event
from shared.contracts.vocabulary import (
    Ags,
    Channel,
    ConsentKind,
    Criterion,
    Gender,
    GivenHow,
    LanguageTag,
    Mode,
    Postcode,
    Purpose,
    Recipient,
    ReferralService,
    Topic,
    WithdrawalReason,
)


class GivenConsent(Contract):
    """A consent as it was given with the enquiry; person keeps it and publishes what becomes of it."""

    consent_id: Annotated[UUID, INTERNAL]
    kind: Annotated[ConsentKind, INTERNAL]
    recipient: Annotated[Recipient, INTERNAL]
    purpose: Annotated[Purpose, INTERNAL]
    valid_until: Annotated[date, INTERNAL]
    topics: Annotated[list[Topic], INTERNAL] = Field(default_factory=list)
    """What it is about; none named: whatever it is asked for (a consent from before this field was)."""
    language_explained_in: Annotated[LanguageTag | None, INTERNAL] = None
    """In which it was explained what is consented to; None: not told."""
    how: Annotated[GivenHow | None, INTERNAL] = None
    """How it was given; None: not told."""
    recorded_by: Annotated[UUID | None, INTERNAL] = None
    """The clerk who recorded it, by the subject of their token; None: given by the participant themselves."""


class IntakeEvent(Event):
    topic: ClassVar[str] = "kim.intake.v1"
    subject: ClassVar[str] = "enquiry_id"
    concerns: ClassVar[str | None] = "enquiry_id"

    enquiry_id: Annotated[UUID, INTERNAL]
    ags: Annotated[Ags, OPEN]


class EnquiryReceived(IntakeEvent):
    """Somebody asks for counselling."""

    type: ClassVar[str] = "intake.enquiry.received.v1"

    postcode: Annotated[Postcode, CONSENTED]
    topics: Annotated[list[Topic], CONSENTED]
    languages: Annotated[list[LanguageTag], CONSENTED]
    """In the order of preference."""
    mode: Annotated[Mode, CONSENTED]
    channel: Annotated[Channel, INTERNAL]
    criteria: Annotated[list[Criterion], INTERNAL]
    """The entry criteria that were stated."""
    consents: Annotated[list[GivenConsent], INTERNAL]
    received_on: Annotated[date, OPEN]


class EnquiryAccepted(IntakeEvent):
    """Triage found all five entry criteria: case management it is."""

    type: ClassVar[str] = "intake.enquiry.accepted.v1"

    topics: Annotated[list[Topic], CONSENTED]
    languages: Annotated[list[LanguageTag], CONSENTED]
    mode: Annotated[Mode, CONSENTED]
    dialect: Annotated[LanguageTag | None, CONSENTED] = None
    """BCP 47 tag of the dialect that the participant speaks, such as `ar-SY`."""
    gender: Annotated[Gender | None, CONSENTED] = None
    """Whom the participant wishes to be interpreted by."""
    gender_binding: Annotated[bool, CONSENTED] = False
    """Whether that is a condition: then nobody else is asked."""
    accepted_on: Annotated[date, OPEN]


class EnquiryRedirected(IntakeEvent):
    """A warm referral to a named service, since case management is not what is needed."""

    type: ClassVar[str] = "intake.enquiry.redirected.v1"

    service: Annotated[ReferralService, CONSENTED]
    redirected_on: Annotated[date, OPEN]


class EnquiryWithdrawn(IntakeEvent):
    type: ClassVar[str] = "intake.enquiry.withdrawn.v1"

    reason: Annotated[WithdrawalReason, INTERNAL]
    withdrawn_on: Annotated[date, OPEN]
