"""Access tokens: who is let in, who is not, and that no route is forgotten."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Annotated, Any

import httpx
import jwt
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from shared import auth, clock, problems
from shared.auth import Principal, Role, allow, public
from shared.errors import Unavailable
from shared.ids import new_id
from shared.jwks import KeySet
from shared.tokens import Issuer, TokenRefused, Tokens
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

Fixture = tuple[httpx.AsyncClient, TestIssuer, TestIssuer]


def _app() -> FastAPI:
    router = APIRouter()

    @router.get("/cases")
    async def cases(who: Annotated[Principal, allow(Role.CLERK, Role.CASE_MANAGER)]) -> dict[str, Any]:
        return {"subject": who.subject, "municipalities": sorted(who.municipalities), "office": who.office}

    @router.get("/status")
    async def status(who: Annotated[Principal, allow(Role.PARTICIPANT)]) -> str:
        return str(who.enquiry_id)

    @router.post("/enquiries")
    async def enquire(who: Annotated[Principal | None, public(Role.CLERK)]) -> bool:
        return who is not None

    @router.get("/jwks", dependencies=[public()])
    async def jwks() -> bool:
        return True

    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    return app


@asynccontextmanager
async def _running() -> AsyncIterator[Fixture]:
    """A client of the application, the OIDC issuer, and intake as issuer."""
    oidc, intake, app = TestIssuer("https://issuer"), TestIssuer("https://intake"), _app()
    async with serve(oidc.app()) as oidc_url, serve(intake.app()) as intake_url, serve(app) as url:
        app.state.tokens = Tokens(
            "kim",
            Issuer(oidc.name, KeySet(f"{oidc_url}/jwks"), for_participants=False),
            Issuer(intake.name, KeySet(f"{intake_url}/jwks"), for_participants=True),
        )
        async with httpx.AsyncClient(base_url=url) as client:
            yield client, oidc, intake


@pytest.fixture(scope="module")
async def kim() -> AsyncIterator[Fixture]:
    async with _running() as running:
        yield running


async def _get(client: httpx.AsyncClient, path: str, token: str) -> httpx.Response:
    return await client.get(path, headers={"Authorization": f"Bearer {token}"})


async def test_a_good_token_says_who_calls(kim: Fixture) -> None:
    client, oidc, _ = kim
    token = oidc.token(sub="s", municipalities=["05170008"], office="dinslaken", roles=["clerk", "other"])
    answer = await _get(client, "/cases", token)
    assert answer.json() == {"subject": "s", "municipalities": ["05170008"], "office": "dinslaken"}


async def test_without_a_token_the_answer_says_how_to_come_back(kim: Fixture) -> None:
    answer = await kim[0].get("/cases")
    assert (answer.status_code, answer.json()["code"]) == (401, "token-missing")
    assert answer.headers["www-authenticate"] == 'Bearer realm="kim"'


async def test_another_role_is_refused(kim: Fixture) -> None:
    client, oidc, _ = kim
    answer = await _get(client, "/cases", oidc.token(roles=["interpreter"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "role-refused")
    assert "insufficient_scope" in answer.headers["www-authenticate"]


_now = clock.now()


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": _now - timedelta(minutes=1)},
        {"exp": None},
        {"iat": None},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://stranger"},
        {"iss": None},
        {"iss": "https://intake"},
        {"sub": None},
        {"nbf": _now + timedelta(minutes=10)},
        {"roles": "clerk"},
        {"municipalities": ["Dinslaken"]},
        {"roles": ["participant"], "enquiry_id": str(new_id())},
        {"roles": ["participant", "clerk"]},
    ],
)
async def test_a_token_with_wrong_claims_is_refused(kim: Fixture, wrong: dict[str, Any]) -> None:
    client, oidc, _ = kim
    answer = await _get(client, "/cases", oidc.token(**wrong))
    assert (answer.status_code, answer.json()["code"]) == (401, "token-refused")
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_a_token_signed_otherwise_is_refused(kim: Fixture) -> None:
    client, oidc, _ = kim
    headers = {"kid": oidc.kid}
    forged = [
        TestIssuer(oidc.name).token(),
        jwt.encode(oidc.claims(), "a-secret-that-is-long-enough-for-it", "HS256", headers),
        jwt.encode(oidc.claims(), "", "none", headers),
        jwt.encode(oidc.claims(), oidc.key, "ES256"),
        jwt.encode(oidc.claims(), oidc.key, "ES256", headers | {"typ": "logout+jwt"}),
        oidc.token()[:-6] + "AAAAAA",
        "no.token.at-all",
        "ä",
    ]
    for token in forged:
        answer = await client.get("/cases", headers={b"Authorization": f"Bearer {token}".encode()})
        assert answer.status_code == 401, token


async def test_intake_speaks_for_participants_of_one_enquiry(kim: Fixture) -> None:
    client, _, intake = kim
    enquiry = str(new_id())
    answer = await _get(client, "/status", intake.token(roles=["participant"], enquiry_id=enquiry))
    assert answer.json() == enquiry


@pytest.mark.parametrize(
    "claims",
    [
        {"roles": ["clerk"]},
        {"roles": ["clerk"], "enquiry_id": str(new_id())},
        {"roles": ["participant", "clerk"], "enquiry_id": str(new_id())},
        {"roles": ["participant"]},
        {"roles": ["participant"], "enquiry_id": "1"},
    ],
)
async def test_intake_speaks_for_nobody_else(kim: Fixture, claims: dict[str, Any]) -> None:
    client, _, intake = kim
    for path in ("/cases", "/status"):
        assert (await _get(client, path, intake.token(**claims))).status_code == 401


async def test_a_public_route_takes_anybody_and_looks_at_a_token_only_where_it_names_roles(
    kim: Fixture,
) -> None:
    client, oidc, _ = kim
    bad, clerk = {"Authorization": "Bearer bad"}, {"Authorization": f"Bearer {oidc.token()}"}
    assert (await client.post("/enquiries")).json() is False
    assert (await client.post("/enquiries", headers=clerk)).json() is True
    assert (await client.post("/enquiries", headers=bad)).status_code == 401
    assert (await client.get("/jwks", headers=bad)).status_code == 200


async def test_a_new_key_of_the_issuer_is_fetched_once_and_made_up_ones_do_not_flood_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with _running() as (client, oidc, _):
        assert (await _get(client, "/cases", oidc.token())).status_code == 200
        for _ in range(3):
            await _get(client, "/cases", jwt.encode(oidc.claims(), oidc.key, "ES256", {"kid": str(new_id())}))
        assert oidc.fetches == 1
        later = monotonic() + 11
        monkeypatch.setattr("shared.jwks.monotonic", lambda: later)
        oidc.rotate()
        assert (await _get(client, "/cases", oidc.token())).status_code == 200
        assert oidc.fetches == 2


async def test_old_keys_serve_while_the_issuer_is_away_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    oidc = TestIssuer("https://issuer")
    async with serve(oidc.app()) as url:
        keys = KeySet(f"{url}/jwks")
        assert await keys.key(oidc.kid)
    start = monotonic()
    monkeypatch.setattr("shared.jwks.monotonic", lambda: start + 1000)
    assert await keys.key(oidc.kid)
    monkeypatch.setattr("shared.jwks.monotonic", lambda: start + 4000)
    with pytest.raises(Unavailable):
        await keys.key(oidc.kid)


async def test_without_keys_nobody_is_let_in_and_nobody_is_blamed() -> None:
    oidc = TestIssuer("https://issuer")
    tokens = Tokens("kim", Issuer(oidc.name, KeySet("http://127.0.0.1:9/jwks"), for_participants=False))
    with pytest.raises(Unavailable):
        await tokens.principal(oidc.token())
    with pytest.raises(TokenRefused):
        await tokens.principal("bad")


def test_the_principal_does_not_show_its_token() -> None:
    assert "secret" not in repr(Principal("s", frozenset(), token="secret"))


def test_every_route_says_whom_it_allows() -> None:
    assert {(method, path): (set(guard.roles), guard.open) for method, path, guard in auth.guards(_app())} == {
        ("GET", "/cases"): ({Role.CLERK, Role.CASE_MANAGER}, False),
        ("GET", "/status"): ({Role.PARTICIPANT}, False),
        ("POST", "/enquiries"): ({Role.CLERK}, True),
        ("GET", "/jwks"): (set(), True),
    }


def test_a_route_that_does_not_say_is_found() -> None:
    app = _app()
    app.add_api_route("/forgotten", lambda: None)
    with pytest.raises(auth.UnguardedRoute, match="/forgotten"):
        auth.check_routes(app)


def test_the_roles_of_a_route_can_be_read() -> None:
    router = APIRouter()
    router.add_api_route("/a", lambda: None, dependencies=[allow(Role.PARTNER)])
    router.add_api_route("/b", lambda: None, dependencies=[public()])
    closed, opened = (route for route in router.routes if isinstance(route, APIRoute))
    assert auth.allowed_roles(closed) == frozenset({Role.PARTNER})
    assert auth.allowed_roles(opened) is None


def test_allowing_no_role_is_a_mistake() -> None:
    with pytest.raises(TypeError):
        allow()


async def test_openapi_says_which_routes_need_a_token(kim: Fixture) -> None:
    paths = (await kim[0].get("/openapi.json")).json()["paths"]
    assert paths["/cases"]["get"]["security"] == [{"token": []}]
    assert "security" not in paths["/jwks"]["get"] | paths["/enquiries"]["post"]
