"""OpenID Connect Discovery 1.0: what an issuer says of itself."""

import asyncio
from time import monotonic

import httpx
from pydantic import BaseModel, ConfigDict

from shared.settings import Settings

PATH = "/.well-known/openid-configuration"
FRESH = 3600.0
"""Seconds after which the issuer is asked again."""


class Metadata(BaseModel):
    """As far as we use it (section 3). Addresses are as browsers know them."""

    model_config = ConfigDict(frozen=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str


class WrongIssuer(ValueError):
    """Who answers at KIM_ISSUER_URL is not the issuer that OIDC_ISSUER names."""


class Discovery:
    """The metadata of the issuer of OIDC_ISSUER, which is reached at KIM_ISSUER_URL. Kept while they are fresh."""

    def __init__(self, settings: Settings) -> None:
        self._outside = settings.oidc_issuer
        self._inside = settings.issuer_url.rstrip("/")
        self._known: Metadata | None = None
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()

    async def metadata(self, http: httpx.AsyncClient) -> Metadata:
        """Raises httpx.HTTPError, ValueError for an answer that is none, and WrongIssuer (section 4.3)."""
        async with self._fetching:
            if self._known is None or monotonic() - self._fetched > FRESH:
                answer = (await http.get(self._inside + PATH)).raise_for_status()
                found = Metadata.model_validate_json(answer.content)
                if found.issuer != self._outside:
                    raise WrongIssuer
                self._known, self._fetched = found, monotonic()
            return self._known

    async def token_endpoint(self, http: httpx.AsyncClient) -> str:
        """As this process reaches it. Raises as `metadata`."""
        address, outside = (await self.metadata(http)).token_endpoint, self._outside.rstrip("/")
        return self._inside + address.removeprefix(outside) if address.startswith(f"{outside}/") else address
