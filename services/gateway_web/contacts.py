"""Where interpreters are told by mail that they are asked: an administrator sets an address, or removes it.

An address is never shown again. Whose it is, interpreter knows; the address, person alone.
"""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.cases import explained
from services.gateway_web.clients import Refused
from services.gateway_web.pages import page, texts_for
from services.gateway_web.staff import Administrator, Staff
from shared.errors import NotFound, Unavailable

router = APIRouter(prefix="/staff/interpreters")
_STATUSES = {None: 200, "unavailable": 503}
"""By key of the error's text; otherwise the input is wrong."""


@router.get("")
async def show(who: Administrator) -> Response:
    interpreters, known = await asyncio.gather(
        who.services.get("interpreter", "/interpreters"), who.services.get("person", "/interpreters/contacts")
    )
    reached = set(known["interpreter_ids"])
    return page(who.request, "contacts.html", who=who, interpreters=interpreters, reached=reached)


@router.get("/{interpreter_id}/contact")
async def show_form(interpreter_id: UUID, who: Administrator) -> Response:
    interpreter = await _known(who, interpreter_id)
    return _form(who, interpreter, {"email": "", "language": interpreter["languages"][0]["language"]})


@router.post("/{interpreter_id}/contact")
async def put(interpreter_id: UUID, form: csrf.OurForm, who: Administrator) -> Response:
    """In place of an earlier one; the form again where there is something wrong with it, or person is away."""
    interpreter = await _known(who, interpreter_id)
    typed = {name: str(form.get(name, "")).strip() for name in ("email", "language")}
    try:
        await who.services.put("person", f"/interpreters/{interpreter_id}/contact", typed)
    except Refused as refused:
        explained(refused)
        return _form(who, interpreter, typed, error="contact_language" if "language" in refused.fields else "email")
    except Unavailable:
        return _form(who, interpreter, typed, error="unavailable")
    return RedirectResponse("/staff/interpreters", 303)


@router.post("/{interpreter_id}/contact/remove")
async def remove(interpreter_id: UUID, _form: csrf.OurForm, who: Administrator) -> Response:
    await who.services.delete("person", f"/interpreters/{interpreter_id}/contact")
    return RedirectResponse("/staff/interpreters", 303)


async def _known(who: Staff, interpreter_id: UUID) -> Any:
    """Person takes an address for any id, so it is looked up first. Raises NotFound."""
    for interpreter in await who.services.get("interpreter", "/interpreters"):
        if interpreter["id"] == str(interpreter_id):
            return interpreter
    raise NotFound


def _form(who: Staff, interpreter: Any, typed: dict[str, str], *, error: str | None = None) -> Response:
    return page(
        who.request, "contact.html", status=_STATUSES.get(error, 422), who=who, error=error, interpreter=interpreter,
        typed=typed, languages=texts_for(who.request).languages(),
    )  # fmt: skip
