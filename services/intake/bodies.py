"""What comes in and goes out over HTTP."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Hashable
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationInfo, field_validator

from services.intake.consents import Chosen
from services.intake.domain import Enquiry, Place, Status, Wishes
from services.intake.store import Sealed
from shared.bodies import Body, GenderBinding, Text
from shared.contracts.vocabulary import (
    Channel,
    ChosenWithdrawal,
    ConsentKind,
    Criterion,
    Gender,
    Language,
    LanguageTag,
    Mode,
    Purpose,
    Recipient,
    ReferralService,
    ToldStaff,
    Topic,
    WithdrawalReason,
)
from shared.errors import Invalid
from shared.municipalities import by_postcode

T = TypeVar("T", bound=Hashable)
_SMALLEST, _LARGEST = 49, 24 * 1024
"""Bytes of a sealed block: 48 are the box itself."""


class UnknownPostcode(Invalid):
    """No municipality of Kreis Wesel has this postcode."""


class ServiceMissing(Invalid):
    """Who is redirected is redirected to a service."""


class ServiceUncalledFor(Invalid):
    """Only who is redirected is redirected to a service."""


def _once(values: tuple[T, ...]) -> tuple[T, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not repeat a value")
    return values


def _once_if_any(values: tuple[T, ...] | None) -> tuple[T, ...] | None:
    return None if values is None else _once(values)


def _sealed_block(text: str) -> str:
    try:
        size = len(b64decode(text, validate=True))
    except Base64Error:
        raise ValueError("must be base64") from None
    if not _SMALLEST <= size <= _LARGEST:
        raise ValueError("must be a sealed block of at most 24 KiB")
    return text


class NewConsent(Body):
    """A consent that was chosen; without `recipient` it is KIM for counselling, the office for coordination."""

    kind: ConsentKind
    purpose: Purpose
    recipient: Recipient | None = None
    valid_until: date
    """Last day on which it counts, at most as long from now as the rules say (shared/data/consent_rules.toml)."""
    topics: Annotated[tuple[Topic, ...] | None, Field(min_length=1), AfterValidator(_once_if_any)] = None
    """What it is about; by default what the enquiry is about."""
    language_explained_in: Language | None = None
    """In which it was explained what is consented to; BCP 47."""
    recipient_confirmed: bool = False
    """The recipient was confirmed by an act of its own: the foreigners' authority is a recipient in no other way."""

    def chosen(self, topics: tuple[Topic, ...]) -> Chosen:
        """`topics`: those of the enquiry."""
        return Chosen(
            self.kind, self.purpose, self.recipient, self.valid_until,
            self.topics or topics, self.language_explained_in, self.recipient_confirmed,
        )  # fmt: skip


class ClerkConsent(NewConsent):
    """A consent that was given to the clerk."""

    language_explained_in: Language
    given_how: ToldStaff
    """The evidence: how it was given to the clerk, Art. 7(1) GDPR."""

    def chosen(self, topics: tuple[Topic, ...]) -> Chosen:
        return super().chosen(topics)._replace(how=self.given_how)


