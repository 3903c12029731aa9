"""Tokens: access tokens as RFC 9068 has them, and OpenID Connect's id tokens, both signed with ES256."""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from jwt.algorithms import ECAlgorithm

from deploy.issuer.identities import Identity
from shared import clock
from shared.ids import new_id

LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Mint:
    """`issuer` and `audience` are what the services expect in `iss` and `aud`."""

    key: EllipticCurvePrivateKey
    issuer: str
    audience: str

    @property
    def public_jwk(self) -> dict[str, Any]:
        jwk: dict[str, Any] = json.loads(ECAlgorithm.to_jwk(self.key.public_key()))
        return jwk | {"kid": _thumbprint(jwk), "use": "sig", "alg": "ES256"}

    def answer(
        self, identity: Identity, client: str, *, nonce: str | None = None, openid: bool = False
    ) -> dict[str, Any]:
        """The token endpoint's answer (RFC 6749, 5.1)."""
        answer = {
            "access_token": self._access_token(identity, client),
            "token_type": "Bearer",
            "expires_in": int(LIFETIME.total_seconds()),
        }
        return answer | ({"id_token": self._id_token(identity, client, nonce)} if openid else {})

    def _access_token(self, identity: Identity, client: str) -> str:
        claims = self._claims(identity, self.audience) | {
            "client_id": client,
            "jti": str(new_id()),
            "roles": list(identity.roles),
            "municipalities": list(identity.municipalities),
        }
        return self._sign(claims | ({"office": identity.office} if identity.office else {}), "at+jwt")

    def _id_token(self, identity: Identity, client: str, nonce: str | None) -> str:
        claims = self._claims(identity, client) | {"name": identity.label}
        return self._sign(claims | ({"nonce": nonce} if nonce else {}), "JWT")

    def _claims(self, identity: Identity, audience: str) -> dict[str, Any]:
        now = clock.now()
        return {
            "iss": self.issuer,
            "aud": audience,
            "sub": identity.sub,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME,
        }

    def _sign(self, claims: dict[str, Any], kind: str) -> str:
        headers = {"kid": self.public_jwk["kid"], "typ": kind}
        return jwt.encode(claims, self.key, algorithm="ES256", headers=headers)


def _thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638: the same key has the same id after a restart."""
    members = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
    return base64url(hashlib.sha256(members.encode()).digest())


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
