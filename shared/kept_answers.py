"""How a first answer is kept so that only who repeats the request can read it.

Everything is derived from the client's Idempotency-Key (HKDF, RFC 5869), which is not stored: without it, what
stands in the database can be neither read nor tested against a guessed body. So it must be random, as a UUID is.
"""

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True)
class Seal:
    """`name` finds the entry again, `body_hash` tells whether the body is the first one's."""

    name: bytes
    body_hash: bytes
    _key: bytes

    @classmethod
    def of(cls, key: str, scope: str, body: bytes) -> Self:
        """`scope`: caller, method and path, so that equal keys of different requests are different."""
        digest = hashlib.sha256(body).digest()
        return cls(
            _derive(key, scope, b"name"),
            hmac.digest(_derive(key, scope, b"body"), digest, "sha256"),
            _derive(key, scope, b"answer" + digest),
        )

    def close(self, answer: Answer) -> bytes:
        head = json.dumps([answer.status, answer.headers]).encode()
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, head + b"\n" + answer.body, self.name)

    def open(self, sealed: bytes) -> Answer:
        content = AESGCM(self._key).decrypt(sealed[:_NONCE], sealed[_NONCE:], self.name)
        head, _, body = content.partition(b"\n")
        status, headers = json.loads(head)
        return Answer(status, [(name, value) for name, value in headers], body)


def _derive(key: str, scope: str, purpose: bytes) -> bytes:
    salt = hashlib.sha256(scope.encode()).digest()
    return HKDF(SHA256(), 32, salt=salt, info=b"kim " + purpose).derive(key.encode())
