"""Staff: signing in and out, and what is there for whom."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from services.gateway_web import csrf
from services.gateway_web.clients import Services
from services.gateway_web.cookies import Cookie
from services.gateway_web.errors import NotSignedIn, SignInFailed
from services.gateway_web.oidc import Session, Started
from services.gateway_web.pages import page
from services.gateway_web.state import web
from shared.auth import Role, RoleRefused
from shared.municipalities import OFFICES
from shared.tokens import Principal, TokenRefused, Tokens

router = APIRouter()
SESSION = Cookie("kim_staff", seconds=8 * 3600)
STARTED = Cookie("kim_sign_in", seconds=600)


class Staff:
    """Somebody who signed in. Their token is verified here, too, though every service does so again."""

    def __init__(self, request: Request, session: Session, principal: Principal) -> None:
        self.request = request
        self.name = session.name
        self.principal = principal
        self.services = Services(request, session.access_token)


async def staff(request: Request) -> Staff | None:
    """Whoever is signed in."""
    kept = SESSION.kept(request)
    tokens: Tokens = request.app.state.tokens
    try:
        session = Session.model_validate_json(kept or "")
        return Staff(request, session, await tokens.principal(session.access_token))
    except (ValidationError, TokenRefused):
        return None


Here = Annotated[Staff | None, Depends(staff)]


def only(*roles: Role) -> Any:
    """Somebody who signed in in one of these roles. Raises NotSignedIn, or RoleRefused.

    In a route it stands after the form, so that a form of another site is refused first.
    """

    async def signed_in(who: Here) -> Staff:
        if who is None:
            raise NotSignedIn
        if who.principal.roles.isdisjoint(roles):
            raise RoleRefused
        return who

    return Depends(signed_in)


Administrator = Annotated[Staff, only(Role.ADMINISTRATOR)]
CaseManager = Annotated[Staff, only(Role.CASE_MANAGER)]


@router.get("/staff")
async def show(request: Request, who: Here) -> HTMLResponse:
    return page(request, "staff.html", who=who, offices=sorted(OFFICES))


@router.get("/staff/sign-in")
async def sign_in(request: Request, to: str = "/staff") -> Response:
    """Off to the issuer, and back to the page `to` of ours."""
    started = Started.now(to if _is_ours(to) else "/staff")
    away = RedirectResponse(await web(request).sign_in.address(started, _return_address(request)), 303)
    STARTED.keep(request, away, started.model_dump_json())
    return away


@router.get("/staff/callback", name="callback")
async def signed_in(request: Request, code: str = "", state: str = "") -> Response:
    """Back from the issuer."""
    kept = STARTED.kept(request)
    started = Started.model_validate_json(kept) if kept else None
    if started is None or not code or started.state != state:
        raise SignInFailed
    session = await web(request).sign_in.finish(started, code, _return_address(request))
    back = RedirectResponse(started.back_to, 303)
    SESSION.keep(request, back, session.model_dump_json())
    STARTED.drop(back)
    return back


@router.post("/staff/sign-out")
async def sign_out(_form: csrf.OurForm) -> Response:
    gone = RedirectResponse("/staff", 303)
    SESSION.drop(gone)
    return gone


def to_sign_in(request: Request) -> RedirectResponse:
    """And back to this page; after a form, whose page we do not know, to the first one."""
    back_to = request.url.path if request.method == "GET" else "/staff"
    return RedirectResponse(f"/staff/sign-in?to={quote(back_to)}", 303)


async def not_signed_in(request: Request, _error: Exception) -> Response:
    """What follows from NotSignedIn, on every page."""
    return to_sign_in(request)


def _is_ours(path: str) -> bool:
    """Nobody is sent to another site by a link to us."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()


def _return_address(request: Request) -> str:
    return str(request.url_for("callback"))
