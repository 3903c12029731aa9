"""Sealing of what people say about themselves: once sealed, only the person service can read it again.

A libsodium sealed box (X25519, XSalsa20-Poly1305): not even who sealed it can open it.
"""

from enum import StrEnum
from typing import Annotated

from nacl.encoding import RawEncoder
from nacl.hash import blake2b
from nacl.public import Box, PrivateKey, PublicKey, SealedBox
from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from shared.bodies import Text
from shared.contracts.vocabulary import EARLIEST_BIRTH, LATEST_BIRTH, Language

_PADDED_TO = 512
"""Bytes. A block's length must not tell how much somebody wrote; JSON allows the spaces."""


class ContactKind(StrEnum):
    """How somebody wants to be reached."""

    PHONE = "phone"
    EMAIL = "email"
    TELEGRAM = "telegram"
    NONE = "none"
    """Not at all: they come back with their code."""


class Contact(BaseModel):
    """Who somebody is and how they are reached. Its repr and its errors show no value."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(repr=False), Text(200, shortest=0)]
    contact_kind: ContactKind = Field(repr=False)
    contact: Annotated[str, Field(repr=False), Text(200, shortest=0)]
    preferred_language: Language = Field(repr=False)
    birth_year: Annotated[int | None, Field(ge=EARLIEST_BIRTH, le=LATEST_BIRTH, repr=False)] = None
    """So that two of one name are told apart, and one who asks twice is found. None: not told."""

    @field_validator("contact")
    @classmethod
    def _fits_its_kind(cls, contact: str, known: ValidationInfo) -> str:
        kind = known.data.get("contact_kind")
        if kind is not None and (kind is ContactKind.NONE) != (not contact):
            raise ValueError("a contact is given exactly where its kind is not none")
        return contact


class SealedContact(Contact):
    """What is inside a sealed block."""

    message: Annotated[str, Field(repr=False), Text(4000, shortest=0, lines=True)]


def seal(public_key: bytes, payload: SealedContact) -> bytes:
    """The sealed block of `payload` for the 32-byte X25519 `public_key`. Raises ValueError for another length."""
    return bytes(SealedBox(PublicKey(public_key)).encrypt(_padded(payload)))


def seal_again(public_key: bytes, payload: SealedContact, secret: bytes) -> bytes:
    """As `seal`, and the same block each time: for a request that may be sent twice under one Idempotency-Key.

    The one-time key is derived from `secret`, which is the sender's alone, and from all of the payload: no two
    payloads share one, and whoever steals the secret can open nothing without knowing what is inside.
    """
    seed = blake2b(public_key + _padded(payload), digest_size=32, key=secret, encoder=RawEncoder)
    once, recipient = PrivateKey(seed), PublicKey(public_key)
    nonce = blake2b(bytes(once.public_key) + public_key, digest_size=Box.NONCE_SIZE, encoder=RawEncoder)
    return bytes(once.public_key) + Box(once, recipient).encrypt(_padded(payload), nonce).ciphertext


def _padded(payload: SealedContact) -> bytes:
    text = payload.model_dump_json().encode()
    return text.ljust(-(-len(text) // _PADDED_TO) * _PADDED_TO)
