"""Consents of a participant, for the case manager responsible: read for a stated purpose, recorded, taken back."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from services.gateway_web import csrf
from services.gateway_web.cases import Case, OwnCase, explained
from services.gateway_web.clients import Refused
from services.gateway_web.consent_form import OPTIONS, Typed
from services.gateway_web.consents_shown import shown
from services.gateway_web.keys import idempotency_key
from services.gateway_web.pages import texts_for
from services.gateway_web.texts import CATALOGUES
from shared.clock import today
from shared.errors import Unavailable
from shared.ids import new_id

router = APIRouter(prefix="/staff/cases/{case_id}/consents")


class Why(StrEnum):
    """For what somebody looks at them: the participant sees it, too. Of person's purposes, those that fit."""

    ARRANGE_TALK = "arrange_talk"
    COUNSELLING = "counselling"
    REFERRAL = "referral"
    ANSWER_PARTICIPANT = "answer_participant"


class _Trouble(NamedTuple):
    status: int
    wrong: Mapping[str, str]
    """Field -> key of the text that says why."""
    key: str | None = None
    """Of what may have been done all the same: sent again, it is done once."""


_NONE = _Trouble(200, {})


@router.get("")
async def show(case: OwnCase, why: Why | None = None) -> Response:
    """Nothing is read before it is said what for."""
    return await _list(case, why)


@router.get("/new")
async def show_form(case: OwnCase, why: Why | None = None) -> Response:
    return _form(case, Typed.empty(case.view, today()), why)


@router.post("")
async def record(form: csrf.OurForm, case: OwnCase) -> Response:
    """The form again, as it was typed, where person finds something wrong with it, or is away."""
    typed, why, key = Typed.of(form), _why(form), idempotency_key(form)
    path = f"{case.of_person}/consents"
    try:
        await case.who.services.post("person", path, typed.body(), key=key)
    except Refused as refused:
        return _form(case, typed, why, _Trouble(refused.status, _wrong(refused)))
    except Unavailable:
        return _form(case, typed, why, _Trouble(503, {"form": "unavailable"}, key))
    return _back(case, why)


@router.post("/{consent_id}/revoke")
async def revoke(consent_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """One that ends counselling only if that was seen."""
    why = _why(form)
    if form.get("ends") == "yes" and form.get("seen") != "yes":
        return await _list(case, why, error="ends_unseen", status=422)
    try:
        await case.who.services.delete("person", f"{case.of_person}/consents/{consent_id}")
    except Refused as refused:
        return await _list(case, why, error=explained(refused), status=409)
    return _back(case, why)


async def _list(case: Case, why: Why | None, *, error: str | None = None, status: int = 200) -> Response:
    found = None
    if why is not None:
        read = await case.who.services.get("person", f"{case.of_person}/consents", purpose=why)
        found = shown(read, today())
    return case.page("consents.html", error=error, status=status, consents=found, why=why, whys=list(Why))


def _form(case: Case, typed: Typed, why: Why | None, trouble: _Trouble = _NONE) -> Response:
    languages = texts_for(case.who.request).languages()
    return case.page(
        "consent.html", status=trouble.status, typed=typed, why=why, wrong=trouble.wrong,
        key=trouble.key or str(new_id()), languages=languages, **OPTIONS,
    )  # fmt: skip


def _wrong(refused: Refused) -> dict[str, str]:
    """Where no field is named, the form as a whole: `form`."""
    why = explained(refused)
    named = {name: why if why != "changed" else name for name in sorted(refused.fields)}
    return {name: key for name, key in named.items() if f"error.{key}" in CATALOGUES["de"].texts} or {"form": why}


def _why(form: FormData) -> Why | None:
    given = str(form.get("why", ""))
    return Why(given) if given in set(Why) else None


def _back(case: Case, why: Why | None) -> Response:
    return RedirectResponse(f"{case.path}/consents" + (f"?why={why}" if why else ""), 303)
