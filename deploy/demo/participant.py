"""Somebody who asks for counselling, as the gateways would let them: through the public API and nothing else."""

import asyncio
import base64
import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from deploy.client import Client
from shared.contracts.vocabulary import ConsentKind, Criterion, Purpose, Recipient
from shared.sealing import ContactKind, SealedContact, seal

PATIENCE = 30.0
"""Seconds within which the system has to have reacted."""


class NothingHappenedError(Exception):
    """The system did not come to the state that was waited for."""


@dataclass(frozen=True)
class Wish:
    """What the participant says on the form."""

    title: str
    postcode: str
    languages: list[str]
    topics: list[str]
    share_with: Recipient | None
    """The coordinating office that may see more than open fields, with the participant's consent."""


@dataclass
class Participant:
    client: Client
    enquiry_id: UUID
    token: str

    @classmethod
    async def ask(cls, client: Client, wish: Wish, **otherwise: Any) -> "Participant":
        """Sends the enquiry, with any member `otherwise`; exchanges the code for a token, as the status page does."""
        settings = client.settings
        enquiry = await _enquiry(client, wish) | otherwise
        receipt = await client.call("POST", f"{settings.intake_url}/enquiries", json=enquiry)
        token = await client.call("POST", f"{settings.intake_url}/participant/token", json={"code": receipt["code"]})
        return cls(client, UUID(receipt["enquiry_id"]), token["access_token"])

    async def booking(self, *states: str) -> Any:
        """The participant's booking, once it is in one of these states. Raises NothingHappenedError."""
        until = time.monotonic() + PATIENCE
        url = f"{self.client.settings.scheduling_url}/bookings?enquiry_id={self.enquiry_id}"
        while time.monotonic() < until:
            found = await self.client.call("GET", url, token=self.token)
            latest = next((each for each in found if each["foremost"]), None)
            if latest and latest["state"] in states:
                return latest
            await asyncio.sleep(0.1)
        raise NothingHappenedError(f"no booking of enquiry {self.enquiry_id} came to be {' or '.join(states)}")

    async def choose_first(self, booking: Any) -> None:
        """Takes the first of the proposed slots."""
        await self.choose(booking, booking["slots"][0]["slot_id"])

    async def choose(self, booking: Any, slot_id: str) -> None:
        url = f"{self.client.settings.scheduling_url}/bookings/{booking['booking_id']}/choice"
        await self.client.call("POST", url, token=self.token, json={"slot_id": slot_id})


async def _enquiry(client: Client, wish: Wish) -> Any:
    public = await client.call("GET", f"{client.settings.person_url}/public-key")
    contact = SealedContact(
        name=f"Demo {uuid4()}",
        contact_kind=ContactKind.NONE,
        contact="",
        message="Bitte rufen Sie nicht an.",
        preferred_language=wish.languages[0],
    )
    sealed = seal(base64.b64decode(public["public_key"]), contact)
    return {
        "channel": "web",
        "postcode": wish.postcode,
        "topics": wish.topics,
        "languages": wish.languages,
        "mode": "in_person",
        "criteria": list(Criterion),
        "consents": list(_consents(wish)),
        "sealed": base64.b64encode(sealed).decode(),
        "key_id": public["key_id"],
    }


def _consents(wish: Wish) -> Any:
    until = (date.today() + timedelta(days=365)).isoformat()  # noqa: DTZ011 - a day a year from now
    kind = ConsentKind.PROCESSING
    yield {"kind": kind, "purpose": Purpose.COUNSELLING, "recipient": Recipient.KIM, "valid_until": until}
    if wish.share_with:
        yield {
            "kind": kind, "purpose": Purpose.COORDINATION, "recipient": wish.share_with, "valid_until": until,
        }  # fmt: skip
