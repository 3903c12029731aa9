"""HTTP: calendar feeds. Whoever has a feed's address may read it, so it is shown once and can be revoked."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from services.scheduling import store_feeds as feeds
from services.scheduling import store_resources as resources
from services.scheduling.calendar_keys import CalendarKeys, new_secret
from services.scheduling.feeds import FeedLanguage, current, feed
from services.scheduling.resources import Kind
from shared.auth import Principal, Role, allow, public
from shared.clock import now
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading, transaction

router = Router()
Owning = Annotated[Principal, allow(Role.CASE_MANAGER, Role.INTERPRETER)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]


def _keys(request: Request) -> CalendarKeys:
    keys: CalendarKeys = request.app.state.calendar_keys
    return keys


Keys = Annotated[CalendarKeys, Depends(_keys)]


class NewFeedView(BaseModel):
    path: str
    """Below this service's own address. It is shown this once: whoever knows it can read the feed."""
    secret: str
    """The part of it that nobody can guess; the web gateway shows the same feed at /kalender/{secret}.ics."""


class FeedView(BaseModel):
    issued_at: datetime


@router.post("/calendar/feed", status_code=201)
async def issue(who: Owning, tx: Transaction, keys: Keys) -> NewFeedView:
    """An address for the caller's own calendar; an earlier one leads nowhere any more."""
    return await _issue(tx, await own_resource(tx, who), keys)


@router.get("/calendar/feed")
async def issued(who: Owning, db: Reading) -> FeedView:
    """404 where there is none."""
    found = await feeds.issued_at(db, await own_resource(db, who))
    if found is None:
        raise NotFound
    return FeedView(issued_at=found)


@router.delete("/calendar/feed", status_code=204)
async def revoke(who: Owning, tx: Transaction) -> None:
    await _revoke(tx, await own_resource(tx, who))


@router.post("/rooms/{room_id}/feed", status_code=201, dependencies=[allow(Role.ADMINISTRATOR)])
async def issue_of_room(room_id: UUID, tx: Transaction, keys: Keys) -> NewFeedView:
    """The same for a room."""
    return await _issue(tx, await _room(tx, room_id), keys)


@router.delete("/rooms/{room_id}/feed", status_code=204, dependencies=[allow(Role.ADMINISTRATOR)])
async def revoke_of_room(room_id: UUID, tx: Transaction) -> None:
    await _revoke(tx, await _room(tx, room_id))


@router.get("/feeds/{secret}/kim.ics", dependencies=[public()], response_class=Response)
async def read(
    secret: str,
    db: Reading,
    keys: Keys,
    lang: FeedLanguage = FeedLanguage.DE,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The calendar as iCalendar (RFC 5545); 304 where it is still as the client has it.

    The keyed hash is what is looked up, so the time that it takes tells nothing of any address.
    """
    resource_id = await feeds.resource_of(db, keys.feed_hash(secret))
    if resource_id is None:
        raise NotFound
    content = feed(current(await feeds.entries(db, resource_id, now()), now()), lang)
    tag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {
        "etag": tag,
        "cache-control": "private, max-age=300",
        "content-disposition": 'inline; filename="kim.ics"',
    }
    if _has(if_none_match, tag):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type="text/calendar; charset=utf-8")


def _has(if_none_match: str | None, tag: str) -> bool:
    """RFC 9110, 13.1.2: by weak comparison."""
    known = [each.strip().removeprefix("W/") for each in (if_none_match or "").split(",")]
    return tag in known or known == ["*"]


async def own_resource(conn: Connection, who: Principal) -> UUID:
    """The caller, as somebody who has a calendar. Raises NotFound."""
    try:
        resource_id = UUID(who.subject)
    except ValueError:
        raise NotFound from None
    kind = await resources.kind_of(conn, resource_id)
    if kind not in {Kind.CASE_MANAGER, Kind.INTERPRETER} or Role(kind) not in who.roles:
        raise NotFound
    return resource_id


async def _room(conn: Connection, room_id: UUID) -> UUID:
    if await resources.kind_of(conn, room_id) is not Kind.ROOM:
        raise NotFound
    return room_id


async def _issue(conn: Connection, resource_id: UUID, keys: CalendarKeys) -> NewFeedView:
    secret = new_secret()
    await feeds.issue(conn, resource_id, keys.feed_hash(secret), now())
    return NewFeedView(path=f"/feeds/{secret}/kim.ics", secret=secret)


async def _revoke(conn: Connection, resource_id: UUID) -> None:
    if not await feeds.revoke(conn, resource_id):
        raise NotFound
