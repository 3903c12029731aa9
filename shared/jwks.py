"""The public keys of a token issuer: kept in memory, fetched again as they age or an unknown one turns up."""

import asyncio
from time import monotonic

import httpx
import jwt
import structlog

from shared.errors import Unavailable
from shared.http_client import http_client

FRESH = 600.0
"""Seconds after which keys are fetched again, so that one the issuer withdrew stops being accepted."""
STALE = 3600.0
"""Seconds for which old keys still serve while the issuer cannot be reached."""
PAUSE = 10.0
"""Least seconds between two fetches, so that made-up key ids cannot make us flood the issuer."""
PAUSE_AFTER_FAULT = 1.0

_log = structlog.get_logger(__name__)


class KeySet:
    """Keys by id (`kid`), from a JWKS address (RFC 7517)."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched = float("-inf")
        self._next_fetch = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: str) -> jwt.PyJWK | None:
        """The key of that id, None where the issuer has none. Raises Unavailable where no keys can be had."""
        if kid not in self._keys or self._age() > FRESH:
            async with self._fetching:
                await self._fetch_if_due(kid)
        if self._age() > STALE:
            raise Unavailable
        return self._keys.get(kid)

    def _age(self) -> float:
        return monotonic() - self._fetched

    async def _fetch_if_due(self, kid: str) -> None:
        needed = kid not in self._keys or self._age() > FRESH
        if not needed or monotonic() < self._next_fetch:
            return
        try:
            self._keys = await _fetch(self._url)
        except (httpx.HTTPError, jwt.PyJWTError, ValueError) as error:
            self._next_fetch = monotonic() + PAUSE_AFTER_FAULT
            _log.warning("keys_not_fetched", error=type(error).__name__)
        else:
            self._fetched = monotonic()
            self._next_fetch = self._fetched + PAUSE


async def _fetch(url: str) -> dict[str, jwt.PyJWK]:
    async with http_client(timeout=3) as client:
        answer = (await client.get(url)).raise_for_status()
    keys = jwt.PyJWKSet.from_dict(answer.json()).keys
    return {key.key_id: key for key in keys if key.key_id and key.public_key_use in {None, "sig"}}
