"""Pseudonyms: one key per stream, so that no two streams can be joined, and none with our own ids."""

import hmac
from functools import cached_property
from pathlib import Path
from uuid import UUID

MASTER_FILE = "coordination-pseudonyms"
"""In KIM_SECRETS_DIR: at least 32 bytes, made once. Another secret gives every stream new pseudonyms from then on."""


class Pseudonyms:
    """Keyed by the master secret in the file `MASTER_FILE`, which is read at first use.

    Then OSError is raised where it is not there (a secret is never made up on the way), ValueError where it is short.
    """

    def __init__(self, secrets_dir: Path) -> None:
        self._path = secrets_dir / MASTER_FILE

    @cached_property
    def master(self) -> bytes:
        secret = self._path.read_bytes().strip()
        if len(secret) < 32:
            raise ValueError(f"{MASTER_FILE} has fewer than 32 bytes")
        return secret

    def load(self) -> None:
        """Read the secret now, so that a service that lacks it does not start."""
        _ = self.master

    def subject(self, ags: str, aggregate_id: UUID) -> str:
        """HMAC-SHA256(key of the stream, id), in hex: equal only within one stream."""
        return _hmac(_hmac(self.master, b"stream:" + ags.encode()), aggregate_id.bytes).hex()

    def tombstone(self, enquiry_id: UUID) -> bytes:
        """By which an erased enquiry is recognised, although its id is kept nowhere."""
        return _hmac(_hmac(self.master, b"erased"), enquiry_id.bytes)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
