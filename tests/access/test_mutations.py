"""Good bodies with one member dropped or replaced by any JSON: never a fault of ours, and a refusal changes nothing."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.access.conftest import Start
from tests.access.house import Call
from tests.access.spoiling import at, places, put
from tests.access.table import TABLE, Route
from tests.access.wrong import WRONG

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=5
)
DROPPED = object()


@pytest.mark.parametrize("route", WRONG, ids=str)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_json_in_any_place_is_taken_or_refused(start: Start, route: Route, data: st.DataObject) -> None:
    running = await start(route.service)
    scene = await running.scene()
    good = scene.calls[route[1:]]
    who = next(iter(TABLE[route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    place = data.draw(st.sampled_from(sorted(places(good.body), key=str)))
    body = _changed(good.body, place, data.draw(st.just(DROPPED) | ANYTHING))
    answer = await running.send(route, Call(good.at, good.query, good.headers, body), token)
    assert answer.status_code < 500, (body, answer.text)
    if not answer.is_success and answer.json()["code"] != "code-refused":  # a wrong code is counted
        assert await running.changed() == {}, body


def _changed(good: dict[str, Any], place: tuple[str | int, ...], value: Any) -> Any:
    body = put(good, place, None if value is DROPPED else value)
    if value is DROPPED:
        del at(body, place[:-1])[place[-1]]
    return body