class _Enquiry(Body):
    """What every enquiry says; `consents` is for its kinds to say."""

    postcode: Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
    topics: Annotated[tuple[Topic, ...], Field(min_length=1), AfterValidator(_once)]
    languages: Annotated[tuple[Language, ...], Field(min_length=1, max_length=5), AfterValidator(_once)]
    """BCP 47, in the order of preference."""
    mode: Mode
    dialect: LanguageTag | None = None
    """BCP 47 tag below one of the languages, such as `ar-SY`; for the choice of an interpreter."""
    gender: Gender | None = None
    """Of whom they wish to be interpreted by."""
    gender_binding: GenderBinding = False
    """Nobody else may interpret: a condition, and not a wish."""
    criteria: Annotated[tuple[Criterion, ...], AfterValidator(_once)] = ()
    """The entry criteria that are stated; with all five the enquiry is accepted at once."""
    consents: tuple[NewConsent, ...] = ()
    sealed: Annotated[str, AfterValidator(_sealed_block)]
    """Base64 of a libsodium sealed box for the person service's public key."""
    key_id: UUID
    """Id of that public key, as person gave it."""

    @field_validator("dialect")
    @classmethod
    def _is_of_a_language(cls, dialect: str | None, known: ValidationInfo) -> str | None:
        if dialect and dialect.partition("-")[0] not in known.data.get("languages", ()):
            raise ValueError("is a dialect of none of the languages")
        return dialect

    @property
    def place(self) -> Place:
        """Raises UnknownPostcode."""
        try:
            municipality = by_postcode(self.postcode)
        except KeyError:
            raise UnknownPostcode("postcode") from None
        return Place(self.postcode, municipality.ags, municipality.coordinating_office)

    @property
    def wishes(self) -> Wishes:
        return Wishes(
            self.topics, self.languages, self.mode, self.criteria, self.dialect, self.gender, self.gender_binding
        )

    @property
    def chosen(self) -> list[Chosen]:
        return [consent.chosen(self.topics) for consent in self.consents]

    @property
    def sealed_block(self) -> Sealed:
        return Sealed(b64decode(self.sealed), self.key_id)


class ClerkEnquiry(_Enquiry):
    """An enquiry that a clerk takes in for somebody."""

    consents: Annotated[tuple[ClerkConsent, ...], Field(max_length=20)] = ()


class NewEnquiry(_Enquiry):
    """An enquiry through a gateway."""

    consents: Annotated[tuple[NewConsent, ...], Field(max_length=20)] = ()
    channel: Literal[Channel.WEB, Channel.BOT]


class Receipt(BaseModel):
    """The participant's code is in here and nowhere else: it is shown once."""

    enquiry_id: UUID
    status: Status
    status_url: str
    code: str


class Decision(StrEnum):
    ACCEPT = "accept"
    REDIRECT = "redirect"


class Triage(Body):
    decision: Decision
    service: ReferralService | None = None
    """To which it is redirected, and only then."""

    @property
    def redirected_to(self) -> ReferralService | None:
        """None: it is accepted. Raises ServiceMissing, ServiceUncalledFor."""
        if self.decision is Decision.REDIRECT and self.service is None:
            raise ServiceMissing("service")
        if self.decision is Decision.ACCEPT and self.service is not None:
            raise ServiceUncalledFor("service")
        return self.service


class Withdrawal(Body):
    """A participant's own withdrawal is always `by_participant`."""

    reason: ChosenWithdrawal = WithdrawalReason.BY_PARTICIPANT


class Code(Body):
    code: Annotated[str, Text(64)]


class ParticipantToken(BaseModel):
    """RFC 6749, 5.1."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 -- a type of token, not one
    expires_in: int
    """Seconds."""


class SealedView(BaseModel):
    sealed: str
    """Base64."""
    key_id: UUID


class EnquiryView(BaseModel):
    enquiry_id: UUID
    status: Status
    ags: str
    postcode: str
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]
    mode: Mode
    channel: Channel
    criteria: tuple[Criterion, ...]
    dialect: str | None
    gender: Gender | None
    gender_binding: bool
    received_on: date
    service: ReferralService | None
    """Where it was redirected to."""
    decided_on: date | None

    @classmethod
    def of(cls, enquiry: Enquiry) -> Self:
        return cls(
            enquiry_id=enquiry.id,
            status=enquiry.status,
            ags=enquiry.ags,
            postcode=enquiry.postcode,
            **enquiry.wishes._asdict(),
            channel=enquiry.channel,
            received_on=enquiry.received_on,
            service=enquiry.service,
            decided_on=enquiry.decided_on,
        )


class EnquiryPage(BaseModel):
    enquiries: list[EnquiryView]
    next: UUID | None
    """Give it as `after` for the next page; None: there was no more."""
