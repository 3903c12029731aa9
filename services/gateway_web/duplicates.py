"""Records that may be of one person: the case manager looks, is asked once more, and decides."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import FormData

from services.gateway_web import csrf
from services.gateway_web.cases import Case, OwnCase, explained
from services.gateway_web.clients import Refused
from shared.errors import Invalid

router = APIRouter(prefix="/staff/cases/{case_id}/duplicates")
_ROUTES = {"merge": "merge", "undo": "merge-undo", "dismiss": "duplicates/dismissal"}
"""Decision -> route of person."""


class _Decision(BaseModel):
    """What was decided on which record, and on what was seen."""

    decision: Literal["merge", "undo", "dismiss"]
    person_id: UUID
    version: Annotated[str, Field(pattern=r'^"[0-9a-f]{32}"$')]
    """The ETag of the duplicates as they were shown."""


@router.get("")
async def show(case: OwnCase) -> Response:
    return await _page(case)


@router.post("/confirm")
async def confirm(form: csrf.OurForm, case: OwnCase) -> Response:
    """What the decision does, before it is sent."""
    return case.page("duplicates_confirm.html", decided=_read(form))


@router.post("")
async def decide(form: csrf.OurForm, case: OwnCase) -> Response:
    """Where something stands in the way, the page says what, and shows how things stand now."""
    decided = _read(form)
    path = f"{case.of_person}/{_ROUTES[decided.decision]}"
    try:
        await case.who.services.post("person", path, {"person_id": str(decided.person_id)}, version=decided.version)
    except Refused as refused:
        error = "not_both" if refused.status == 404 else explained(refused)
        return await _page(case, error=error, status=409)
    return RedirectResponse(f"{case.path}/duplicates", 303)


async def _page(case: Case, *, error: str | None = None, status: int = 200) -> Response:
    try:
        answer = await case.who.services.fetch("person", f"{case.of_person}/duplicates")
    except Refused as refused:
        if refused.code != "counselling-not-consented":
            raise
        return case.page("shut.html", error=refused.why, status=409)
    found, version = answer.json(), answer.headers["etag"]
    return case.page("duplicates.html", error=error, status=status, found=found, version=version)


def _read(form: FormData) -> _Decision:
    """Raises Invalid for a form that no page of ours has sent."""
    try:
        return _Decision.model_validate(dict(form))
    except ValidationError as wrong:
        raise Invalid(str(wrong.errors()[0]["loc"][0])) from None
