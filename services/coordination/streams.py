"""The municipal streams over HTTP: what was published, page by page, and as it happens."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
from fastapi import Header, Query, Request
from pydantic import BaseModel
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.coordination import store_streams
from services.coordination.access import require_municipality
from services.coordination.following import POLL, Followers
from shared.auth import Principal, Role, allow
from shared.contracts.municipal import MunicipalEvent
from shared.database import Connection
from shared.idempotency import Router, reading

HEARTBEAT = 15
"""Seconds between two comments on a stream that is silent."""

Reader = Annotated[Principal, allow(Role.COORDINATOR, Role.PARTNER, Role.ADMINISTRATOR)]
Sequence = Annotated[int, Query(ge=0, lt=2**63)]

router = Router()


class Page(BaseModel):
    """`last` is the `after` of the next page; the end is reached where there are no events."""

    events: list[MunicipalEvent]
    last: int


@router.get("/municipalities/{ags}/events")
async def list_events(
    ags: str,
    who: Reader,
    tx: Annotated[Connection, reading()],
    after: Sequence = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> Page:
    """What was published after the sequence `after`, as it was published (or redacted since)."""
    require_municipality(who, ags)
    events = await store_streams.events_after(tx, ags, after, limit)
    return Page(events=events, last=events[-1].sequence if events else after)


@router.get("/municipalities/{ags}/stream", response_class=EventSourceResponse)
async def follow_events(
    ags: str,
    who: Reader,
    request: Request,
    after: Sequence = 0,
    last_event_id: Annotated[int | None, Header(ge=0, lt=2**63)] = None,
) -> EventSourceResponse:
    """Server-sent events: `id` is the sequence, `data` the event. Goes on after `Last-Event-ID`, else after `after`."""
    require_municipality(who, ags)
    followers: Followers = request.app.state.followers
    start = after if last_event_id is None else last_event_id
    closing = anyio.Event()
    events = followers.follow(request.app.state.database, ags, start, closing)
    return EventSourceResponse(
        _messages(events), ping=HEARTBEAT, shutdown_event=closing, shutdown_grace_period=2 * POLL
    )


async def _messages(events: AsyncIterator[MunicipalEvent]) -> AsyncIterator[ServerSentEvent]:
    async for event in events:
        yield ServerSentEvent(event.model_dump_json(), id=str(event.sequence))
