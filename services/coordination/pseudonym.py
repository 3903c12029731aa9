"""Pseudonyms: one key per stream, so that no two streams can be joined, and none with our own ids."""

import hmac
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from uuid import UUID

from shared.secret_file import SecretUnusable, read_or_make

MASTER_FILE = "coordination-pseudonym.key"
"""64 hexadecimal digits. With another key every stream has new pseudonyms, and erased enquiries are not recognised."""


class Pseudonyms:
    """Keyed by the master secret in the file `MASTER_FILE`, which is read at first use, or by `load`.

    Raises SecretUnusable then; a missing file is made where `may_make`.
    """

    def __init__(self, secrets_dir: Path, *, may_make: bool = False) -> None:
        self._path = secrets_dir / MASTER_FILE
        self._may_make = may_make

    def load(self) -> None:
        """Read the secret now, so that a service that lacks it does not start."""
        _ = self._master

    @cached_property
    def _master(self) -> bytes:
        content = read_or_make(self._path, lambda: token_hex(32).encode(), may_make=self._may_make)
        try:
            secret = bytes.fromhex(content.decode())
        except ValueError:
            secret = b""
        if len(secret) != 32:
            raise SecretUnusable(f"{MASTER_FILE} is not 64 hexadecimal digits: restore it from its backup.")
        return secret

    def subject(self, ags: str, aggregate_id: UUID) -> str:
        """HMAC-SHA256(key of the stream, id), in hex: equal only within one stream."""
        return _hmac(_hmac(self._master, b"stream:" + ags.encode()), aggregate_id.bytes).hex()

    def tombstone(self, enquiry_id: UUID) -> bytes:
        """By which an erased enquiry is recognised, although its id is kept nowhere."""
        return _hmac(_hmac(self._master, b"erased"), enquiry_id.bytes)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
