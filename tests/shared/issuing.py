"""An issuer for tests: a key of its own, its JWKS on a real socket, and tokens with any claims."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from shared import clock
from shared.ids import new_id


@dataclass
class TestIssuer:
    __test__ = False

    name: str
    audience: str = "kim"
    kid: str = "first"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    fetches: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/jwks")
        async def jwks() -> dict[str, Any]:
            self.fetches += 1
            jwk = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [jwk | {"kid": self.kid, "use": "sig", "alg": "ES256"}]}

        return app

    def rotate(self) -> None:
        self.key, self.kid = ec.generate_private_key(ec.SECP256R1()), str(new_id())

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Good claims of a clerk, with changes; None takes a claim away."""
        now = clock.now()
        good = {
            "iss": self.name,
            "aud": self.audience,
            "sub": str(new_id()),
            "iat": now,
            "nbf": now,
            "exp": now + timedelta(minutes=5),
            "roles": ["clerk"],
        }
        return {name: value for name, value in (good | changed).items() if value is not None}

    def token(self, **changed: Any) -> str:
        headers = {"kid": self.kid, "typ": "at+jwt"}
        return jwt.encode(self.claims(**changed), self.key, algorithm="ES256", headers=headers)
