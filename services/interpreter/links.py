"""The link by which an interpreter answers one offer without signing in: 192 random bits, kept as a keyed hash."""

from functools import cached_property
from hashlib import sha256
from hmac import digest
from secrets import token_urlsafe

from shared.errors import DomainError
from shared.secret_file import read_key
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
        return read_key(self._settings.secrets_dir / KEY_FILE, may_make=self._settings.development)

    def require_key(self) -> None:
        """Raises SecretUnusable."""
        _ = self._key

    def new(self) -> str:
        """32 characters that a URL and a deep link of Telegram (at most 64) can carry."""
        return token_urlsafe(24)

    def hash(self, token: str) -> bytes:
        """HMAC-SHA256: without the key nobody can test guesses on a stolen table."""
        return digest(self._key, b"offer-link\0" + token.encode(), sha256)
