"""The talks of a case, for its case manager: moved, cancelled, chosen for the participant, and how they went."""

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from services.gateway_web import csrf
from services.gateway_web.cases import Case, OwnCase, explained
from services.gateway_web.clients import Refused
from services.gateway_web.feedback_form import REMARKS, feedback
from services.gateway_web.keys import idempotency_key
from services.gateway_web.talks_shown import alone, in_series
from shared.clock import now
from shared.ids import new_id

router = APIRouter(prefix="/staff/cases/{case_id}/talks")


@router.get("")
async def show(case: OwnCase, said: bool = False) -> Response:  # noqa: FBT001, FBT002 -- a query's value
    """`said`: how a talk went was just told."""
    return await page_of(case, said=said)


@router.post("/{booking_id}/cancel")
async def cancel(booking_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """This talk alone: the others of its series stay."""
    return await _done(case, _post(case, booking_id, "cancel", form))


@router.post("/{booking_id}/reschedule")
async def reschedule(booking_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """This talk alone: another time is looked for, and until then it stands."""
    return await _done(case, _post(case, booking_id, "reschedule", form))


@router.post("/{booking_id}/choice")
async def choose(booking_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """One of the times proposed, for a participant who says it on the telephone."""
    slot = str(form.get("slot_id", ""))
    if not slot:
        return await page_of(case, error="choice", status=422)
    return await _done(case, _post(case, booking_id, "choice", form, {"slot_id": slot}))


@router.post("/{booking_id}/feedback")
async def give_feedback(booking_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """How the interpreting was, once."""
    given = feedback(form)
    if given is None:
        return await page_of(case, error="marks", status=422)
    path = f"/bookings/{booking_id}/feedback"
    told = case.who.services.post("interpreter", path, given, key=idempotency_key(form))
    return await _done(case, told, "?said=true")


async def page_of(case: Case, *, error: str | None = None, status: int = 200, said: bool = False) -> Response:
    """How its talks stand now."""
    services = case.who.services
    bookings = await services.get("scheduling", "/bookings", enquiry_id=case.view["enquiry_id"])
    ids = dict.fromkeys(each["series_id"] for each in bookings if each["series_id"])
    views = await asyncio.gather(*(services.get("scheduling", f"/series/{each}") for each in ids))
    return case.page(
        "talks.html", error=error, status=status, said=said, key=str(new_id()), remarks=REMARKS,
        talks=alone(bookings, now()), series=[in_series(each, bookings, now()) for each in views],
    )  # fmt: skip


def _post(case: Case, booking_id: UUID, what: str, form: FormData, body: Any = None) -> Awaitable[Any]:
    path = f"/bookings/{booking_id}/{what}"
    return case.who.services.post("scheduling", path, body, key=idempotency_key(form))


async def _done(case: Case, act: Awaitable[Any], then: str = "") -> Response:
    """Back to the page, which tells how things stand where the act was refused."""
    try:
        await act
    except Refused as refused:
        error = "slot" if refused.code == "slot-taken" else explained(refused)
        return await page_of(case, error=error, status=refused.status)
    return RedirectResponse(f"{case.path}/talks{then}", 303)
