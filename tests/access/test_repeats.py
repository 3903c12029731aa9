"""A POST that is sent again with its Idempotency-Key: the first answer, one effect; with another body a refusal."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from shared.ids import new_id
from tests.access.conftest import Start
from tests.access.table import TABLE, Route

NOT_KEPT: Mapping[Route, str] = {
    Route("intake", "POST", "/participant/token"): "changes nothing; a token is not kept",
    Route("person", "POST", "/conflict-tokens"): "changes nothing; what it is asked for is not kept",
    Route("person", "POST", "/outgoing/telegram/claim"): "each is a claim: what one was given, the next is not",
    Route("person", "POST", "/persons/by-enquiry/{enquiry_id}/note-key"): "each is a reading, with its log row",
}
POSTS = [route for route in TABLE if route.method == "POST" and route not in NOT_KEPT]


@pytest.mark.parametrize("route", POSTS, ids=str)
async def test_what_is_sent_again_is_done_once(start: Start, route: Route) -> None:
    running = await start(route.service)
    scene = await running.scene()
    call, who = scene.calls[route[1:]], next(iter(TABLE[route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    keyed = token | {"Idempotency-Key": str(new_id())}
    first = await running.send(route, call, keyed)
    done = await running.tables.rows()
    again = await running.send(route, call, keyed)
    assert (first.is_success, again.status_code, again.content) == (True, first.status_code, first.content), first.text
    assert again.headers["idempotency-replayed"] == "true"
    other = call.body | {"unknown": 1} if call.body else {"unknown": 1}
    refused = await running.send(route, replace(call, body=other), keyed)
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency-key-reused")
    assert await running.tables.rows() == done


@pytest.mark.parametrize("route", NOT_KEPT, ids=str)
async def test_what_changes_nothing_is_not_kept(start: Start, route: Route) -> None:
    running = await start(route.service)
    scene = await running.scene()
    call, who = scene.calls[route[1:]], next(iter(TABLE[route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    answers = [await running.send(route, call, token | {"Idempotency-Key": "k" * 16}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert not any("idempotency-replayed" in answer.headers for answer in answers)
    assert await running.db.pool.fetchval("select count(*) from idempotency_key") == 0
