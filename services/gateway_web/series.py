"""Series of talks, for the case manager: begun like a talk that is there, and ended."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.cases import Case, OwnCase, explained
from services.gateway_web.clients import Refused
from services.gateway_web.keys import idempotency_key
from services.gateway_web.series_form import FEWEST, INTERVALS, MOST, Typed
from services.gateway_web.talks import page_of
from shared.ids import new_id

router = APIRouter(prefix="/staff/cases/{case_id}")
_FIELDS = {"starts": "day", "rrule": "count"}
"""Scheduling's name of a field -> ours."""


class _Trouble(NamedTuple):
    status: int
    wrong: Mapping[str, str]
    """Field -> key of the text that says why."""
    gaps: Sequence[Any] = ()
    """The times that cannot be had, as scheduling tells them."""


_NONE = _Trouble(200, {})


@router.get("/talks/{booking_id}/series")
async def show_form(booking_id: UUID, case: OwnCase) -> Response:
    return await _form(case, booking_id, Typed())


@router.post("/talks/{booking_id}/series")
async def begin(booking_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """The form again, as it was typed, where the series cannot be had so, with the times that are missing."""
    typed = Typed.of(form)
    if wrong := typed.wrong():
        return await _form(case, booking_id, typed, _Trouble(422, wrong))
    path = f"/bookings/{booking_id}/series"
    try:
        await case.who.services.post("scheduling", path, typed.body(), key=idempotency_key(form))
    except Refused as refused:
        trouble = _Trouble(refused.status, _wrong(refused), refused.problem.get("gaps", ()))
        return await _form(case, booking_id, typed, trouble)
    return RedirectResponse(f"{case.path}/talks", 303)


@router.post("/series/{series_id}/end")
async def end(series_id: UUID, form: csrf.OurForm, case: OwnCase) -> Response:
    """Its talks to come are cancelled."""
    try:
        await case.who.services.post("scheduling", f"/series/{series_id}/end", key=idempotency_key(form))
    except Refused as refused:
        return await page_of(case, error=explained(refused), status=refused.status)
    return RedirectResponse(f"{case.path}/talks", 303)


async def _form(case: Case, booking_id: UUID, typed: Typed, trouble: _Trouble = _NONE) -> Response:
    like = await case.who.services.get("scheduling", f"/bookings/{booking_id}")
    return case.page(
        "series.html", status=trouble.status, typed=typed, like=like, wrong=trouble.wrong, gaps=trouble.gaps,
        key=str(new_id()), intervals=INTERVALS, fewest=FEWEST, most=MOST,
    )  # fmt: skip


def _wrong(refused: Refused) -> dict[str, str]:
    why = explained(refused)
    if refused.code == "series-incomplete":
        return {"form": why}
    return {ours: f"series_{ours}" for theirs, ours in _FIELDS.items() if theirs in refused.fields} or {"form": why}
