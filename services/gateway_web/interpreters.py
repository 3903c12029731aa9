"""The interpreter's page: requests to answer, and talks promised."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused
from services.gateway_web.feedback_form import REMARKS, feedback
from services.gateway_web.keys import idempotency_key
from services.gateway_web.pages import page
from services.gateway_web.staff import Staff, only
from shared.auth import Role
from shared.errors import NotFound
from shared.ids import new_id

router = APIRouter()
_TOLD = frozenset({"feedback-is-given", "talk-not-over"})
"""Codes of refusals that have a text of their own."""
Interpreter = Annotated[Staff, only(Role.INTERPRETER)]


@router.get("/interpreter")
async def show(who: Interpreter, said: bool = False) -> HTMLResponse:  # noqa: FBT001, FBT002 -- a query's value
    """`said`: how a talk went was just told."""
    return await _page(who, said=said)


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


@router.get("/interpreter/talks/{booking_id}/feedback")
async def ask_feedback(booking_id: UUID, who: Interpreter) -> HTMLResponse:
    """A page of its own, since theirs refreshes itself. Raises NotFound for a talk that is none of theirs, or told."""
    return await _feedback_page(who, booking_id)


@router.post("/interpreter/talks/{booking_id}/feedback")
async def give_feedback(booking_id: UUID, form: csrf.OurForm, who: Interpreter) -> Response:
    """How the talk went, once."""
    given = feedback(form)
    if given is None:
        return await _feedback_page(who, booking_id, error="marks", status=422)
    path = f"/bookings/{booking_id}/feedback"
    told = who.services.post("interpreter", path, given, key=idempotency_key(form))
    return await _done(who, told, "/interpreter?said=true")


async def _feedback_page(who: Staff, booking_id: UUID, *, error: str | None = None, status: int = 200) -> HTMLResponse:
    assignments = await who.services.get("interpreter", "/assignments")
    talk = next((one for one in assignments if one["booking_id"] == str(booking_id) and one["feedback_due"]), None)
    if talk is None:
        raise NotFound
    return page(
        who.request, "feedback.html", status=status, who=who, error=error, talk=talk, remarks=REMARKS, key=str(new_id())
    )


async def _answer(who: Staff, offer_id: UUID, verb: str) -> Response:
    """Where the offer is over, the page tells."""
    return await _done(who, who.services.post("interpreter", f"/offers/{offer_id}/{verb}"), "/interpreter")


async def _done(who: Staff, act: Awaitable[Any], then: str) -> Response:
    try:
        await act
    except Refused as refused:
        if refused.status == 401:
            raise
        error = refused.code if refused.code in _TOLD else "changed"
        return await _page(who, error=error, status=409)
    return RedirectResponse(then, 303)


async def _page(who: Staff, *, error: str | None = None, status: int = 200, said: bool = False) -> HTMLResponse:
    offers, assignments = await asyncio.gather(
        who.services.get("interpreter", "/offers"), who.services.get("interpreter", "/assignments")
    )
    return page(
        who.request, "interpreter.html", status=status, who=who, error=error, offers=offers, said=said,
        assignments=assignments, refresh=None if offers else 5,
    )  # fmt: skip
