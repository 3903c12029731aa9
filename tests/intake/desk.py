"""What the tests of intake do over HTTP, and what they look up behind it."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from nacl.public import PrivateKey

from services.intake.participant_token import Signer
from shared.clock import BERLIN, now
from shared.contracts.base import Event
from shared.contracts.vocabulary import Criterion
from shared.database import Database
from shared.ids import new_id
from shared.sealing import ContactKind, SealedContact, seal
from tests.shared.issuing import TestIssuer
from tests.told import told

PERSON = PrivateKey.generate()
KEY_ID = str(new_id())
DINSLAKEN, MOERS = "05170008", "05170024"
CONTACT = SealedContact(
    name="Canary Name",
    contact_kind=ContactKind.PHONE,
    contact="0170 555 canary",
    message="canary message",
    preferred_language="ti",
)
TODAY = now().astimezone(BERLIN).date()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
IN_A_YEAR = (TODAY + timedelta(days=365)).isoformat()


def enquiry(**changed: Any) -> dict[str, Any]:
    """A good body that waits for triage, with changes; None takes a member away."""
    good = {
        "postcode": "46535",
        "topics": ["housing", "residence"],
        "languages": ["ti", "am"],
        "mode": "in_person",
        "channel": "web",
        "criteria": [],
        "consents": [{"kind": "processing", "purpose": "coordination", "valid_until": IN_A_YEAR}],
        "sealed": b64encode(seal(bytes(PERSON.public_key), CONTACT)).decode(),
        "key_id": KEY_ID,
    }
    return {name: value for name, value in (good | changed).items() if value is not None}


def clerk_enquiry(how: str = "orally_with_interpreter") -> dict[str, Any]:
    """A good body of a clerk, with a consent that was given to them."""
    [consent] = enquiry()["consents"]
    return enquiry(channel=None, consents=[consent | {"language_explained_in": "ti", "given_how": how}])


ALL_CRITERIA = list(Criterion)


@dataclass
class Intake:
    client: httpx.AsyncClient
    db: Database
    oidc: TestIssuer
    signer: Signer

    def clerk(self, *municipalities: str) -> dict[str, str]:
        return self.staff("clerk", municipalities=list(municipalities))

    def staff(self, *roles: str, **claims: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.oidc.token(roles=list(roles), **claims)}"}

    async def receive(self, **changed: Any) -> dict[str, Any]:
        answer = await self.client.post("/enquiries", json=enquiry(**changed))
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def exchange(self, code: str, address: str = "192.0.2.1") -> httpx.Response:
        return await self.client.post("/participant/token", json={"code": code}, headers={"X-Forwarded-For": address})

    async def participant(self, receipt: dict[str, Any]) -> dict[str, str]:
        answer = await self.exchange(receipt["code"])
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    async def events(self) -> list[Event]:
        """What was published, in order; every one is readable by its contract."""
        return await told(self.db)

    async def everything(self) -> str:
        """Every row of every table, as text."""
        async with self.db.read() as conn:
            tables = await conn.fetch("select tablename from pg_tables where schemaname = 'public'")
            rows = [
                await conn.fetch(f"select to_jsonb(t)::text as row from {table['tablename']} t")  # noqa: S608
                for table in tables
            ]
        return "\n".join(row["row"] for table in rows for row in table)
