"""Forms that only a page of ours can send: a random value in a cookie, and its MAC in the form."""

import secrets
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData

from services.gateway_web.errors import FormOutdated
from services.gateway_web.state import web

COOKIE = "kim_form"
FIELD = "form_token"


def token(request: Request) -> str:
    """For the form. The cookie that it belongs to is set by `remember`."""
    value = request.cookies.get(COOKIE) or getattr(request.state, "form_cookie", None)
    if not value:
        value = request.state.form_cookie = secrets.token_urlsafe(32)
    return _mac(request, value)


def remember(request: Request, response: Response) -> None:
    """Sets the cookie of a token that was made for this answer."""
    if value := getattr(request.state, "form_cookie", None):
        response.set_cookie(COOKIE, value, httponly=True, secure=request.url.scheme == "https", samesite="lax")


def is_ours(request: Request, form: FormData) -> bool:
    value = request.cookies.get(COOKIE, "")
    return bool(value) and compare_digest(str(form.get(FIELD, "")).encode(), _mac(request, value).encode())


async def _checked(request: Request) -> FormData:
    form = await request.form(max_files=0)
    if not is_ours(request, form):
        raise FormOutdated
    return form


async def _unchecked(request: Request) -> FormData:
    return await request.form(max_files=0)


OurForm = Annotated[FormData, Depends(_checked)]
AnyForm = Annotated[FormData, Depends(_unchecked)]
"""For a page that keeps what was typed: it checks `is_ours` itself."""


def _mac(request: Request, value: str) -> str:
    return digest(web(request).secret, b"form\0" + value.encode(), sha256).hex()
