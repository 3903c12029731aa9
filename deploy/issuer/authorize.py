"""The authorization endpoint: a page with a button for everybody who can be played."""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict

from deploy.issuer.codes import Codes, Grant
from deploy.issuer.identities import Identities
from deploy.issuer.pages import sign_in
from shared.errors import DomainError

CLIENT = "gateway_web"
_OURS = frozenset({"127.0.0.1", "localhost", "::1"})

router = APIRouter()


class ClientUnknown(DomainError):
    """The client is not known here, or its redirect_uri is not on this machine."""

    status = 400


class PersonUnknown(DomainError):
    """Nobody of that name can sign in here."""

    status = 400


class _Asked(BaseModel):
    """RFC 6749, 4.1.1, with PKCE. Members that we do not know are ignored, as the RFC says."""

    model_config = ConfigDict(frozen=True)

    client_id: str
    redirect_uri: str
    response_type: str = ""
    scope: str = ""
    state: str | None = None
    nonce: str | None = None
    code_challenge: str = ""
    code_challenge_method: str = ""

    def error(self) -> str | None:
        if self.response_type != "code":
            return "unsupported_response_type"
        return None if self.code_challenge and self.code_challenge_method == "S256" else "invalid_request"

    def back(self, **answer: str) -> RedirectResponse:
        state = {} if self.state is None else {"state": self.state}
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        return RedirectResponse(f"{self.redirect_uri}{joint}{urlencode(answer | state)}", 303)


def _require_known(asked: _Asked) -> None:
    """Before this holds, nobody is sent anywhere. Raises ClientUnknown."""
    target = urlsplit(asked.redirect_uri)
    if asked.client_id != CLIENT or target.scheme not in {"http", "https"} or target.hostname not in _OURS:
        raise ClientUnknown


def _identities(request: Request) -> Identities:
    known: Identities = request.app.state.identities
    return known


Known = Annotated[Identities, Depends(_identities)]


@router.get("/authorize")
async def ask(asked: Annotated[_Asked, Query()], known: Known) -> Any:
    """Who do you want to be?"""
    _require_known(asked)
    if error := asked.error():
        return asked.back(error=error)
    return HTMLResponse(sign_in(known.people, asked.model_dump(exclude_none=True)))


class _Chosen(_Asked):
    user: str


@router.post("/authorize")
async def choose(request: Request, chosen: Annotated[_Chosen, Form()], known: Known) -> RedirectResponse:
    """Back to the application with a code."""
    _require_known(chosen)
    if error := chosen.error():
        return chosen.back(error=error)
    identity = next((person for person in known.people if person.name == chosen.user), None)
    if identity is None:
        raise PersonUnknown
    codes: Codes = request.app.state.codes
    openid = "openid" in chosen.scope.split()
    grant = Grant(identity, chosen.client_id, chosen.redirect_uri, chosen.code_challenge, chosen.nonce, openid)
    return chosen.back(code=codes.give(grant))
