"""Intake's two secrets: the key of the codes' hashes, and the ES256 key that signs participants' tokens."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import ECAlgorithm

from shared.secret_file import SecretUnusable, read_key, read_or_make

CODE_FILE = "intake-code.key"
"""Base64 of 32 bytes. With another key every code is void."""
SIGNING_FILE = "intake-signing.pem"
"""PKCS #8, curve P-256. With another key every token is void, for the 15 minutes it had."""


@dataclass(frozen=True)
class Keys:
    code: bytes = field(repr=False)
    signing: EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def read(cls, secrets_dir: Path, *, may_make: bool) -> Self:
        """From the files, which are made where they are missing and `may_make`. Raises SecretUnusable."""
        code = read_key(secrets_dir / CODE_FILE, may_make=may_make)
        signing = read_or_make(secrets_dir / SIGNING_FILE, _new_signing_key, may_make=may_make)
        return cls(code, _signing_key(signing))

    @classmethod
    def new(cls) -> Self:
        return cls(token_bytes(32), generate_private_key(SECP256R1()))

    @property
    def kid(self) -> str:
        """The thumbprint of the public key (RFC 7638)."""
        jwk = self._public()
        canonical = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"))
        return urlsafe_b64encode(sha256(canonical.encode()).digest()).rstrip(b"=").decode()

    def jwks(self) -> dict[str, Any]:
        """The public key as a set (RFC 7517)."""
        return {"keys": [self._public() | {"kid": self.kid, "use": "sig", "alg": "ES256"}]}

    def _public(self) -> dict[str, Any]:
        return ECAlgorithm.to_jwk(self.signing.public_key(), as_dict=True)


def _new_signing_key() -> bytes:
    return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _signing_key(content: bytes) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise SecretUnusable(f"{SIGNING_FILE} is no P-256 key in PEM: delete it or restore it from its backup.")
    return key
