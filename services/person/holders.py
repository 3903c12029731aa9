"""The other services, asked by person for what they hold about a participant who wants to see it."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

import httpx

from services.person.erasures import HEARERS
from shared.errors import Unavailable
from shared.exporting import Held
from shared.service_token import ServiceToken
from shared.settings import Settings


class HolderAway(Unavailable):
    """Your data cannot be put together now, as not every service answers. Please try again later."""


class Holders:
    """All of them or none: an export in which a service is missing would tell something wrong."""

    def __init__(self, settings: Settings, token: ServiceToken) -> None:
        self.client = httpx.AsyncClient(timeout=5, trust_env=False)
        self._urls = {name: str(getattr(settings, f"{name}_url")).rstrip("/") for name in sorted(HEARERS)}
        self._token = token

    async def held(self, enquiry_ids: Sequence[UUID]) -> Mapping[str, Sequence[Held]]:
        """Service -> what it holds about each enquiry. Raises HolderAway."""
        found = await asyncio.gather(*(self._of(name, enquiry_ids) for name in self._urls))
        return dict(zip(self._urls, found, strict=True))

    async def _of(self, name: str, enquiry_ids: Sequence[UUID]) -> Sequence[Held]:
        try:
            headers = {"Authorization": f"Bearer {await self._token.value()}"}
            return [
                await self._ask(f"{self._urls[name]}/internal/enquiries/{each}/export", headers) for each in enquiry_ids
            ]
        except (httpx.HTTPError, ValueError, Unavailable):  # ValueError: what is no JSON, or not as agreed
            raise HolderAway from None

    async def _ask(self, url: str, headers: Mapping[str, str]) -> Held:
        answer = await self.client.get(url, headers=headers)
        if answer.status_code == HTTPStatus.NOT_FOUND and answer.json().get("code") == "nothing-held":
            return Held(tables={}, left_out={})
        return Held.model_validate_json(answer.raise_for_status().content)
