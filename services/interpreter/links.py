"""The link by which an interpreter answers one offer without signing in: 192 random bits, kept as a keyed hash."""

from base64 import b64decode, b64encode
from functools import cached_property
from hashlib import sha256
from hmac import digest
from secrets import token_bytes, token_urlsafe

from shared.errors import DomainError
from shared.secret_file import SecretUnusable, read_or_make
from shared.settings import Settings

KEY_FILE = "interpreter-link.key"
"""Base64 of 32 bytes. With another key every link is void; the offers stay."""


class LinkRefused(DomainError):
    """This link opens nothing: it was used, it has expired, or a newer one took its place."""

    status = 404


class Links:
    """Makes tokens, and hashes them under the service's own key."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _key(self) -> bytes:
        """Made in development. Raises SecretUnusable."""
        path = self._settings.secrets_dir / KEY_FILE
        made = read_or_make(path, lambda: b64encode(token_bytes(32)) + b"\n", may_make=self._settings.development)
        try:
            key = b64decode(made.strip(), validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SecretUnusable(f"{KEY_FILE} is not base64 of 32 bytes: restore it from its backup.")
        return key

    def require_key(self) -> None:
        """Raises SecretUnusable."""
        _ = self._key

    def new(self) -> str:
        """32 characters that a URL and a deep link of Telegram (at most 64) can carry."""
        return token_urlsafe(24)

    def hash(self, token: str) -> bytes:
        """HMAC-SHA256: without the key nobody can test guesses on a stolen table."""
        return digest(self._key, b"offer-link\0" + token.encode(), sha256)
