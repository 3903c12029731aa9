"""An access token for a service that calls another outside of event handling (OAuth client credentials)."""

import asyncio
import json
from pathlib import Path
from time import monotonic
from urllib.parse import quote_plus

import httpx
import structlog

from shared.discovery import Discovery
from shared.errors import Unavailable
from shared.http_client import http_client
from shared.settings import Settings

CLIENTS_FILE = "clients.json"
"""In KIM_SECRETS_DIR: `{"<client id>": "<secret>"}`, with at least the service's own."""
MARGIN = 30.0
"""Seconds before its expiry at which a token is replaced."""

_log = structlog.get_logger(__name__)


class ServiceToken:
    """Gives a token with Role.SERVICE, whose subject is the service's name; kept while it is valid."""

    def __init__(self, client_id: str, settings: Settings) -> None:
        self._client_id = client_id
        self._discovery = Discovery(settings)
        self._clients = settings.secrets_dir / CLIENTS_FILE
        self._value = ""
        self._good_until = float("-inf")
        self._fetching = asyncio.Lock()

    async def value(self) -> str:
        """Raises Unavailable where the issuer cannot be reached or does not know us: try again later."""
        async with self._fetching:
            if monotonic() >= self._good_until:
                await self._fetch()
        return self._value

    async def _fetch(self) -> None:
        asked = monotonic()
        try:
            secret = await asyncio.to_thread(_secret, self._clients, self._client_id)
            self._value, lifetime = await self._grant(secret)
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            _log.warning("no_service_token", error=type(error).__name__)
            raise Unavailable from None
        self._good_until = asked + lifetime - MARGIN

    async def _grant(self, secret: str) -> tuple[str, float]:
        """Token and its seconds. The secret goes by HTTP Basic, RFC 6749, 2.3.1, which every server has to support."""
        async with http_client(timeout=5) as client:
            url = await self._discovery.token_endpoint(client)
            auth = (quote_plus(self._client_id), quote_plus(secret))
            answer = await client.post(url, data={"grant_type": "client_credentials"}, auth=auth)
        body = answer.raise_for_status().json()
        return str(body["access_token"]), float(body["expires_in"])


def _secret(path: Path, client_id: str) -> str:
    return str(json.loads(path.read_text(encoding="utf-8"))[client_id])
