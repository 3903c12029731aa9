"""A code for a token: uniform refusals, counted failures, and a token that every service can check."""

from datetime import timedelta

import httpx
import jwt
import pytest

from services.intake import code_exchange
from services.intake.code_exchange import MOST_OF_ONE_ADDRESS, SPAN, forget_attempts
from services.intake.participant_code import new_code
from shared.clock import now
from tests.intake.desk import DINSLAKEN, Intake


async def _failures(intake: Intake) -> list[int]:
    async with intake.db.read() as conn:
        return [row["failures"] for row in await conn.fetch("select failures from attempt order by failures")]


async def test_a_code_becomes_a_token_for_its_enquiry_and_fifteen_minutes(intake: Intake) -> None:
    receipt = await intake.receive()
    answer = await intake.exchange(receipt["code"].lower().replace("-", " "))
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 900)
    assert answer.headers["Cache-Control"] == "no-store"
    claims = jwt.decode(
        token["access_token"],
        intake.signer.keys.signing.public_key(),
        algorithms=["ES256"],
        audience="kim",
        issuer="https://intake.test",
    )
    assert claims["exp"] - claims["iat"] == 900
    assert (claims["roles"], claims["enquiry_id"]) == (["participant"], receipt["enquiry_id"])


async def test_every_code_that_opens_nothing_is_refused_alike(intake: Intake) -> None:
    receipt = await intake.receive()
    await intake.client.delete(f"/enquiries/{receipt['enquiry_id']}/code", headers=intake.clerk(DINSLAKEN))
    refused = [await intake.exchange(code) for code in (receipt["code"], new_code(), "x", "🙂")]
    assert {(answer.status_code, answer.text) for answer in refused} == {(401, refused[0].text)}
    assert refused[0].json()["code"] == "code-refused"


async def test_a_participant_revokes_the_own_code(intake: Intake) -> None:
    receipt = await intake.receive()
    headers = await intake.participant(receipt)
    answer = await intake.client.delete(f"/enquiries/{receipt['enquiry_id']}/code", headers=headers)
    assert answer.status_code == 204
    assert (await intake.exchange(receipt["code"])).status_code == 401


async def test_an_address_that_guesses_has_to_wait_and_others_have_not(intake: Intake) -> None:
    receipt = await intake.receive()
    for _ in range(MOST_OF_ONE_ADDRESS):
        assert (await intake.exchange(new_code(), "192.0.2.7")).status_code == 401
    refused = await intake.exchange(receipt["code"], "192.0.2.7")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "300")
    assert (await intake.exchange(receipt["code"], "192.0.2.8")).status_code == 200


async def test_there_is_a_limit_for_all_addresses_together(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_exchange, "MOST_OF_ALL", 3)
    answers = [await intake.exchange(new_code(), f"192.0.2.{number}") for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


async def test_a_right_code_counts_as_no_failure(intake: Intake) -> None:
    receipt = await intake.receive()
    await intake.exchange(receipt["code"])
    assert await _failures(intake) == [0, 0]


async def test_counts_are_forgotten_when_their_span_is_over(intake: Intake, monkeypatch: pytest.MonkeyPatch) -> None:
    await intake.exchange(new_code())
    async with intake.db.transaction() as conn:
        assert await forget_attempts(conn) == 0
    later = now() + SPAN + timedelta(seconds=1)
    monkeypatch.setattr(code_exchange, "now", lambda: later)
    async with intake.db.transaction() as conn:
        assert await forget_attempts(conn) == 2
    assert await _failures(intake) == []


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": "1" * 65}, {"code": 1}])
async def test_what_is_no_code_names_the_field(intake: Intake, body: dict[str, object]) -> None:
    answer = await intake.client.post("/participant/token", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, "code")


async def test_the_key_set_and_the_metadata_are_there_for_everybody(intake: Intake) -> None:
    metadata: httpx.Response = await intake.client.get("/.well-known/openid-configuration")
    keys = (await intake.client.get("/jwks")).json()["keys"]
    assert metadata.json()["issuer"] == "https://intake.test"
    assert [(key["kid"], key["alg"], "d" in key) for key in keys] == [(intake.signer.keys.kid, "ES256", False)]


async def test_a_forged_token_of_a_participant_is_refused(intake: Intake) -> None:
    receipt = await intake.receive()
    forged = intake.staff("participant", enquiry_id=receipt["enquiry_id"])
    assert (await intake.client.get(f"/enquiries/{receipt['enquiry_id']}", headers=forged)).status_code == 401
