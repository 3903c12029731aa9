"""What the API takes and gives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.person.domain import AccessPurpose, Consent, Terms, Wish
from services.person.erasures import Receipt, Step
from services.person.messages import Kind, Shown
from services.person.store import Access
from services.person.store_messages import Channel, Settled
from services.person.texts import TEXTS, of_access
from shared.bodies import Body, Text
from shared.contracts.vocabulary import (
    ConsentKind,
    GivenHow,
    Language,
    LanguageTag,
    Purpose,
    Recipient,
    ToldStaff,
    Topic,
)
from shared.sealing import Contact, SealedContact


def _once(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    if len(set(topics)) < len(topics):
        raise ValueError("must not repeat a value")
    return topics


class PublicKeyView(BaseModel):
    """`public_key`: base64 of a 32-byte X25519 key, for `shared.sealing.seal`."""

    key_id: UUID
    public_key: str


class PersonView(SealedContact):
    person_id: UUID


class CorrectedContact(Body, Contact):
    """All of it as it is right; the message stays as it was written."""


class NewConsent(Body):
    kind: ConsentKind
    recipient: Recipient
    purpose: Purpose
    topics: Annotated[tuple[Topic, ...], Field(min_length=1), AfterValidator(_once)]
    """What it is about."""
    language_explained_in: Language
    """In which it was explained what is consented to; BCP 47."""
    valid_until: date
    """Last day on which it counts, Europe/Berlin."""
    recipient_confirmed: bool = False
    """The recipient was confirmed by an act of its own: the foreigners' authority is a recipient in no other way."""

    def wish(self) -> Wish:
        terms = Terms.model_validate(self, from_attributes=True)
        return Wish(
            terms=terms,
            language_explained_in=self.language_explained_in,
            recipient_confirmed=self.recipient_confirmed,
        )


class RecordedConsent(NewConsent):
    given_how: ToldStaff
    """The evidence: how the participant gave it to the staff member."""


class ConsentView(BaseModel):
    id: UUID
    kind: ConsentKind
    recipient: Recipient
    purpose: Purpose
    topics: tuple[Topic, ...]
    valid_until: date
    given_how: GivenHow
    language_explained_in: str | None
    recorded_by: str | None
    """Id of the staff member to whom it was given; None: given by the participant themselves."""
    revoked_on: date | None
    revocation_recorded_by: str | None
    """The same of who noted that it was taken back."""

    @classmethod
    def of(cls, consent: Consent) -> Self:
        return cls(
            id=consent.id,
            given_how=consent.given_how,
            language_explained_in=consent.language_explained_in,
            recorded_by=consent.recorded_by,
            revoked_on=consent.revoked_on,
            revocation_recorded_by=consent.revocation_recorded_by,
            **consent.terms.model_dump(),
        )


class KeptElsewhere(BaseModel):
    """A reading in another service, as that keeps it: coded."""

    id: UUID
    who: str
    role: str
    what: str
    why: str
    at: datetime


class AccessView(BaseModel):
    """Who read what of the participant's data, why and when. `who`: id of a staff member, or code of a service."""

    id: UUID
    who: str
    role: str
    what: str
    why: str
    at: datetime
    text: str
    """All of it in one line, in the participant's language."""
    language: LanguageTag | None
    """Of the text; null: it stands there in German and English."""

    @classmethod
    def of(cls, access: Access | KeptElsewhere, language: str) -> Self:
        text = of_access(language, {"who": access.role, "what": access.what, "why": access.why}, access.at)
        return cls(
            id=access.id, who=access.who, role=access.role, what=access.what, why=access.why, at=access.at, text=text,
            language=language if language in TEXTS else None,
        )  # fmt: skip


class ConflictKind(StrEnum):
    """By what people may be too close for one to interpret for the other."""

    FAMILY = "family"
    COMMUNITY = "community"
    VILLAGE = "village"


class ConflictCandidate(Body):
    kind: ConflictKind
    value: Annotated[str, Text(200), Field(repr=False)]


class NewConflictTokens(Body):
    of: Annotated[list[ConflictCandidate], Field(min_length=1, max_length=50)]


class Conflicts(Body):
    of: Annotated[list[ConflictCandidate], Field(max_length=50)]


class ConflictsView(BaseModel):
    number: int


class ConflictTokensView(BaseModel):
    """In the order of the request; 64 hexadecimal digits each. Equal tokens mean equal values."""

    tokens: list[str]


class InterpreterContact(Body):
    email: Annotated[str, Text(200), Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$", repr=False)]
    language: Language
    """In which they are written to; BCP 47."""


class InterpreterContactsView(BaseModel):
    interpreter_ids: list[UUID]
    """Of whom there is an address. It is never shown itself."""


class ErasureView(BaseModel):
    """`erasure_id` is the number of the receipt: whoever knows it may see that."""

    erasure_id: UUID


class ReceiptView(BaseModel):
    """How far an erasure has come. Done: every service has erased, and the log was read without finding anything."""

    erasure_id: UUID
    step: Step
    asked_at: datetime | None
    erased_at: datetime | None
    completed_at: datetime | None
    erased_by: list[str]

    @classmethod
    def of(cls, receipt: Receipt) -> Self:
        return cls(
            erasure_id=receipt.id,
            step=receipt.step,
            asked_at=receipt.asked_at,
            erased_at=receipt.erased_at,
            completed_at=receipt.completed_at,
            erased_by=sorted({"person", *receipt.answered}) if receipt.erased_at else [],
        )


class FetchesView(BaseModel):
    """Sealed blocks still to be fetched, and those that never will be, by reason."""

    due: int = 0
    missing: int = 0
    undecipherable: int = 0
    unreadable: int = 0


class MessagesView(BaseModel):
    """Messages still to be sent, and what became of the others."""

    due: int = 0
    sent: int = 0
    refused: int = 0
    """For good, by the mail server or Telegram."""
    too_late: int = 0
    on_page: int = 0
    not_consented: int = 0
    """For whoever no channel leads to: they read it on their page."""


class ShownMessage(BaseModel):
    """A message to the participant, and what became of it."""

    id: UUID
    kind: Kind
    channel: Channel
    made_at: datetime
    state: Settled | Literal["due"]
    settled_at: datetime | None
    subject: str | None = Field(repr=False)
    text: str | None = Field(repr=False)
    """In the preferred language. None for a code, and once it helps no more."""

    @classmethod
    def of(cls, shown: Shown) -> Self:
        kept, letter = shown.message, shown.letter
        return cls(
            id=kept.id,
            kind=Kind(kept.kind),
            channel=kept.channel,
            made_at=kept.made_at,
            state=kept.settled or "due",
            settled_at=kept.settled_at,
            subject=letter.subject if letter else None,
            text=letter.text if letter else None,
        )


class RetriedView(BaseModel):
    retried: int


class NoteKeyInput(Body):
    purpose: AccessPurpose


class NoteKeyView(BaseModel):
    key: str
    """Base64 of 32 bytes, for XChaCha20-Poly1305. Keep it in memory for a minute at most."""
