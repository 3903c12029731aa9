"""Authorization codes with PKCE (RFC 7636): good once, for a minute, for who can show the verifier."""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from deploy.issuer.identities import Identity
from deploy.issuer.minting import base64url

LIFETIME = 60.0


@dataclass(frozen=True)
class Grant:
    """What the person agreed to by pressing the button."""

    identity: Identity
    client: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    openid: bool

    def is_for(self, client: str, redirect_uri: str, verifier: str) -> bool:
        shown = base64url(hashlib.sha256(verifier.encode()).digest())
        same = (client, redirect_uri) == (self.client, self.redirect_uri)
        return same and secrets.compare_digest(shown, self.challenge)


@dataclass
class Codes:
    now: Callable[[], float] = monotonic
    _grants: dict[str, tuple[float, Grant]] = field(default_factory=dict)

    def give(self, grant: Grant) -> str:
        self._grants = {code: kept for code, kept in self._grants.items() if kept[0] > self.now()}
        code = secrets.token_urlsafe(32)
        self._grants[code] = (self.now() + LIFETIME, grant)
        return code

    def take(self, code: str) -> Grant | None:
        """The grant, once; None for a code that is used, too old or made up."""
        good_until, grant = self._grants.pop(code, (0.0, None))
        return grant if good_until > self.now() else None
