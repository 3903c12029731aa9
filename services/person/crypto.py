"""Encryption of the vault: XChaCha20-Poly1305, each ciphertext bound to what it belongs to.

A key opens nothing that was bound to another owner, so a ciphertext moved to another row fails closed.
"""

from dataclasses import dataclass, field
from hmac import digest
from typing import Self
from unicodedata import normalize
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox
from nacl.secret import Aead
from nacl.utils import random

KEY_BYTES = Aead.KEY_SIZE


class Undecipherable(Exception):
    """Wrong key, wrong owner or a changed ciphertext: which of them is not told."""


@dataclass(frozen=True, slots=True)
class Key:
    """A 256-bit key that never shows in a repr."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")

    @classmethod
    def new(cls) -> Self:
        return cls(random(KEY_BYTES))

    def encrypt(self, text: bytes, owner: str) -> bytes:
        """Nonce and ciphertext of `text`, which only this key opens, and only for the same `owner`."""
        return bytes(Aead(self.secret).encrypt(text, owner.encode()))

    def decrypt(self, ciphertext: bytes, owner: str) -> bytes:
        """The inverse. Raises Undecipherable."""
        try:
            return bytes(Aead(self.secret).decrypt(ciphertext, owner.encode()))
        except (CryptoError, ValueError):
            raise Undecipherable from None


@dataclass(frozen=True, slots=True)
class MasterKey:
    """Wraps every other key. `version` stands beside what it wrapped, so that it can be rotated."""

    version: int
    key: Key

    def wrap(self, key: Key, owner: str) -> bytes:
        return self.key.encrypt(key.secret, f"key:{owner}")

    def unwrap(self, wrapped: bytes, owner: str) -> Key:
        """Raises Undecipherable."""
        return Key(self.key.decrypt(wrapped, f"key:{owner}"))


def derive(key: Key, use: str) -> Key:
    """A key for one use, by HKDF (RFC 5869): it tells nothing of `key`."""
    return Key(HKDF(SHA256(), KEY_BYTES, salt=None, info=f"kim/{use}".encode()).derive(key.secret))


def person_owner(person_id: UUID) -> str:
    return f"person:{person_id}"


def pair_owner(key_id: UUID) -> str:
    return f"sealing:{key_id}"


CONFLICT_OWNER = "conflict-of-interest"


def new_pair() -> tuple[Key, bytes]:
    """A private key for sealed blocks and its public key."""
    private = PrivateKey.generate()
    return Key(bytes(private)), bytes(private.public_key)


def unseal(private_keys: list[Key], block: bytes) -> bytes:
    """What is in a sealed block, by whichever key opens it. Raises Undecipherable where none does."""
    for key in private_keys:
        try:
            return bytes(SealedBox(PrivateKey(key.secret)).decrypt(block))
        except (CryptoError, ValueError, TypeError):
            continue
    raise Undecipherable


def conflict_token(key: Key, kind: str, value: str) -> str:
    """HMAC-SHA256, hex: equal for equal values of one kind, whatever their case, spacing or Unicode form."""
    plain = " ".join(normalize("NFKC", value).casefold().split())
    return digest(key.secret, f"{kind}\0{plain}".encode(), "sha256").hex()
