"""The other services, asked by person for what they hold about a participant who wants to see it."""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

import httpx
from pydantic import TypeAdapter

from services.person.erasures import HEARERS
from services.person.views import KeptElsewhere
from shared.errors import Unavailable
from shared.exporting import Held
from shared.service_token import ServiceToken
from shared.settings import Settings

_ACCESSES = TypeAdapter(list[KeptElsewhere])


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

    async def accesses(self, enquiry_ids: Sequence[UUID]) -> Sequence[KeptElsewhere]:
        """Who read what of the cases, as case keeps it. Raises HolderAway."""
        try:
            headers = {"Authorization": f"Bearer {await self._token.value()}"}
            return [found for each in enquiry_ids for found in await self._accesses(each, headers)]
        except (httpx.HTTPError, ValueError, Unavailable):
            raise HolderAway from None

    async def _accesses(self, enquiry_id: UUID, headers: Mapping[str, str]) -> Sequence[KeptElsewhere]:
        answer = await self.client.get(
            f"{self._urls['case']}/internal/enquiries/{enquiry_id}/accesses", headers=headers
        )
        return [] if _holds_nothing(answer) else _ACCESSES.validate_json(answer.raise_for_status().content)

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
        if _holds_nothing(answer):
            return Held(tables={}, left_out={})
        return Held.model_validate_json(answer.raise_for_status().content)


def _holds_nothing(answer: httpx.Response) -> bool:
    return answer.status_code == HTTPStatus.NOT_FOUND and answer.json().get("code") == "nothing-held"
