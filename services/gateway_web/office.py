"""An office's page: the latest events of its municipalities, then each as it happens."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.gateway_web.events import Shown
from services.gateway_web.latest import latest
from services.gateway_web.pages import fragment, page
from services.gateway_web.positions import Positions
from services.gateway_web.relaying import relayed
from services.gateway_web.staff import Here, Staff, to_sign_in
from shared.auth import Role, RoleRefused
from shared.contracts.municipal import MunicipalEvent
from shared.errors import NotFound
from shared.municipalities import OFFICES
from shared.tokens import TokenRefused

HEARTBEAT = 15
"""Seconds between two comments on a silent stream."""

router = APIRouter()


@router.get("/office/{office}")
async def show(request: Request, office: str, who: Here) -> Response:
    if who is None:
        return to_sign_in(request)
    _require(who, office)
    served = sorted(OFFICES[office])
    overview, *found = await asyncio.gather(
        who.services.get("coordination", f"/offices/{office}/overview"),
        *(latest(who.services, ags) for ags in served),
    )
    events = [Shown(ags, event) for ags, events in zip(served, found, strict=True) for event in events]
    positions = Positions({ags: events[-1].sequence for ags, events in zip(served, found, strict=True) if events})
    return page(
        request, "office.html", who=who, office=office, overview=overview, after=str(positions),
        events=sorted(events, key=Shown.order, reverse=True),
    )  # fmt: skip


@router.get("/office/{office}/stream", response_class=EventSourceResponse)
async def stream(
    request: Request,
    office: str,
    who: Here,
    after: str = "",
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Rows of the table, as server-sent events; `id` says how far each municipality was read."""
    if who is None:
        raise TokenRefused
    _require(who, office)
    positions = Positions.parse(after if last_event_id is None else last_event_id, OFFICES[office])
    return EventSourceResponse(_rows(request, who, positions), ping=HEARTBEAT)


async def _rows(request: Request, who: Staff, positions: Positions) -> AsyncIterator[ServerSentEvent]:
    async for ags, event in relayed(who.services, positions):
        positions = positions.moved(ags, event.sequence)
        yield ServerSentEvent(_row(request, ags, event), id=str(positions))


def _row(request: Request, ags: str, event: MunicipalEvent) -> Any:
    return fragment(request, "event.html", event=Shown(ags, event))


def _require(who: Staff, office: str) -> None:
    """Coordination decides again; here it spares us questions. Raises RoleRefused, or NotFound."""
    if Role.COORDINATOR not in who.principal.roles:
        raise RoleRefused
    if office not in OFFICES or office != who.principal.office:
        raise NotFound
