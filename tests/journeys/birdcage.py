"""Canaries sent to every route of the running system. The routes are those of tests/access: none is left out."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from deploy.client import Client
from shared.auth import Role
from shared.http_client import http_client
from shared.ids import new_id
from tests.access.table import PAGES, TABLE, Route
from tests.canaries import CANARIES

ROUTES = [route for route in [*TABLE, *sorted(PAGES)] if "stream" not in route.path]
"""All but the streams, which do not end."""
USERS: Mapping[Role, str] = {
    Role.CLERK: "clerk-dinslaken",
    Role.CASE_MANAGER: "case-manager-dinslaken-1",
    Role.COORDINATOR: "coordinator-dinslaken",
    Role.ADMINISTRATOR: "administrator",
    Role.MONITOR: "monitor",
}
"""Who of the development issuer's people calls; for other roles the request comes without a token."""
_TOLD = (
    "User-Agent",
    "Referer",
    "X-Request-Id",
    "X-Forwarded-For",
    "Accept-Language",
    "traceparent",
    "tracestate",
    "baggage",
)
HEADERS = {
    "Idempotency-Key": CANARIES["idempotency key"],
    "Cookie": f"kim_form={CANARIES['header']}; kim_participant={CANARIES['header']}; kim_lang={CANARIES['header']}",
    **dict.fromkeys(_TOLD, CANARIES["header"]),
}
_PARAMETERS = ("q", "code", "state", "lang", "after", "limit", "until", "purpose", "enquiry_id", "ags", "service")
QUERY = dict.fromkeys(_PARAMETERS, CANARIES["query string"])
_NAMES = (
    *("name", "contact", "email", "phone", "birth_date", "message", "text", "note", "notes", "comment", "reason"),
    *("title", "place", "conference", "referral", "code", "postcode", "languages", "topics", "sealed", "of", "tokens"),
)


def bodies() -> Iterator[dict[str, Any]]:
    """Keywords of httpx: JSON objects, other JSON, broken JSON, forms, plain text; each holds every canary."""
    everything = " ".join(CANARIES.values())
    yield {"json": {**dict.fromkeys(_NAMES, everything), **CANARIES}}
    yield {"json": {name: {CANARIES["wrong type"]: [everything]} for name in _NAMES}}
    yield {"json": everything}
    yield {"content": f'{{"name": "{everything}'.encode(), "headers": {"content-type": "application/json"}}
    yield {"data": {**dict.fromkeys(_NAMES, everything), **CANARIES}}
    yield {"files": {"file": (CANARIES["name"].encode("ascii", "ignore").decode(), everything.encode())}}
    yield {"content": everything.encode("utf-16"), "headers": {"content-type": "text/plain; charset=utf-16"}}


def requests(route: Route) -> Iterator[dict[str, Any]]:
    """With an id of nothing, and with a canary for each part of the path."""
    names = re.findall(r"{(\w+)}", route.path)
    wholly = route.path.format_map(dict.fromkeys(names, CANARIES["path"]))
    coded = route.path.format_map({name: new_id() if name.endswith("_id") else "05170008" for name in names})
    takes_body = route.method in {"POST", "PUT", "PATCH"}
    for body in bodies() if takes_body else [{}]:
        headers = {**HEADERS, **body.get("headers", {})}
        yield {**body, "method": route.method, "url": coded, "params": QUERY, "headers": headers}
    yield {"method": route.method, "url": coded, "headers": HEADERS, **({"json": dict(CANARIES)} if takes_body else {})}
    yield {"method": route.method, "url": wholly, "headers": HEADERS}


async def release(client: Client, urls: Mapping[str, str], routes: list[Route]) -> list[httpx.Response]:
    """Each request with a token of each role that the route is for, and without one. Returns all answers."""
    answers: list[httpx.Response] = []
    async with http_client(timeout=20) as http:
        for route in routes:
            tokens = [await _token(client, role) for role in TABLE.get(route, {}) if role in USERS]
            whole = [
                {**each, "url": urls[route.service] + each["url"], "headers": {**each["headers"], **token}}
                for each in requests(route)
                for token in ({}, *tokens)
            ]
            answers += await asyncio.gather(*(http.request(**each) for each in whole))
    return answers


async def _token(client: Client, role: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {await client.token(USERS[role])}"}
