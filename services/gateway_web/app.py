"""The web gateway, put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from services.gateway_web import cookies
from services.gateway_web.api import router
from services.gateway_web.clients import TIMEOUT
from services.gateway_web.errors import NotSignedIn
from services.gateway_web.oidc import SignIn
from services.gateway_web.pages import Pages
from services.gateway_web.staff import not_signed_in
from services.gateway_web.state import Web
from shared.http_client import http_client
from shared.service import Service
from shared.settings import Settings

STATIC = Path(__file__).parent / "static"


class _Static(StaticFiles):
    """Files that everybody may keep for a while."""

    def file_response(self, *args: object, **options: object) -> Response:
        answer = super().file_response(*args, **options)  # type: ignore[arg-type]
        answer.headers["cache-control"] = "public, max-age=300"
        return answer


def _install(app: FastAPI) -> None:
    app.mount("/static", _Static(directory=STATIC), name="static")
    app.add_middleware(Pages)
    app.add_exception_handler(NotSignedIn, not_signed_in)


@asynccontextmanager
async def _life(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    key = cookies.key(settings)
    async with http_client(timeout=TIMEOUT) as http:
        app.state.web = Web(settings, http, Fernet(key), key, SignIn(settings, http))
        yield


def build(_settings: Settings) -> Service:
    """The key of the cookies is made in development; elsewhere it is there, or the start raises SecretUnusable."""
    return Service(name="gateway_web", router=router, on_start=_life, install=_install)
