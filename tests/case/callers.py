"""Callers of the API, with tokens of their issuers."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI

from services.case.case import Case
from shared.ids import new_id
from tests.shared.issuing import TestIssuer


@dataclass
class Caller:
    client: httpx.AsyncClient
    token: str | None

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        return await self.client.request(method, path, json=body, headers=sent)

    async def get(self, path: str, **params: str) -> httpx.Response:
        return await self.call("GET", str(httpx.URL(path, params=params)))


@dataclass
class Callers:
    client: httpx.AsyncClient
    staff: TestIssuer
    intake: TestIssuer
    app: FastAPI

    def role(self, role: str, subject: object = None) -> Caller:
        return Caller(self.client, self.staff.token(roles=[role], sub=str(subject or new_id())))

    def manager_of(self, case: Case) -> Caller:
        return self.role("case_manager", case.case_manager_id)

    def participant(self, enquiry_id: UUID) -> Caller:
        return Caller(self.client, self.intake.token(roles=["participant"], enquiry_id=str(enquiry_id)))

    @property
    def nobody(self) -> Caller:
        return Caller(self.client, None)

    def partner(self, service: str, *municipalities: str) -> Caller:
        """The system of a service, whose code is the subject of its token."""
        return Caller(
            self.client, self.staff.token(roles=["partner"], sub=service, municipalities=list(municipalities))
        )
