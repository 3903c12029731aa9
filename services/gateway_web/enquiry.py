"""Asking for counselling: a form, and the code that it ends in."""

import asyncio
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from services.gateway_web import csrf
from services.gateway_web.clients import Refused, Services
from services.gateway_web.enquiry_form import CONSENTS, CONTACT_KINDS, MOST_LANGUAGES, Typed
from services.gateway_web.pages import page, texts_for
from services.gateway_web.state import web
from services.gateway_web.texts import DIALECT_NAMES
from shared.contracts.vocabulary import WISHED_GENDERS, Criterion, Mode, Topic
from shared.errors import Unavailable
from shared.ids import new_id

router = APIRouter()
_FIELDS = frozenset({"postcode", "topics", "languages", "mode", "dialect", "gender", "gender_binding", "criteria"})
_TRIES, _PAUSE = 20, 0.25


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    return page(request, "home.html")


@router.get("/enquiry")
async def show_form(request: Request) -> HTMLResponse:
    return _form(request, Typed.empty())


@router.post("/enquiry")
async def send(request: Request, form: csrf.AnyForm) -> HTMLResponse:
    """The page with the code; the form again, as it was typed, where something is wrong."""
    typed = Typed.of(form)
    wrong = typed.wrong() or ([] if csrf.is_ours(request, form) else ["form"])
    if wrong:
        return _form(request, typed, wrong)
    try:
        receipt = await _ask(request, typed)
    except Refused as refused:
        return _form(request, replace(typed, key=str(new_id())), sorted(refused.fields & _FIELDS) or ["form"])
    except Unavailable:
        return _form(request, typed, ["unavailable"], status=503)
    return page(request, "received.html", receipt=receipt, status=201)


async def _ask(request: Request, typed: Typed) -> Any:
    """Intake's receipt. A double click waits for the first click's answer, which is then its own, too."""
    services = Services(request)
    explained_in = texts_for(request).language
    body = typed.body(await services.get("person", "/public-key"), web(request).secret, explained_in)
    for _ in range(_TRIES):
        try:
            return await services.post("intake", "/enquiries", body, key=typed.key)
        except Refused as refused:
            if refused.code != "request-in-progress":
                raise
        await asyncio.sleep(_PAUSE)
    raise Unavailable


def _form(request: Request, typed: Typed, wrong: list[str] | None = None, *, status: int = 422) -> HTMLResponse:
    texts = texts_for(request)
    return page(
        request,
        "enquiry.html",
        status=status if wrong else 200,
        typed=typed,
        wrong=wrong or [],
        topics=list(Topic),
        modes=list(Mode),
        criteria=list(Criterion),
        consents=list(CONSENTS),
        contact_kinds=CONTACT_KINDS,
        places=range(MOST_LANGUAGES),
        languages=texts.languages(),
        dialects=sorted(DIALECT_NAMES, key=texts.dialect_name),
        genders=WISHED_GENDERS,
    )
