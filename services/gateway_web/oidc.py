"""Signing in at the issuer: OpenID Connect's authorization code flow with PKCE (RFC 7636), as a public client."""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Self
from urllib.parse import urlencode

import httpx
import jwt
from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway_web.errors import SignInFailed
from shared.discovery import Discovery
from shared.errors import Unavailable
from shared.jwks import KeySet
from shared.settings import Settings
from shared.tokens import ALGORITHMS, LEEWAY

CLIENT = "gateway_web"


class Started(BaseModel):
    """What has to be remembered until the browser comes back."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    verifier: str
    back_to: str

    @classmethod
    def now(cls, back_to: str) -> Self:
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, back_to=back_to)

    @property
    def challenge(self) -> str:
        return urlsafe_b64encode(sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Session(BaseModel):
    """Somebody who signed in."""

    model_config = ConfigDict(frozen=True)

    access_token: str
    """It says itself how long it is good for."""
    name: str


class _Answer(BaseModel):
    access_token: str
    id_token: str


class SignIn:
    """The way to the issuer and back."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._settings = settings
        self._http = http
        self._keys = KeySet(settings.oidc_jwks_url)
        self._discovery = Discovery(settings)

    async def address(self, started: Started, redirect_uri: str) -> str:
        """Where to send the browser. Raises Unavailable."""
        asked = {
            "client_id": CLIENT,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": started.challenge,
            "code_challenge_method": "S256",
        }
        try:
            found = await self._discovery.metadata(self._http)
        except (httpx.HTTPError, ValueError):
            raise Unavailable from None
        return f"{found.authorization_endpoint}?{urlencode(asked)}"

    async def finish(self, started: Started, code: str, redirect_uri: str) -> Session:
        """The session for the code. Raises SignInFailed, or Unavailable."""
        form = {
            "grant_type": "authorization_code",
            "client_id": CLIENT,
            "redirect_uri": redirect_uri,
            "code": code,
            "code_verifier": started.verifier,
        }
        try:
            endpoint = await self._discovery.token_endpoint(self._http)
            answer = await self._http.post(endpoint, data=form)
        except (httpx.HTTPError, ValueError):
            raise Unavailable from None
        if answer.status_code >= 500:
            raise Unavailable
        try:
            found = _Answer.model_validate_json(answer.content)
        except ValidationError:
            raise SignInFailed from None
        return Session(access_token=found.access_token, name=await self._name(found.id_token, started.nonce))

    async def _name(self, id_token: str, nonce: str) -> str:
        """OpenID Connect Core 1.0, 3.1.3.7. Raises SignInFailed."""
        try:
            key = await self._keys.key(str(jwt.get_unverified_header(id_token).get("kid")))
            if key is None:
                raise SignInFailed
            claims = jwt.decode(
                id_token, key, ALGORITHMS, audience=CLIENT, issuer=self._settings.oidc_issuer, leeway=LEEWAY,
                options={"require": ["iss", "aud", "exp", "iat", "sub", "nonce"]},
            )  # fmt: skip
        except jwt.PyJWTError:
            raise SignInFailed from None
        if claims["nonce"] != nonce:
            raise SignInFailed
        return str(claims.get("name", ""))
