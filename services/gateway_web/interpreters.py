"""The interpreter's page: requests to answer, and talks promised."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused
from services.gateway_web.pages import page
from services.gateway_web.staff import Staff, only
from shared.auth import Role

router = APIRouter()
Interpreter = Annotated[Staff, only(Role.INTERPRETER)]


@router.get("/interpreter")
async def show(who: Interpreter) -> HTMLResponse:
    return await _page(who)


@router.post("/interpreter/offers/{offer_id}/accept")
async def accept(offer_id: UUID, _form: csrf.OurForm, who: Interpreter) -> Response:
    return await _answer(who, offer_id, "accept")


@router.post("/interpreter/offers/{offer_id}/decline")
async def decline(offer_id: UUID, _form: csrf.OurForm, who: Interpreter) -> Response:
    return await _answer(who, offer_id, "decline")


@router.post("/interpreter/offers/{offer_id}/withdraw")
async def give_back(offer_id: UUID, _form: csrf.OurForm, who: Interpreter) -> Response:
    """They had accepted and cannot come: somebody else is looked for."""
    return await _answer(who, offer_id, "withdraw")


async def _answer(who: Staff, offer_id: UUID, verb: str) -> Response:
    """Where the offer is over, the page tells."""
    try:
        await who.services.post("interpreter", f"/offers/{offer_id}/{verb}")
    except Refused as refused:
        if refused.status == 401:
            raise
        return await _page(who, error="changed", status=409)
    return RedirectResponse("/interpreter", 303)


async def _page(who: Staff, *, error: str | None = None, status: int = 200) -> HTMLResponse:
    offers, assignments = await asyncio.gather(
        who.services.get("interpreter", "/offers"), who.services.get("interpreter", "/assignments")
    )
    return page(
        who.request, "interpreter.html", status=status, who=who, error=error, offers=offers,
        assignments=assignments, refresh=None if offers else 5,
    )  # fmt: skip
