"""Plans of who interprets what is open: asked for, seen with their runner-ups, and adopted, by whoever coordinates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from services.gateway_web import csrf
from services.gateway_web.clients import Refused
from services.gateway_web.keys import idempotency_key
from services.gateway_web.pages import page
from services.gateway_web.staff import Staff, only
from shared.auth import Role
from shared.clock import today
from shared.errors import Invalid
from shared.ids import new_id
from shared.municipalities import BY_AGS, OFFICES

router = APIRouter(prefix="/staff/plans")
Coordinating = Annotated[Staff, only(Role.ADMINISTRATOR, Role.COORDINATOR)]
POOL = "kreis-wesel"
AGAIN = 2
"""Seconds after which a page looks again at a plan that is being computed."""
_FIELDS: Mapping[str, str] = {
    "from": "plan_days",
    "to": "plan_days",
    "municipality": "plan_place",
    "pool": "plan_place",
}
_CODES: Mapping[str, str] = {
    "too-many-plans": "plan_many",
    "too-late-to-plan": "plan_late",
    "plan-is-stale": "plan_stale",
    "version-outdated": "changed",
    "plan-not-ready": "changed",
    "plan-failed": "changed",
}


@dataclass(frozen=True)
class Typed:
    """What is to be planned, as it was typed in; the interpreter service says what is wrong with it."""

    first_day: str
    last_day: str
    place: str

    @classmethod
    def next_week(cls, present: date, place: str) -> Self:
        monday = present + timedelta(days=7 - present.weekday())
        return cls(monday.isoformat(), (monday + timedelta(days=6)).isoformat(), place)

    @classmethod
    def of(cls, form: FormData) -> Self:
        return cls(*(str(form.get(name, "")).strip() for name in ("from", "to", "place")))

    def body(self) -> dict[str, str]:
        where = "pool" if self.place == POOL else "municipality"
        return {"from": self.first_day, "to": self.last_day, where: self.place}


@router.get("")
async def show_all(who: Coordinating) -> Response:
    return await _list(who, Typed.next_week(today(), _places(who)[0]))


@router.post("")
async def request(form: csrf.OurForm, who: Coordinating) -> Response:
    """On to the plan, which is computed meanwhile."""
    typed = Typed.of(form)
    try:
        made = await who.services.post("interpreter", "/plans", typed.body(), key=idempotency_key(form))
    except Refused as refused:
        return await _list(who, typed, error=_why(refused), status=refused.status)
    return RedirectResponse(f"/staff/plans/{made['plan_id']}", 303)


@router.get("/{plan_id}")
async def show(plan_id: UUID, who: Coordinating) -> Response:
    return await _plan(who, plan_id)


@router.post("/{plan_id}/adoption")
async def adopt(plan_id: UUID, form: csrf.OurForm, who: Coordinating) -> Response:
    """As it was seen; where something has changed meanwhile the page says what, and nothing is adopted."""
    version = str(form.get("version", ""))
    if not (version.isascii() and version.isdigit()):
        raise Invalid("version")
    try:
        await who.services.post("interpreter", f"/plans/{plan_id}/adoption", version=f'"{version}"')
    except Refused as refused:
        if refused.status != 409:
            raise
        return await _plan(who, plan_id, error=_why(refused), status=409)
    return RedirectResponse(f"/staff/plans/{plan_id}", 303)


async def _list(who: Staff, typed: Typed, *, error: str | None = None, status: int = 200) -> Response:
    found = await who.services.get("interpreter", "/plans")
    return page(
        who.request, "plans.html", status=status, who=who, error=error, typed=typed, plans=found, key=str(new_id()),
        places=_places(who), pool=POOL,
    )  # fmt: skip


async def _plan(who: Staff, plan_id: UUID, *, error: str | None = None, status: int = 200) -> Response:
    found: dict[str, Any] = await who.services.get("interpreter", f"/plans/{plan_id}")
    refresh = AGAIN if found["state"] == "computing" else None
    return page(who.request, "plan.html", status=status, who=who, error=error, plan=found, refresh=refresh)


def _places(who: Staff) -> list[str]:
    """For which somebody may ask: the county as a whole first, which is the administrator's."""
    if Role.ADMINISTRATOR in who.principal.roles:
        return [POOL, *sorted(BY_AGS, key=_name)]
    return sorted(OFFICES.get(who.principal.office or "", ()), key=_name) or [""]


def _name(ags: str) -> str:
    return BY_AGS[ags].name


def _why(refused: Refused) -> str:
    """Key of the text that says what is wrong."""
    named = next((_FIELDS[field] for field in sorted(refused.fields) if field in _FIELDS), "changed")
    return _CODES.get(refused.code, named)
