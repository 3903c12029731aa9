"""What scheduling keeps secret of calendars: the key of the feeds' hashes, and that of logins to others' calendars.

Both are derived (HKDF, RFC 5869) from one file in KIM_SECRETS_DIR.
"""

from functools import cached_property
from hashlib import sha256
from hmac import digest
from secrets import token_urlsafe
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from shared.secret_file import read_key
from shared.settings import Settings

FILE_NAME = "scheduling-calendars.key"
"""Base64 of 32 bytes. With another key every feed's address is void, and every login has to be given again."""


class Undecipherable(Exception):
    """Another key, another owner or a changed ciphertext: which of them is not told."""


def new_secret() -> str:
    """The secret part of a feed's address: 256 random bits, as letters that an address may hold."""
    return token_urlsafe(32)


class CalendarKeys:
    """Reads nothing yet; a missing file is made in development only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _main(self) -> bytes:
        return read_key(self._settings.secrets_dir / FILE_NAME, may_make=self._settings.development)

    def open(self) -> None:
        """Reads the file. Raises SecretUnusable."""
        self._main  # noqa: B018 - read for its effect

    def feed_hash(self, secret: str) -> bytes:
        """HMAC-SHA256: without the key nobody can test addresses on a stolen table."""
        return digest(self._derived(b"feeds"), secret.encode("utf-8", "replace"), sha256)

    def lock(self, text: str, owner: UUID) -> bytes:
        """Nonce and ciphertext (XChaCha20-Poly1305), which opens for the same owner alone."""
        return bytes(Aead(self._derived(b"logins")).encrypt(text.encode(), owner.bytes))

    def unlock(self, locked: bytes, owner: UUID) -> str:
        """The inverse. Raises Undecipherable."""
        try:
            return bytes(Aead(self._derived(b"logins")).decrypt(locked, owner.bytes)).decode()
        except (CryptoError, ValueError):
            raise Undecipherable from None

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), 32, salt=None, info=b"kim scheduling " + purpose).derive(self._main)
