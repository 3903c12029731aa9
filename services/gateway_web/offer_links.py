"""One offer by its link: a page for an interpreter who does not sign in. GET shows, POST answers."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused, Services
from services.gateway_web.pages import page

router = APIRouter()
Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{32}$")]


@router.get("/offer/{token}")
async def show(request: Request, token: Token) -> Response:
    """Looking answers nothing: mail programs and chats look at links by themselves."""
    try:
        offer = await Services(request).get("interpreter", "/offer-link", headers={"Offer-Token": token})
    except Refused as refused:
        return _page(request, None, status=refused.status)
    return _page(request, offer)


@router.post("/offer/{token}")
async def answer(request: Request, token: Token, form: csrf.OurForm) -> Response:
    """Accept or decline; where it is too late, the page tells what became of the request."""
    given = {"token": token, "answer": str(form.get("answer", ""))}
    try:
        offer = await Services(request).post("interpreter", "/offer-link/answer", given)
    except Refused as refused:
        if refused.status != 409:
            return _page(request, None, status=refused.status)
        shown = await Services(request).find("interpreter", "/offer-link", None, headers={"Offer-Token": token})
        return _page(request, shown, status=409)
    return _page(request, offer)


def _page(request: Request, offer: Any, *, status: int = 200) -> Response:
    return page(request, "offer.html", offer=offer, status=status)
