"""The development issuer, on a real socket: its tokens open our services, and it starts nowhere else."""

import base64
import hashlib
import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest

from deploy.issuer.app import create_app
from deploy.issuer.codes import LIFETIME, Codes
from deploy.issuer.secret_files import KEY_FILE, client_secrets
from shared.auth import Role, ServiceToken
from shared.errors import Unavailable
from shared.jwks import KeySet
from shared.service_token import CLIENTS_FILE
from shared.settings import Settings
from shared.tokens import Issuer, Tokens
from tests.shared.serving import serve

ISSUER = "http://127.0.0.1:8100"
BACK = "http://127.0.0.1:8080/signed-in"
VERIFIER = "a-verifier-of-at-least-43-characters-as-rfc-7636-has-it"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASKED = {
    "client_id": "gateway_web",
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "openid",
    "state": "st&te",
    "nonce": "n",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@dataclass
class Running:
    client: httpx.AsyncClient
    tokens: Tokens
    settings: Settings
    codes: Codes

    async def token(self, **form: str) -> httpx.Response:
        return await self.client.post("/token", data=form)

    async def code(self, user: str = "clerk-dinslaken", **changed: str) -> str:
        answer = await self.client.post("/authorize", data=ASKED | changed | {"user": user})
        assert answer.status_code == 303
        return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

    async def exchange(self, code: str, **changed: str) -> httpx.Response:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": "gateway_web",
            "redirect_uri": BACK,
            "code_verifier": VERIFIER,
        }
        return await self.token(**(form | changed))


@pytest.fixture(scope="module")
async def issuer(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    secrets_dir = tmp_path_factory.mktemp("issuer") / "secrets"
    app = create_app(Settings(secrets_dir=secrets_dir, oidc_issuer=ISSUER))
    async with serve(app) as url, httpx.AsyncClient(base_url=url) as client:
        tokens = Tokens("kim", Issuer(ISSUER, KeySet(f"{url}/jwks"), for_participants=False))
        settings = Settings(secrets_dir=secrets_dir, issuer_url=url, oidc_issuer=ISSUER)
        yield Running(client, tokens, settings, app.state.codes)


async def test_a_development_user_gets_a_token_that_our_services_take(issuer: Running) -> None:
    answer = (await issuer.token(grant_type="urn:kim:dev-user", user="coordinator-dinslaken")).json()
    who = await issuer.tokens.principal(answer["access_token"])
    assert (set(who.roles), who.office, set(who.municipalities)) == ({Role.COORDINATOR}, "dinslaken", {"05170008"})
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)


async def test_nobody_else_gets_one(issuer: Running) -> None:
    answer = await issuer.token(grant_type="urn:kim:dev-user", user="nobody")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert (await issuer.token(grant_type="password")).json() == {"error": "unsupported_grant_type"}


async def test_the_description_leads_to_the_endpoints(issuer: Running) -> None:
    found = (await issuer.client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == ISSUER
    for name in ("authorization_endpoint", "jwks_uri"):
        assert (await issuer.client.get(urlsplit(found[name]).path, params=ASKED)).status_code == 200


async def test_the_jwks_holds_no_private_key(issuer: Running) -> None:
    (key,) = (await issuer.client.get("/jwks")).json()["keys"]
    assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_a_person_signs_in_by_code_and_verifier(issuer: Running) -> None:
    page = await issuer.client.get("/authorize", params=ASKED)
    assert "Fallmanagement Dinslaken 1" in page.text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    assert hidden == ASKED | {"state": "st&amp;te"}
    answer = await issuer.client.post("/authorize", data=ASKED | {"user": "case-manager-dinslaken-1"})
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.headers["location"].startswith(BACK + "?")
    assert back["state"] == ["st&te"]
    given = (await issuer.exchange(back["code"][0])).json()
    assert (await issuer.tokens.principal(given["access_token"])).roles == {Role.CASE_MANAGER}
    told = jwt.decode(given["id_token"], options={"verify_signature": False})
    assert (told["aud"], told["nonce"], told["name"]) == ("gateway_web", "n", "Fallmanagement Dinslaken 1")


async def test_an_id_token_is_no_access_token(issuer: Running) -> None:
    given = (await issuer.exchange(await issuer.code())).json()
    with pytest.raises(Exception, match="not meant for this service"):
        await issuer.tokens.principal(given["id_token"])


@pytest.mark.parametrize(
    "wrong", [{"code_verifier": "x" * 43}, {"redirect_uri": BACK + "x"}, {"client_id": "x"}, {"code": "x"}], ids=str
)
async def test_a_code_is_good_only_for_who_asked(issuer: Running, wrong: dict[str, str]) -> None:
    answer = await issuer.exchange(**({"code": await issuer.code()} | wrong))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})


async def test_a_code_is_good_once(issuer: Running) -> None:
    code = await issuer.code()
    assert (await issuer.exchange(code)).status_code == 200
    assert (await issuer.exchange(code)).json() == {"error": "invalid_grant"}


