"""Every route of every service with every role, with strangers, and with those to whom the object belongs."""

from importlib import import_module
from pathlib import Path

import httpx
import pytest

import services
from shared.auth import Role, guards
from shared.service import create_app
from shared.settings import Settings
from tests.access.conftest import Start
from tests.access.house import Call, Running, Scene, strangers
from tests.access.table import (
    NOBODY,
    NOT_THERE,
    PAGES,
    REFUSED,
    SEES_NOTHING,
    SERVICES,
    TABLE,
    WELCOME,
    Route,
)

FOLDER = Path(services.__path__[0])
FOUND = sorted(app.parent.name for app in FOLDER.glob("*/app.py"))
HEALTH = "/health/"
LET_THROUGH = [(route, who) for route, access in TABLE.items() for who in access if HEALTH not in route.path]
every_route = pytest.mark.parametrize("route", [r for r in TABLE if HEALTH not in r.path], ids=str)
every_case = pytest.mark.parametrize(("route", "who"), LET_THROUGH, ids=str)


@pytest.mark.parametrize("name", sorted({*FOUND, *SERVICES, *(page.service for page in PAGES)}))
def test_the_table_holds_the_routes_that_there_are(name: str) -> None:
    app = create_app(
        import_module(f"services.{name}.app").build(Settings.model_construct()), Settings.model_construct()
    )
    there = {Route(name, method, path) for method, path, _ in guards(app)}
    assert there == {route for route in [*TABLE, *PAGES] if route.service == name}


@pytest.mark.parametrize("name", sorted({page.service for page in PAGES}))
def test_a_gateway_guards_nothing_itself(name: str) -> None:
    app = create_app(
        import_module(f"services.{name}.app").build(Settings.model_construct()), Settings.model_construct()
    )
    assert all(guard.open for _, _, guard in guards(app))


@every_route
async def test_whoever_is_not_named_is_refused_and_changes_nothing(start: Start, route: Route) -> None:
    running = await start(route.service)
    scene = await running.scene()
    refused = {who: await _as_owner(running, scene, route, who) for who in [*Role, NOBODY] if who not in TABLE[route]}
    assert {who: answer.status_code for who, answer in refused.items()} == {
        who: 401 if who is NOBODY else 403 for who in refused
    }
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in refused.values())
    assert await running.changed() == {}


@every_route
async def test_whoever_is_refused_is_told_nothing_else(start: Start, route: Route) -> None:
    """Neither whether the object is there nor what a good body looks like."""
    running = await start(route.service)
    nonsense = Call(dict.fromkeys(_names(route), "nonsense"), body=b"{")
    for who in {*Role, NOBODY} - TABLE[route].keys():
        answer = await running.send(route, nonsense, running.token(who, strangers(who)[0] if who else {}))
        assert answer.status_code == (401 if who is NOBODY else 403), who


@every_case
async def test_a_stranger_gets_nothing_and_the_owner_gets_through(start: Start, route: Route, who: Role | None) -> None:
    running = await start(route.service)
    scene = await running.scene()
    if who is not NOBODY:
        await _check_stranger(running, scene, route, who)
    answer = await _as_owner(running, scene, route, who)
    assert answer.is_success, answer.text
    if TABLE[route][who] is SEES_NOTHING:
        assert any(trace in answer.text for trace in scene.traces), "the test must know what there is to see"


async def _check_stranger(running: Running, scene: Scene, route: Route, role: Role) -> None:
    expected = TABLE[route][role]
    if expected is WELCOME:
        return
    for claims in strangers(role):
        answer = await running.send(route, scene.calls[route[1:]], running.token(role, claims))
        assert answer.status_code == {NOT_THERE: 404, REFUSED: 403, SEES_NOTHING: 200}[expected], claims
        assert not [trace for trace in scene.traces if trace in answer.text]
    assert await running.changed() == {}


async def _as_owner(running: Running, scene: Scene, route: Route, who: Role | None) -> httpx.Response:
    token = running.token(who, scene.owners.claims(who)) if who else {}
    return await running.send(route, scene.calls[route[1:]], token)


def _names(route: Route) -> list[str]:
    return [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
