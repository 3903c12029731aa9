"""What is a participant's alone needs a code to their contact, or one from their case manager."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.person import messages, second_factor, store_messages
from services.person.one_time_codes import LIFETIME, MOST_IN_SPAN, MOST_TRIES, PROVEN_FOR, SPAN
from services.person.store_messages import Channel
from services.person.vault import Vault
from shared import clock
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Callers, Registered
from tests.person.people import ADDRESS, found_in_tables


async def arrived(database: Database, vault: Vault) -> str:
    """The code in the newest message."""
    async with database.transaction() as conn:
        rows = await conn.fetch("select id, person_id, content from message order by id desc limit 1")
        [(message_id, person_id, content)] = rows
        letter = await messages.read(conn, vault, person_id, message_id, content)
    assert letter.to == ADDRESS
    [code] = set(re.findall(r"\b\d{6}\b", letter.text))
    return str(code)


async def ask(who: Registered, purpose: str) -> tuple[int, str]:
    response = await who.participant.post("/me/codes", {"purpose": purpose})
    return response.status_code, (response.json() or {}).get("code", "")


async def redeem(who: Registered, purpose: str, code: str) -> Any:
    return (await who.participant.post("/me/codes/redeem", {"purpose": purpose, "code": code})).json()


async def staff_code(who: Registered) -> str:
    return str((await who.case_manager.post(f"/persons/by-enquiry/{who.enquiry_id}/second-factor")).json()["code"])


def pass_time(monkeypatch: pytest.MonkeyPatch, passed: timedelta) -> None:
    monkeypatch.setattr(second_factor, "now", lambda: clock.now() + passed)


async def test_the_access_log_is_shown_with_a_second_factor_alone(reachable: Registered) -> None:
    for header in ({}, {"Second-Factor": "guessed"}):
        refused = await reachable.participant.get("/me/access-log", **header)
        assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    assert (await reachable.participant.get("/me/access-log", **await reachable.proof())).status_code == 200


async def test_a_code_goes_to_the_contact_once_that_is_verified(
    reachable: Registered, database: Database, vault: Vault
) -> None:
    assert await ask(reachable, "second_factor") == (409, "contact-not-verified")
    assert await ask(reachable, "contact") == (202, "")
    verified = await redeem(reachable, "contact", await arrived(database, vault))
    assert verified == {"proof": None, "expires_at": None}
    assert await ask(reachable, "second_factor") == (202, "")
    proof = (await redeem(reachable, "second_factor", await arrived(database, vault)))["proof"]
    log = await reachable.participant.get("/me/access-log", **{"Second-Factor": proof})
    assert (log.status_code, log.json()) == (200, [])


async def test_whom_no_message_reaches_gets_a_code_from_the_case_manager(registered: Registered) -> None:
    assert await ask(registered, "contact") == (409, "no-way-to-send")
    proof = await registered.proof()
    [access] = (await registered.participant.get("/me/access-log", **proof)).json()
    assert (access["what"], access["who"]) == ("second_factor", str(registered.case_manager_id))


async def test_a_code_is_good_once_and_for_its_purpose(reachable: Registered) -> None:
    code = await staff_code(reachable)
    assert (await redeem(reachable, "contact", code))["code"] == "code-wrong"
    assert "proof" in await redeem(reachable, "second_factor", code)
    assert (await redeem(reachable, "second_factor", code))["code"] == "code-wrong"


async def test_a_new_code_ends_the_one_before(reachable: Registered) -> None:
    first, second = await staff_code(reachable), await staff_code(reachable)
    if first != second:
        assert (await redeem(reachable, "second_factor", first))["code"] == "code-wrong"
    assert (await redeem(reachable, "second_factor", second))["proof"]


async def test_after_too_many_tries_the_right_code_is_wrong_too(reachable: Registered) -> None:
    code = await staff_code(reachable)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(MOST_TRIES):
        refused = await redeem(reachable, "second_factor", wrong)
        assert (refused["code"], refused["field"]) == ("code-wrong", "code")
    assert (await redeem(reachable, "second_factor", code))["code"] == "code-wrong"


async def test_codes_are_limited_until_an_hour_has_passed(
    reachable: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MOST_IN_SPAN):
        assert await ask(reachable, "contact") == (202, "")
    assert await ask(reachable, "contact") == (429, "too-many-codes")
    pass_time(monkeypatch, SPAN)
    assert await ask(reachable, "contact") == (202, "")


async def test_a_code_and_a_proof_end_by_themselves(
    reachable: Registered, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, proof = await staff_code(reachable), await reachable.proof()
    pass_time(monkeypatch, PROVEN_FOR)
    assert (await reachable.participant.get("/me/access-log", **proof)).status_code == 403
    monkeypatch.undo()
    code = await staff_code(reachable)
    pass_time(monkeypatch, LIFETIME)
    assert (await redeem(reachable, "second_factor", code))["code"] == "code-wrong"
    pass_time(monkeypatch, SPAN)
    async with database.transaction() as conn:
        assert await second_factor.forget_old(conn) == 4
        assert await second_factor.forget_old(conn) == 0


async def test_neither_code_nor_proof_nor_address_stands_in_a_table(reachable: Registered, database: Database) -> None:
    await ask(reachable, "contact")
    proof = (await reachable.proof())["Second-Factor"]
    assert await found_in_tables(database, proof, ADDRESS) == []


async def test_another_case_manager_confirms_nobody_and_a_proof_is_good_for_one_person(
    reachable: Registered, registered: Registered, callers: Callers
) -> None:
    path = f"/persons/by-enquiry/{reachable.enquiry_id}/second-factor"
    assert (await callers.role("case_manager").post(path)).status_code == 404
    others = await registered.proof()
    assert (await reachable.participant.get("/me/access-log", **others)).status_code == 403


async def test_with_a_second_factor_the_participant_erases_at_once_and_everything_of_it_goes(
    reachable: Registered, database: Database
) -> None:
    await ask(reachable, "contact")
    assert (await reachable.participant.post("/me/erasure")).status_code == 403
    again = {"Idempotency-Key": str(new_id())}
    proof = await reachable.proof()
    erased = await reachable.participant.post("/me/erasure", None, **proof, **again)
    assert erased.status_code == 202
    assert (await reachable.participant.post("/me/erasure", None, **proof, **again)).json() == erased.json()
    for table in ("person", "message", "one_time_code", "second_factor", "verified_contact", "access_log"):
        assert await database.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - ours
    receipt = await reachable.participant.get(f"/erasures/{erased.json()['erasure_id']}")
    assert UUID(receipt.json()["erasure_id"])


async def test_a_code_that_would_come_too_late_is_not_sent(reachable: Registered, database: Database) -> None:
    await ask(reachable, "contact")
    async with database.transaction() as conn:
        assert await store_messages.settle_late(conn, clock.now()) == 0
        assert await store_messages.settle_late(conn, clock.now() + LIFETIME) == 1
        assert await store_messages.next_due(conn, Channel.EMAIL, clock.now()) is None


async def test_as_many_at_once_as_there_are_connections_wait_for_nobody(
    reachable: Registered, database: Database
) -> None:
    """A request that took a second connection while it holds one would wait for the others, and they for it."""
    codes, at_once = await staff_code(reachable), database.pool.get_max_size()
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(redeem(reachable, "second_factor", codes) for _ in range(at_once)))
        assert sum("proof" in answer for answer in answers) == 1
        proof = next({"Second-Factor": answer["proof"]} for answer in answers if "proof" in answer)
        erased = await asyncio.gather(
            *(reachable.participant.post("/me/erasure", None, **proof) for _ in range(at_once))
        )
    assert sorted({answer.status_code for answer in erased}) in ([202], [202, 404])