async def test_a_code_is_good_for_a_minute(issuer: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    code, later = await issuer.code(), issuer.codes.now() + LIFETIME
    monkeypatch.setattr(issuer.codes, "now", lambda: later)
    assert (await issuer.exchange(code)).json() == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "x"}, {"redirect_uri": "https://example.org/"}, {"redirect_uri": "javascript://localhost/"}],
    ids=str,
)
async def test_nobody_is_sent_to_a_stranger(issuer: Running, wrong: dict[str, str]) -> None:
    for answer in (
        await issuer.client.get("/authorize", params=ASKED | wrong),
        await issuer.client.post("/authorize", data=ASKED | wrong | {"user": "clerk-alpen"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (400, "client-unknown")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
async def test_a_request_without_proof_goes_back_with_an_error(
    issuer: Running, wrong: dict[str, str], error: str
) -> None:
    for answer in (
        await issuer.client.get("/authorize", params=ASKED | wrong),
        await issuer.client.post("/authorize", data=ASKED | wrong | {"user": "clerk-alpen"}),
    ):
        assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]


async def test_a_system_is_no_person_to_sign_in_as(issuer: Running) -> None:
    answer = await issuer.client.post("/authorize", data=ASKED | {"user": "person"})
    assert (answer.status_code, answer.json()["code"]) == (400, "person-unknown")


async def test_a_service_gets_its_token_by_its_secret_and_keeps_it(issuer: Running) -> None:
    service_token = ServiceToken("person", issuer.settings)
    token = await service_token.value()
    who = await issuer.tokens.principal(token)
    assert (who.subject, set(who.roles)) == ("person", {Role.SERVICE})
    assert await service_token.value() is token


async def test_a_service_fetches_another_token_before_the_old_one_ends(
    issuer: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    service_token = ServiceToken("person", issuer.settings)
    token = await service_token.value()
    monkeypatch.setattr("shared.service_token.monotonic", lambda: float("inf"))
    assert await service_token.value() != token


async def test_a_service_without_secret_or_issuer_tries_again_later(issuer: Running, tmp_path: Path) -> None:
    away = issuer.settings.model_copy(update={"issuer_url": "http://127.0.0.1:9"})
    without = issuer.settings.model_copy(update={"secrets_dir": tmp_path})
    for token in (ServiceToken("x", issuer.settings), ServiceToken("person", away), ServiceToken("person", without)):
        with pytest.raises(Unavailable):
            await token.value()


@pytest.mark.parametrize(("client", "secret"), [("person", ""), ("person", "x"), ("x", ""), ("clerk-alpen", "")])
async def test_a_wrong_secret_is_refused(issuer: Running, client: str, secret: str) -> None:
    by_form = await issuer.token(grant_type="client_credentials", client_id=client, client_secret=secret)
    by_basic = await issuer.client.post("/token", data={"grant_type": "client_credentials"}, auth=(client, secret))
    for answer in (by_form, by_basic):
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
        assert "www-authenticate" in answer.headers


async def test_garbled_credentials_are_refused(issuer: Running) -> None:
    for garbled in ("Basic ä", "Basic /w==", "Basic", "Basic cGVyc29u"):
        headers = {b"Authorization": garbled.encode()}
        answer = await issuer.client.post("/token", data={"grant_type": "client_credentials"}, headers=headers)
        assert answer.status_code == 401, garbled


async def test_a_partner_system_speaks_for_its_municipality(issuer: Running) -> None:
    secret = _secrets(issuer)["partner-alpen"]
    answer = await issuer.token(grant_type="client_credentials", client_id="partner-alpen", client_secret=secret)
    who = await issuer.tokens.principal(answer.json()["access_token"])
    assert (set(who.roles), set(who.municipalities)) == ({Role.PARTNER}, {"05170004"})


async def test_key_and_secrets_are_their_owners_and_outlive_a_restart(issuer: Running) -> None:
    for name in (KEY_FILE, CLIENTS_FILE):
        assert stat.S_IMODE((issuer.settings.secrets_dir / name).stat().st_mode) == 0o600
    before, token = _secrets(issuer), await ServiceToken("case", issuer.settings).value()
    again = create_app(issuer.settings)
    assert again.state.mint.public_jwk == (await issuer.client.get("/jwks")).json()["keys"][0]
    assert (_secrets(issuer), again.state.client_secrets) == (before, before)
    assert await issuer.tokens.principal(token)


def test_a_new_client_gets_a_secret_and_the_others_keep_theirs(tmp_path: Path) -> None:
    one = client_secrets(tmp_path, ["a"])
    assert client_secrets(tmp_path, ["a", "b"])["a"] == one["a"]


async def test_the_first_page_shows_who_can_sign_in(issuer: Running) -> None:
    page = await issuer.client.get("/")
    assert "Sprachmittlung 30" in page.text
    assert "<button" not in page.text
    assert (await issuer.client.get("/health/ready")).status_code == 200


def test_it_refuses_to_start_outside_development(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "KIM_ENVIRONMENT"} | {"KIM_SECRETS_DIR": str(tmp_path)}
    for extra in ({}, {"KIM_ENVIRONMENT": "production"}):
        ended = subprocess.run(
            [sys.executable, "-m", "deploy.issuer"],
            env=environment | extra, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        assert re.fullmatch(r"[^\n.]+KIM_ENVIRONMENT=development[^\n]*\.\n", ended.stderr)
        assert not list(tmp_path.iterdir())


def _secrets(issuer: Running) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((issuer.settings.secrets_dir / CLIENTS_FILE).read_bytes())
    return content
