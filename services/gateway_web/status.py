"""The participant's page: how things stand, slots to choose from, consents to take back, messages, who looked."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import jwt
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from services.gateway_web import csrf
from services.gateway_web.clients import Refused, Services
from services.gateway_web.cookies import Cookie
from services.gateway_web.feedback_form import feedback as feedback_of
from services.gateway_web.keys import idempotency_key
from services.gateway_web.pages import page, texts_for
from services.gateway_web.texts import ACCESS
from shared.clock import now
from shared.consent_rules import COUNSELLING
from shared.ids import new_id

router = APIRouter()
TOKEN = Cookie("kim_participant", seconds=900, same_site="strict")
"""The participant's token lasts no longer."""
PROOF = Cookie("kim_second_factor", seconds=900, same_site="strict")
"""That of the second factor, neither."""
_LOOKING = frozenset({"requested", "ranking", "held"})
_NOT_FOUND = frozenset({"no_slot", "no_interpreter"})


class Participant:
    """Whoever showed the code, limited to their enquiry."""

    def __init__(self, request: Request, token: str) -> None:
        self.request = request
        self.services = Services(request, token, PROOF.kept(request))
        # Only to know what to ask for: the services verify the token and refuse another's enquiry.
        self.enquiry_id = UUID(jwt.decode(token, options={"verify_signature": False})["enquiry_id"])

    async def page(self, *, error: str | None = None, status: int = 200, code_for: str | None = None) -> HTMLResponse:
        """How things stand now. Raises Refused where the token is over.

        `code_for`: what a code is for that is on its way.
        """
        get, find = self.services.get, self.services.find
        enquiry, case, bookings, consents, accesses, messages = await asyncio.gather(
            get("intake", f"/enquiries/{self.enquiry_id}"),
            find("case", f"/enquiries/{self.enquiry_id}/case", None),
            get("scheduling", "/bookings", enquiry_id=self.enquiry_id),
            find("person", "/me/consents", []),
            self._proven("/me/access-log", **self._access_language),
            self._proven("/me/messages"),
        )
        booking = next((each for each in bookings if each["foremost"]), None)
        further = [each for each in bookings if _is_to_come(each) and each is not booking]
        shortage = await self._shortage(booking)
        looking = enquiry["status"] == "accepted" and (booking is None or booking["state"] in _LOOKING)
        return page(
            self.request, "status.html", status=status, error=error, enquiry=enquiry, case=case, booking=booking,
            further=further,
            consents=consents, counselling=COUNSELLING, accesses=accesses, access_texts=ACCESS, messages=messages,
            code_for=code_for,
            shortage=shortage,
            refresh=5 if looking and code_for is None else None, key=str(new_id()),
        )  # fmt: skip

    @property
    def _access_language(self) -> dict[str, str]:
        """As chosen for that list; or as they prefer, and the page's where there are no texts in that."""
        chosen = self.request.query_params.get("access", "")
        return {"language": chosen} if chosen in ACCESS else {"fallback": texts_for(self.request).language}

    async def _shortage(self, booking: dict[str, Any] | None) -> Any:
        """Why no time was found, where none was."""
        if booking is None or booking["reason"] not in _NOT_FOUND:
            return None
        return await self.services.get("scheduling", f"/bookings/{booking['booking_id']}/shortage")

    async def _proven(self, path: str, **query: str) -> Any:
        """A list of person's; None where that needs the second factor first."""
        try:
            return await self.services.find("person", path, [], **query)
        except Refused as refused:
            if refused.code == "second-factor-needed":
                return None
            raise


def _is_to_come(booking: dict[str, Any]) -> bool:
    """A talk that is arranged, or waits for the interpreter alone."""
    arranged = booking["current"] and booking["state"] in {"held", "confirmed"}
    return arranged and datetime.fromisoformat(booking["chosen"]["starts_at"]) > now()


def _participant(request: Request) -> Participant | None:
    token = TOKEN.kept(request)
    return Participant(request, token) if token else None


