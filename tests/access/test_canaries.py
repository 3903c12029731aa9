"""Every route of every service, called with canaries in each place: they reach no table, event, log, metric or problem.

What is refused is refused by a good request with one place spoiled; what is accepted is accepted with free text where
`FREE_TEXT` says that the route takes some. The same through real Kafka: tests/journeys/test_canaries.py.
"""

import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from shared.auth import Role
from tests.access.conftest import Start
from tests.access.house import Call, Running, Scene
from tests.access.spoiling import dotted, places, put
from tests.access.table import TABLE, Route
from tests.access.wrong import FREE_TEXT
from tests.canaries import CANARIES, found_in

ROUTES = [route for route in TABLE if not route.path.startswith("/health/")]
HEADERS = {
    "Idempotency-Key": CANARIES["idempotency key"],
    **dict.fromkeys(
        (
            "User-Agent",
            "Referer",
            "X-Request-Id",
            "X-Forwarded-For",
            "Accept-Language",
            "Cookie",
            "traceparent",
            "baggage",
        ),
        CANARIES["header"],
    ),
}
QUERY = {"q": CANARIES["query string"], CANARIES["query string"]: "1", "phone": CANARIES["phone"]}
ALL = " ".join(CANARIES.values())


def accepted(route: Route, good: Call) -> Call:
    """As its owner sends it, with all that is not looked at, and every free text, full of canaries."""
    body = good.body
    for place in places(body):
        if dotted(place) in FREE_TEXT.get(route, ()):
            body = put(body, place, ALL)
    return replace(good, body=body, query={**QUERY, **good.query}, headers={**good.headers, **HEADERS})


def refused(good: Call) -> Iterator[Call]:
    """One thing of it is wrong: a part of the path, a parameter, a place of the body, the body as a whole."""
    for name in good.at:
        yield replace(good, at={**good.at, name: CANARIES["path"]})
    for name in (*good.query, "limit", "after", "month", "until"):
        yield replace(good, query={**good.query, name: CANARIES["query string"]})
    for body in _spoiled(good.body):
        yield replace(good, body=body, headers={**good.headers, **HEADERS})
    yield replace(good, headers={**good.headers, "Idempotency-Key": f"no key, but {CANARIES['e-mail']}"})


def _spoiled(body: Any) -> Iterator[Any]:
    if body is None:
        yield {"name": CANARIES["name"], "note": CANARIES["note"]}
        return
    yield {**body, **CANARIES}
    yield from (put(body, place, ALL) for place in places(body))
    yield from (put(body, place, {CANARIES["name"]: [CANARIES["birth date"]]}) for place in places(body))
    yield from (CANARIES["conference"], [CANARIES["referral"]], f'{{"name": "{CANARIES["name"]}'.encode())


async def tables(running: Running) -> dict[str, set[str]]:
    """Table -> kinds of canaries in its rows, those of bytes included: the events in the outbox too."""
    rows = await running.tables.rows()
    if not found_in("\n".join(rows.values()).encode()):
        return {}
    return {name: leaked for name, text in rows.items() if (leaked := found_in(text.encode()))}


def problem(answer: httpx.Response) -> set[str]:
    return set() if answer.is_success else found_in(answer.content + str(answer.headers).encode())


async def _send(running: Running, route: Route, scene: Scene) -> tuple[int, list[Any]]:
    """How many requests were accepted, and what of the canaries stood in the answers to those that were not."""
    good, who = scene.calls[route[1:]], next(iter(TABLE[route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    told: list[Any] = []
    sent = 0
    for call in (*refused(good), accepted(route, good)):
        answer = await running.send(route, call, token)
        sent += answer.is_success
        if leaked := problem(answer):
            told.append((leaked, answer.status_code, answer.text[:300]))
    anonymous = await running.send(route, accepted(route, good), {})
    if leaked := problem(anonymous):
        told.append((leaked, anonymous.status_code, anonymous.text[:300]))
    return sent, told


@pytest.mark.parametrize("route", ROUTES, ids=str)
async def test_what_is_sent_stands_in_no_table_event_log_metric_or_problem(
    start: Start, route: Route, caplog: pytest.LogCaptureFixture
) -> None:
    running = await start(route.service)
    scene = await running.scene()
    with capture_logs() as logged, caplog.at_level(logging.DEBUG, "kim"):
        sent, told = await _send(running, route, scene)
    lines = "\n".join([*map(str, logged), caplog.text])
    metrics = await running.client.get("/metrics", headers=running.token(Role.ADMINISTRATOR, {}))
    assert sent, "the route has to accept what is good with canaries in it"
    assert told == []
    assert await tables(running) == {}, "what people say stands in the vault alone, as ciphertext"
    assert found_in(lines.encode()) == set(), lines
    assert found_in(metrics.content) == set()


@pytest.mark.parametrize("route", FREE_TEXT, ids=str)
async def test_free_text_is_really_sent(start: Start, route: Route) -> None:
    """Else the test above would be one of a request without any."""
    scene = await (await start(route.service)).scene()
    assert found_in(str(accepted(route, scene.calls[route[1:]]).body).encode()) >= {"name", "note"}


async def test_a_row_with_a_canary_is_found(start: Start) -> None:
    running = await start("intake")
    await running.scene()
    async with running.db.transaction() as conn:
        await conn.execute("update enquiry set sealed = $1", CANARIES["name"].encode())
    assert await tables(running) == {"enquiry": {"name"}}
