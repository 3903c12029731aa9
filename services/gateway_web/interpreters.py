"""The interpreter's page: requests to answer, and talks promised."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused
from services.gateway_web.errors import NotSignedIn
from services.gateway_web.pages import page
from services.gateway_web.staff import Here, Staff, to_sign_in
from shared.auth import Role, RoleRefused

router = APIRouter()


@router.get("/interpreter")
async def show(request: Request, who: Here) -> Response:
    try:
        return await _page(_interpreter(who))
    except NotSignedIn:
        return to_sign_in(request)


@router.post("/interpreter/offers/{offer_id}/accept")
async def accept(request: Request, offer_id: UUID, who: Here, _form: csrf.OurForm) -> Response:
    return await _answer(request, who, offer_id, "accept")


@router.post("/interpreter/offers/{offer_id}/decline")
async def decline(request: Request, offer_id: UUID, who: Here, _form: csrf.OurForm) -> Response:
    return await _answer(request, who, offer_id, "decline")


@router.post("/interpreter/offers/{offer_id}/withdraw")
async def give_back(request: Request, offer_id: UUID, who: Here, _form: csrf.OurForm) -> Response:
    """They had accepted and cannot come: somebody else is looked for."""
    return await _answer(request, who, offer_id, "withdraw")


async def _answer(request: Request, who: Staff | None, offer_id: UUID, verb: str) -> Response:
    """Where the offer is over, the page tells."""
    try:
        interpreter = _interpreter(who)
        await interpreter.services.post("interpreter", f"/offers/{offer_id}/{verb}")
    except NotSignedIn:
        return to_sign_in(request)
    except Refused:
        return await _page(_interpreter(who), error="changed", status=409)
    return RedirectResponse("/interpreter", 303)


async def _page(who: Staff, *, error: str | None = None, status: int = 200) -> HTMLResponse:
    offers, assignments = await asyncio.gather(
        who.services.get("interpreter", "/offers"), who.services.get("interpreter", "/assignments")
    )
    return page(
        who.request, "interpreter.html", status=status, who=who, error=error, offers=offers,
        assignments=assignments, refresh=None if offers else 5,
    )  # fmt: skip


def _interpreter(who: Staff | None) -> Staff:
    """Raises NotSignedIn, or RoleRefused."""
    if who is None:
        raise NotSignedIn
    if Role.INTERPRETER not in who.principal.roles:
        raise RoleRefused
    return who
