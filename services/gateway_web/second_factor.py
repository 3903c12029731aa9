"""The second factor on the participant's page: a code is sent or was told, and typed in; and what it opens."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused
from services.gateway_web.status import PROOF, Here, Participant, back, over

router = APIRouter()
Purpose = Literal["contact", "second_factor"]
_ERRORS = {
    "code-wrong": "one_time_code",
    "no-way-to-send": "no_way_to_send",
    "too-many-codes": "too_many_codes",
    "second-factor-needed": "second_factor_needed",
}
"""A refusal's code -> key of its text."""


@router.post("/status/second-factor/code")
async def ask(request: Request, who: Here, _form: csrf.OurForm) -> Response:
    """Sends a code to the contact; the first one verifies it, as the page says."""
    if who is None:
        return back()
    try:
        return await who.page(code_for=await _send(who))
    except Refused as refused:
        return await _refused(request, who, refused)


@router.post("/status/second-factor")
async def redeem(request: Request, who: Here, form: csrf.OurForm) -> Response:
    """The code for a proof, which the browser keeps for 15 minutes; one to the contact verifies that."""
    if who is None:
        return back()
    purpose = "contact" if form.get("purpose") == "contact" else "second_factor"
    typed = {"purpose": purpose, "code": str(form.get("code", "")).strip()}
    try:
        answer = await who.services.post("person", "/me/codes/redeem", typed)
        if answer["proof"] is None:
            return await who.page(code_for=await _send(who))
    except Refused as refused:
        return await _refused(request, who, refused)
    shown = back()
    PROOF.keep(request, shown, answer["proof"])
    return shown


@router.post("/status/export")
async def export(request: Request, who: Here, _form: csrf.OurForm) -> Response:
    """Everything that KIM holds about the participant, as a file (Art. 15 GDPR)."""
    if who is None:
        return back()
    try:
        packed = (await who.services.fetch("person", "/me/export")).content
    except Refused as refused:
        return await _refused(request, who, refused)
    headers = {"Content-Disposition": 'attachment; filename="kim-data.zip"', "Cache-Control": "no-store"}
    return Response(packed, media_type="application/zip", headers=headers)


async def _send(who: Participant) -> Purpose:
    """What the code is for that is on its way: the second factor, once the contact is verified."""
    try:
        await who.services.post("person", "/me/codes", {"purpose": "second_factor"})
    except Refused as refused:
        if refused.code != "contact-not-verified":
            raise
        await who.services.post("person", "/me/codes", {"purpose": "contact"})
        return "contact"
    return "second_factor"


async def _refused(request: Request, who: Participant, refused: Refused) -> Response:
    if refused.status == 401:
        return over(request, refused)
    error = _ERRORS.get(refused.code, "one_time_code" if refused.status == 422 else "changed")
    return await who.page(error=error, status=refused.status)
