"""The token endpoint (RFC 6749, 3.2)."""

import secrets
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from deploy.issuer.identities import Identity

DEVELOPMENT_GRANT = "urn:kim:dev-user"
"""For tests and curl: `user=<name>` and nothing else gives that person's, or system's, access token."""

router = APIRouter()
Form = Mapping[str, str]


class TokenError(Exception):
    """`error` is one of RFC 6749, 5.2."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


@router.post("/token")
async def token(request: Request) -> dict[str, Any]:
    """A token for one of three grants; an error as RFC 6749, 5.2 has it."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    grant = _GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise TokenError("unsupported_grant_type")
    return grant(request, form)


async def on_token_error(_request: Request, error: TokenError) -> JSONResponse:
    headers = {"WWW-Authenticate": 'Basic realm="kim"'} if error.status == 401 else {}
    return JSONResponse({"error": error.error}, error.status, headers)


def _by_code(request: Request, form: Form) -> dict[str, Any]:
    grant = request.app.state.codes.take(form.get("code", ""))
    shown = (form.get("client_id", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""))
    if grant is None or not grant.is_for(*shown):
        raise TokenError("invalid_grant")
    return _answer(request.app, grant.identity, grant.client, nonce=grant.nonce, openid=grant.openid)


def _by_secret(request: Request, form: Form) -> dict[str, Any]:
    client, secret = _credentials(request, form)
    expected = request.app.state.client_secrets.get(client, "")
    system = next((known for known in request.app.state.identities.systems if known.name == client), None)
    if system is None or not expected or not secrets.compare_digest(secret.encode(), expected.encode()):
        raise TokenError("invalid_client", 401)
    return _answer(request.app, system, client)


def _by_name(request: Request, form: Form) -> dict[str, Any]:
    identity = request.app.state.identities.by_name.get(form.get("user", ""))
    if identity is None:
        raise TokenError("invalid_grant")
    return _answer(request.app, identity, "development")


_GRANTS: Mapping[str, Callable[[Request, Form], dict[str, Any]]] = {
    "authorization_code": _by_code,
    "client_credentials": _by_secret,
    DEVELOPMENT_GRANT: _by_name,
}


def _answer(app: FastAPI, identity: Identity, client: str, **options: Any) -> dict[str, Any]:
    answer: dict[str, Any] = app.state.mint.answer(identity, client, **options)
    return answer


def _credentials(request: Request, form: Form) -> tuple[str, str]:
    """By HTTP Basic (each part form-encoded first, RFC 6749, 2.3.1), or in the form."""
    kind, _, value = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client, _, secret = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        raise TokenError("invalid_client", 401) from None
    return unquote_plus(client), unquote_plus(secret)
