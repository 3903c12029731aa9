"""Calendar feeds: their public address, and the page on which a case manager or interpreter gets and revokes theirs."""

from hashlib import sha256
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.gateway_web import csrf
from services.gateway_web.clients import Refused, Services
from services.gateway_web.pages import page, texts_for
from services.gateway_web.staff import Staff, only
from services.gateway_web.state import web
from shared.auth import Role

router = APIRouter()
Secret = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{43}$")]
"""256 random bits."""
Lang = Annotated[str, Query(pattern=r"^(de|en)$")]
_KEPT = ("content-type", "content-disposition", "cache-control", "etag")
Owner = Annotated[Staff, only(Role.CASE_MANAGER, Role.INTERPRETER)]


@router.get("/kalender/{secret}.ics", name="feed")
async def feed(
    request: Request, secret: Secret, lang: Lang = "de", if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The feed as scheduling makes it, 304 where it is as the client has it; for whoever knows the address.

    Clients ask every quarter of an hour: a calendar, and an address behind which there are many, have their limits.
    """
    limits = web(request).feed_limits
    limits.address.count(request.client.host if request.client else "")
    limits.feed.count(sha256(secret.encode()).hexdigest())
    given = {"If-None-Match": if_none_match} if if_none_match else {}
    answer = await Services(request).fetch("scheduling", f"/feeds/{secret}/kim.ics", headers=given, lang=lang)
    headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return Response(answer.content, answer.status_code, headers)


@router.get("/staff/calendar")
async def show(who: Owner) -> Response:
    return await _page(who)


@router.post("/staff/calendar/feed")
async def issue(request: Request, _form: csrf.OurForm, who: Owner) -> Response:
    """A new address, shown this once; an earlier one leads nowhere any more."""
    made = await who.services.post("scheduling", "/calendar/feed")
    address = request.url_for("feed", secret=made["secret"]).include_query_params(lang=texts_for(request).language)
    return await _page(who, address=str(address))


@router.post("/staff/calendar/feed/revoke")
async def revoke(_form: csrf.OurForm, who: Owner) -> Response:
    try:
        await who.services.delete("scheduling", "/calendar/feed")
    except Refused as refused:
        if refused.status != 404:  # there is none any more: as wished
            raise
    return RedirectResponse("/staff/calendar", 303)


async def _page(who: Staff, *, address: str | None = None) -> Response:
    issued: Any = await who.services.find("scheduling", "/calendar/feed", None)
    return page(who.request, "calendar.html", who=who, issued=issued, address=address)
