"""The services behind the gateway, through their API: intake, person's public key and messages, scheduling."""

from base64 import b64decode, b64encode, urlsafe_b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, Field
from pydantic_core import from_json

from shared.contracts.vocabulary import Mode
from shared.errors import Unavailable
from shared.http_client import http_client
from shared.sealing import SealedContact, seal
from shared.service_token import ServiceToken
from shared.settings import Settings
from shared.telemetry import traceparent


class ServiceUnavailable(Exception):
    """A service cannot be reached or is out of order: a later attempt may go well."""


class Refused(Exception):
    """A service does not accept the request. `status` is HTTP's, `problem` what RFC 9457 has it say."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(status)
        self.status = status
        self.problem = problem


class SlotTaken(Exception):
    """The slot is no longer free. `alternatives` are those that still are."""

    def __init__(self, alternatives: Iterable[UUID]) -> None:
        super().__init__()
        self.alternatives = frozenset(alternatives)


class Session(NamedTuple):
    """What a code opened, for 15 minutes."""

    token: str
    enquiry_id: str


class Sealed(NamedTuple):
    block: str
    """Base64."""
    key_id: str


class Slot(BaseModel):
    slot_id: UUID
    starts_at: AwareDatetime


class Booking(BaseModel):
    booking_id: UUID
    state: str
    mode: Mode
    slots: list[Slot]
    chosen: Slot | None
    reason: str | None = None


class Told(BaseModel):
    """Words of scheduling, in the two languages in which it gives its reasons."""

    words: dict[Literal["de", "en"], str]


class Shortage(Told):
    """Why no time was found, and what would give some."""

    missing: str | None
    """None: there is time by now."""
    reliefs: list[Told]


class Offer(BaseModel):
    """What an interpreter is asked, by the link to one offer."""

    state: str
    language: str
    mode: Mode
    ags: str
    starts_at: AwareDatetime


class Outgoing(BaseModel):
    """A message of person's to somebody's chat."""

    id: UUID
    chat_id: int = Field(repr=False)
    text: str = Field(repr=False)


_NOT_FOUND = frozenset({"no_slot", "no_interpreter"})
Outcome = Literal["sent", "refused"]
"""Refused: for good."""


class Standing(NamedTuple):
    """How an enquiry stands: intake's status, and the booking that scheduling shows first."""

    status: str
    booking: Booking | None
    shortage: Shortage | None = None
    """Where no time was found."""


@dataclass
class Services:
    """Every method raises ServiceUnavailable or Refused."""

    settings: Settings
    http: httpx.AsyncClient = field(default_factory=lambda: http_client(timeout=10))
    token: ServiceToken = field(init=False)

    def __post_init__(self) -> None:
        self.token = ServiceToken("gateway_bot", self.settings)

    async def sealed(self, contact: SealedContact) -> Sealed:
        """The contact, so that person alone can read it."""
        key = await self._call("GET", f"{self.settings.person_url}/public-key")
        return Sealed(b64encode(seal(b64decode(key["public_key"]), contact)).decode(), key["key_id"])

    async def submit(self, enquiry: dict[str, Any], key: str) -> str:
        """Sends the enquiry, once in effect for each idempotency `key`. Returns the participant's code."""
        receipt = await self._call(
            "POST", f"{self.settings.intake_url}/enquiries", json=enquiry, headers={"Idempotency-Key": key}
        )
        return str(receipt["code"])

    async def session(self, code: str, address: str) -> Session:
        """Refused with 401 for a code that opens nothing, with 429 for too many attempts from this address."""
        answer = await self._call(
            "POST",
            f"{self.settings.intake_url}/participant/token",
            json={"code": code},
            headers={"X-Forwarded-For": address},
        )
        return Session(answer["access_token"], _enquiry_id(answer["access_token"]))

    async def standing(self, session: Session) -> Standing:
        headers = _bearer(session)
        enquiry = await self._call("GET", f"{self.settings.intake_url}/enquiries/{session.enquiry_id}", headers=headers)
        bookings = await self._call(
            "GET",
            f"{self.settings.scheduling_url}/bookings",
            params={"enquiry_id": session.enquiry_id},
            headers=headers,
        )
        foremost = next((Booking.model_validate(each) for each in bookings if each["foremost"]), None)
        return Standing(enquiry["status"], foremost, await self._shortage(session, foremost))

    async def _shortage(self, session: Session, booking: Booking | None) -> Shortage | None:
        if booking is None or booking.reason not in _NOT_FOUND:
            return None
        url = f"{self.settings.scheduling_url}/bookings/{booking.booking_id}/shortage"
        return Shortage.model_validate(await self._call("GET", url, headers=_bearer(session)))

    async def choose(self, session: Session, booking_id: UUID, slot_id: UUID, key: str) -> None:
        """Takes a proposed slot. Raises SlotTaken too."""
        url = f"{self.settings.scheduling_url}/bookings/{booking_id}/choice"
        headers = {**_bearer(session), "Idempotency-Key": key}
        try:
            await self._call("POST", url, json={"slot_id": str(slot_id)}, headers=headers)
        except Refused as refused:
            if refused.status != 409:
                raise
            raise SlotTaken(UUID(each["slot_id"]) for each in refused.problem.get("alternatives", [])) from None

    async def offer(self, token: str) -> Offer:
        """Refused with 404 for a link that opens nothing any more. Looking answers nothing."""
        url = f"{self.settings.interpreter_url}/offer-link"
        return Offer.model_validate(await self._call("GET", url, headers={"Offer-Token": token}))

    async def answer_offer(self, token: str, answer: str) -> Offer:
        """Refused with 404 or 409 where it is too late."""
        url = f"{self.settings.interpreter_url}/offer-link/answer"
        return Offer.model_validate(await self._call("POST", url, json={"token": token, "answer": answer}))

    async def claim_messages(self) -> list[Outgoing]:
        """What is due to go to chats now. It comes again, unless its outcome is told."""
        url = f"{self.settings.person_url}/outgoing/telegram/claim"
        answer = await self._call("POST", url, headers=await self._as_service())
        return [Outgoing.model_validate(each) for each in answer["messages"]]

    async def tell_outcome(self, message_id: UUID, outcome: Outcome) -> None:
        """What became of a message that was claimed."""
        url = f"{self.settings.person_url}/outgoing/telegram/{message_id}/outcome"
        await self._call("POST", url, json={"outcome": outcome}, headers=await self._as_service())

    async def _as_service(self) -> dict[str, str]:
        try:
            return {"Authorization": f"Bearer {await self.token.value()}"}
        except Unavailable:
            raise ServiceUnavailable from None

    async def _call(self, method: str, url: str, *, headers: dict[str, str] | None = None, **request: Any) -> Any:
        traced = {"traceparent": parent} if (parent := traceparent()) else {}
        try:
            answer = await self.http.request(method, url, headers={**traced, **(headers or {})}, **request)
        except httpx.TransportError:
            raise ServiceUnavailable from None
        if answer.status_code >= 500:
            raise ServiceUnavailable
        if answer.is_error:
            raise Refused(answer.status_code, answer.json())
        return answer.json() if answer.content else None


def _bearer(session: Session) -> dict[str, str]:
    return {"Authorization": f"Bearer {session.token}"}


def _enquiry_id(token: str) -> str:
    """The claim of a token that intake just gave us: services verify it, the gateway only needs to know its way."""
    claims = token.split(".")[1]
    return str(UUID(from_json(urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["enquiry_id"]))
