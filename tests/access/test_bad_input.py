"""Bad input gets problem details that name the field, do not repeat what was sent, and change nothing."""

import json
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from shared.service import create_app
from shared.settings import Settings
from tests.access.conftest import Start
from tests.access.house import Call, Running, Scene
from tests.access.spoiling import CANARY, OVERLONG, spoiled
from tests.access.table import SERVICES, TABLE, Route
from tests.access.wrong import FREE_TEXT, OTHERS, WRONG

every_body = pytest.mark.parametrize("route", WRONG, ids=str)
NOT_KNOWN_HERE = frozenset(
    {
        Route("person", "PUT", "/interpreters/{interpreter_id}/conflicts"),
        Route("person", "PUT", "/interpreters/{interpreter_id}/contact"),
        Route("person", "DELETE", "/interpreters/{interpreter_id}/contact"),
    }
)
"""Who interprets, the interpreter service alone knows."""
WITH_IDS = [route for route in TABLE if "_id}" in route.path]
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_that_takes_a_body_is_tried(name: str) -> None:
    settings = Settings.model_construct()
    app = create_app(import_module(f"services.{name}.app").build(settings), settings)
    takes = {
        Route(name, method, str(route.path))
        for route in iter_route_contexts(app.routes)
        if getattr(route, "body_field", None)
        for method in route.methods or ()
    }
    assert takes == {route for route in WRONG if route.service == name}


@every_body
async def test_what_is_wrong_in_the_domain_is_named(start: Start, route: Route) -> None:
    desk = await _Desk.of(await start(route.service), route)
    for wrong in WRONG[route]:
        answer = await desk.send(desk.good.body | wrong.change)
        assert (answer.status_code, _named(answer)) == (422, wrong.field), (wrong, answer.text)
    await desk.check_nothing_changed()


@every_body
async def test_what_is_spoiled_in_one_place_is_named(start: Start, route: Route) -> None:
    desk = await _Desk.of(await start(route.service), route)
    for each in spoiled(desk.good.body, FREE_TEXT.get(route, frozenset())):
        answer = await desk.send(each.body)
        assert answer.status_code == 422, (each, answer.text)
        assert _is_about(each.place, answer), (each, answer.text)
    await desk.check_nothing_changed()


@every_body
async def test_what_is_no_body_is_refused(start: Start, route: Route) -> None:
    desk = await _Desk.of(await start(route.service), route)
    good = json.dumps(desk.good.body).encode()
    for body in (
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        f'"{CANARY}"'.encode(),
        good[:-1],
        good + b"}",
        b"\xff\xfe{}",
        b"[" * 60_000,
    ):
        answer = await desk.send(body, JSON)
        assert answer.status_code in {400, 422}, (body[:40], answer.text)
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
    ):
        answer = await desk.send(good, {"content-type": kind})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), (kind, answer.text)
    await desk.check_nothing_changed()


@every_body
async def test_what_is_too_large_is_refused(start: Start, route: Route) -> None:
    desk = await _Desk.of(await start(route.service), route)
    large = json.dumps(desk.good.body | {"more": OVERLONG * 9}).encode()
    announced, streamed = await desk.send(large, JSON), await desk.stream(large)
    assert [answer.status_code for answer in (announced, streamed)] == [413, 413]
    await desk.check_nothing_changed()


@pytest.mark.parametrize("route", WITH_IDS, ids=str)
async def test_what_is_no_id_is_named_and_what_is_an_id_of_nothing_here_is_not_there(
    start: Start, route: Route
) -> None:
    running = await start(route.service)
    desk = await _Desk.of(running, route)
    for name in (each for each in desk.good.at if each.endswith("_id")):
        for nonsense in (CANARY, f"{CANARY}%00", "1", "%E2%80%AE", f"{OTHERS}x", "0" * 5000):
            answer = await desk.send(desk.good.body, at={**desk.good.at, name: nonsense})
            assert (answer.status_code, _named(answer)) == (422, name), nonsense
        if route not in NOT_KNOWN_HERE and (route.method != "PUT" or route.path.count("/") > 2):
            assert (await desk.send(desk.good.body, at={**desk.good.at, name: OTHERS})).status_code == 404
    await desk.check_nothing_changed()


class _Desk:
    """Somebody who may, at a route: each of their wrong requests is looked at in the same way."""

    def __init__(self, running: Running, route: Route, scene: Scene) -> None:
        self._running = running
        self._route = route
        self.good = scene.calls[route[1:]]
        who = next(iter(TABLE[route]))
        self._token = running.token(who, scene.owners.claims(who)) if who else {}

    @classmethod
    async def of(cls, running: Running, route: Route) -> "_Desk":
        return cls(running, route, await running.scene())

    async def send(
        self, body: Any, headers: dict[str, str] | None = None, at: Mapping[str, object] | None = None
    ) -> httpx.Response:
        call = Call(at or self.good.at, self.good.query, self.good.headers, body)
        return _checked(await self._running.send(self._route, call, self._token | (headers or {})), body)

    async def stream(self, content: bytes) -> httpx.Response:
        """Without saying how long it is."""

        async def pieces() -> AsyncIterator[bytes]:
            yield content[:9000]
            yield content[9000:]

        url, headers = self._route.path.format_map(self.good.at), {**self.good.headers, **self._token, **JSON}
        client = self._running.client
        answer = await client.request(self._route.method, url, content=pieces(), headers=headers)
        return _checked(answer, content)

    async def check_nothing_changed(self) -> None:
        assert await self._running.changed() == {}


def _checked(answer: httpx.Response, sent: Any) -> httpx.Response:
    """A problem (RFC 9457) in which nothing stands of what was sent."""
    assert 400 <= answer.status_code < 500, f"{str(sent)[:900]} {answer.text}"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:kim:problem:{answer.json()['code']}"
    assert answer.json()["status"] == answer.status_code
    assert CANARY not in answer.text, (str(sent)[:500], answer.text)
    return answer


def _named(answer: httpx.Response) -> Any:
    return answer.json().get("field")


def _is_about(place: str, answer: httpx.Response) -> bool:
    """One of the fields is this place, what it stands in or what stands in it."""
    fields = [error["field"] for error in answer.json().get("errors") or [answer.json()]]
    return any(field == place or f"{field}.".startswith(f"{place}.") for field in fields)
