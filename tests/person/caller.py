"""Callers of the vault's API: staff, services and participants, with tokens of their issuers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from shared.ids import new_id
from tests.shared.issuing import TestIssuer


@dataclass
class Callers:
    client: httpx.AsyncClient
    staff: TestIssuer
    intake: TestIssuer

    def role(self, role: str, subject: UUID | None = None) -> "Caller":
        return Caller(self.client, self.staff.token(roles=[role], sub=str(subject or new_id())))

    def participant(self, enquiry_id: UUID) -> "Caller":
        return Caller(self.client, self.intake.token(roles=["participant"], enquiry_id=str(enquiry_id)))

    @property
    def nobody(self) -> "Caller":
        return Caller(self.client, None)


@dataclass
class Caller:
    client: httpx.AsyncClient
    token: str | None

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(path, headers=self._headers() | headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, headers=self._headers() | headers, json=body)

    async def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.put(path, headers=self._headers() | headers, json=body)

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class Registered:
    """Somebody in the vault, and who may ask for them."""

    enquiry_id: UUID
    person_id: UUID
    case_manager_id: UUID
    case_manager: Caller
    participant: Caller

    async def proof(self) -> dict[str, str]:
        """The header of the second factor, by a code from the case manager."""
        given = await self.case_manager.post(f"/persons/by-enquiry/{self.enquiry_id}/second-factor")
        body = {"purpose": "second_factor", "code": given.json()["code"]}
        return {"Second-Factor": (await self.participant.post("/me/codes/redeem", body)).json()["proof"]}

    @property
    def contact(self) -> str:
        return f"/persons/by-enquiry/{self.enquiry_id}?purpose=counselling"
