"""Where the sealed blocks come from: intake's internal route, with a service token."""

from base64 import b64decode
from typing import Any
from uuid import UUID

import httpx

from shared.errors import Unavailable
from shared.http_client import http_client
from shared.service_token import ServiceToken


class IntakeAway(Exception):
    """Intake, or the issuer of our token, does not answer as agreed: try again later."""


class NoBlock(Exception):
    """Intake holds no sealed block of this enquiry."""


class Intake:
    def __init__(self, url: str, token: ServiceToken) -> None:
        self.client = http_client(base_url=url, timeout=5)
        self._token = token

    async def sealed_block(self, enquiry_id: UUID) -> bytes:
        """Raises IntakeAway or NoBlock."""
        answer = await self._get(f"/internal/enquiries/{enquiry_id}/sealed")
        if answer.status_code == 404:
            raise NoBlock
        try:
            body: Any = answer.raise_for_status().json()
            return b64decode(body["sealed"], validate=True)
        except (httpx.HTTPStatusError, ValueError, KeyError, TypeError):
            raise IntakeAway from None

    async def _get(self, path: str) -> httpx.Response:
        try:
            headers = {"Authorization": f"Bearer {await self._token.value()}"}
            return await self.client.get(path, headers=headers)
        except (httpx.HTTPError, Unavailable):
            raise IntakeAway from None
