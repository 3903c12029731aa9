"""What the gateway lets the browser keep for it: encrypted and authenticated, so that nobody else reads or makes it."""

from dataclasses import dataclass
from typing import Literal

from cryptography.fernet import Fernet, InvalidToken
from fastapi import Request, Response

from services.gateway_web.state import web
from shared.secret_file import read_or_make
from shared.settings import Settings

KEY_FILE = "gateway_web.key"


def key(settings: Settings) -> bytes:
    """The gateway's own key, made in development. Raises SecretUnusable."""
    return read_or_make(settings.secrets_dir / KEY_FILE, Fernet.generate_key, may_make=settings.development)


@dataclass(frozen=True)
class Cookie:
    name: str
    seconds: int
    """For which it is kept at most; an older one is none, whatever the browser says."""
    same_site: Literal["strict", "lax"] = "lax"
    """`strict`: it does not even come with a link from another site."""

    def keep(self, request: Request, response: Response, value: str) -> None:
        response.set_cookie(
            self.name,
            web(request).fernet.encrypt(value.encode()).decode(),
            max_age=self.seconds,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite=self.same_site,
        )

    def kept(self, request: Request) -> str | None:
        """What the browser has kept under this name."""
        try:
            return web(request).fernet.decrypt(request.cookies.get(self.name, ""), ttl=self.seconds).decode()
        except InvalidToken:
            return None

    def drop(self, response: Response) -> None:
        response.delete_cookie(self.name)
