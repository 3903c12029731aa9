"""Where the links come from by which interpreters answer: interpreter's route for them, with a service token."""

from uuid import UUID

import httpx

from shared.errors import Unavailable
from shared.service_token import ServiceToken


class LinksAway(Exception):
    """Interpreter, or the issuer of our token, does not answer as agreed: try again later."""


class OfferOver(Exception):
    """There is nothing to be answered any more."""


class OfferLinks:
    def __init__(self, url: str, token: ServiceToken) -> None:
        self.client = httpx.AsyncClient(base_url=url, timeout=5, trust_env=False)
        self._token = token

    async def new(self, offer_id: UUID) -> str:
        """The token of a new link; an earlier one opens nothing any more. Raises LinksAway, OfferOver."""
        try:
            headers = {"Authorization": f"Bearer {await self._token.value()}"}
            answer = await self.client.post(f"/offers/{offer_id}/link", headers=headers)
            if answer.status_code in {404, 409}:
                raise OfferOver
            return str(answer.raise_for_status().json()["token"])
        except (httpx.HTTPError, Unavailable, ValueError, KeyError, TypeError):
            raise LinksAway from None