Here = Annotated[Participant | None, Depends(_participant)]


@router.get("/status")
async def show(request: Request, who: Here) -> Response:
    if who is None:
        return page(request, "code.html", error=None)
    try:
        return await who.page()
    except Refused as refused:
        return over(request, refused)


@router.post("/status")
async def enter(request: Request, form: csrf.OurForm) -> Response:
    """The code for a token, which the browser keeps for 15 minutes."""
    code = str(form.get("code", "")).strip()
    try:
        answer = await Services(request).post("intake", "/participant/token", {"code": code})
    except Refused as refused:
        error = "too_many" if refused.status == 429 else "code"
        return page(request, "code.html", error=error, status=refused.status)
    shown = back()
    TOKEN.keep(request, shown, answer["access_token"])
    return shown


@router.post("/status/leave")
async def leave(_form: csrf.OurForm) -> Response:
    gone = RedirectResponse("/", 303)
    TOKEN.drop(gone)
    PROOF.drop(gone)
    return gone


@router.post("/status/bookings/{booking_id}/choice")
async def choose(request: Request, booking_id: UUID, who: Here, form: csrf.OurForm) -> Response:
    """Takes a slot; where somebody was faster, the page shows what is left."""
    slot = str(form.get("slot_id", ""))
    if who is None or not slot:
        return back() if who is None else await who.page(error="choice", status=422)
    path = f"/bookings/{booking_id}/choice"
    return await _done(
        request, who, who.services.post("scheduling", path, {"slot_id": slot}, key=idempotency_key(form))
    )


@router.post("/status/bookings/{booking_id}/cancel")
async def cancel(request: Request, booking_id: UUID, who: Here, form: csrf.OurForm) -> Response:
    """The talk is not wanted any more; of a time that is being moved, the former one stands."""
    return await _ask(request, who, booking_id, "cancel", form)


@router.post("/status/bookings/{booking_id}/reschedule")
async def reschedule(request: Request, booking_id: UUID, who: Here, form: csrf.OurForm) -> Response:
    """Another time, please; until it is found the former one stands."""
    return await _ask(request, who, booking_id, "reschedule", form)


@router.post("/status/bookings/{booking_id}/feedback")
async def feedback(request: Request, booking_id: UUID, who: Here, form: csrf.OurForm) -> Response:
    """How they were interpreted: in marks, if they like; once."""
    given = feedback_of(form)
    if who is None:
        return back()
    if given is None:
        return await who.page(error="marks", status=422)
    path = f"/bookings/{booking_id}/feedback"
    return await _done(request, who, who.services.post("interpreter", path, given, key=idempotency_key(form)))


@router.post("/status/consents/{consent_id}/revoke")
async def revoke(request: Request, consent_id: UUID, who: Here, _form: csrf.OurForm) -> Response:
    if who is None:
        return back()
    return await _done(request, who, who.services.delete("person", f"/me/consents/{consent_id}"))


async def _ask(request: Request, who: Participant | None, booking_id: UUID, what: str, form: FormData) -> Response:
    """What needs no more than the booking's id."""
    if who is None:
        return back()
    return await _done(
        request, who, who.services.post("scheduling", f"/bookings/{booking_id}/{what}", key=idempotency_key(form))
    )


async def _done(request: Request, who: Participant, act: Any) -> Response:
    """Back to the page, which tells how things stand where the act was refused."""
    try:
        await act
    except Refused as refused:
        if refused.status == 401:
            return over(request, refused)
        error = "slot" if refused.code in {"slot-taken", "slot-too-soon"} else "changed"
        return await who.page(error=error, status=409)
    return back()


def over(request: Request, refused: Refused) -> Response:
    """The token has expired, or what it was for is gone."""
    asked = page(request, "code.html", error="session", status=refused.status)
    TOKEN.drop(asked)
    PROOF.drop(asked)
    return asked


def back() -> RedirectResponse:
    return RedirectResponse("/status", 303)
