"""What the issuer says of itself, wherever its addresses are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from shared import discovery
from shared.discovery import Discovery, WrongIssuer
from shared.http_client import http_client
from shared.settings import Settings
from tests.shared.serving import serve

REALM = "https://id.kreis-wesel.example/realms/kim"


@dataclass
class Keycloak:
    """An issuer that says addresses as Keycloak has them: below the realm, under its public name."""

    url: str = ""
    asked: int = 0
    token_endpoint: str = f"{REALM}/protocol/openid-connect/token"

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/realms/kim/.well-known/openid-configuration")
        async def configuration() -> dict[str, str]:
            self.asked += 1
            return {
                "issuer": REALM,
                "authorization_endpoint": f"{REALM}/protocol/openid-connect/auth",
                "token_endpoint": self.token_endpoint,
                "jwks_uri": f"{REALM}/protocol/openid-connect/certs",
            }

        return app

    def settings(self, issuer: str = REALM) -> Settings:
        return Settings(oidc_issuer=issuer, issuer_url=f"{self.url}/realms/kim")


@pytest.fixture
async def keycloak() -> AsyncIterator[Keycloak]:
    made = Keycloak()
    async with serve(made.app()) as made.url:
        yield made


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with http_client() as client:
        yield client


async def test_an_address_under_the_public_name_is_reached_from_inside(
    keycloak: Keycloak, http: httpx.AsyncClient
) -> None:
    found = Discovery(keycloak.settings())
    assert await found.token_endpoint(http) == f"{keycloak.url}/realms/kim/protocol/openid-connect/token"
    assert (await found.metadata(http)).authorization_endpoint == f"{REALM}/protocol/openid-connect/auth"


async def test_an_address_elsewhere_is_taken_as_it_is(keycloak: Keycloak, http: httpx.AsyncClient) -> None:
    keycloak.token_endpoint = f"{REALM}-tokens.example/token"
    assert await Discovery(keycloak.settings()).token_endpoint(http) == keycloak.token_endpoint


async def test_the_issuer_is_asked_once_and_again_when_an_hour_has_passed(
    keycloak: Keycloak, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Discovery(keycloak.settings())
    for _ in range(3):
        await found.token_endpoint(http)
    assert keycloak.asked == 1
    monkeypatch.setattr(discovery, "FRESH", -1.0)
    await found.token_endpoint(http)
    assert keycloak.asked == 2


async def test_another_issuer_than_ours_is_not_believed(keycloak: Keycloak, http: httpx.AsyncClient) -> None:
    with pytest.raises(WrongIssuer):
        await Discovery(keycloak.settings(issuer=f"{REALM}-other")).token_endpoint(http)
