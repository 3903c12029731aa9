"""The vault's API: who reads what, who decides what, and what the participant sees of it."""

from base64 import b64decode
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.person import store_erasures
from services.person.handover import Handover
from shared.database import Database
from shared.ids import new_id
from shared.sealing import seal
from tests.person.caller import Callers, Registered
from tests.person.intake_server import IntakeServer
from tests.person.people import (
    CANARIES,
    CONSENT,
    CONTACT,
    fail_at_commit,
    found_in_tables,
    hear_assignment,
    hear_enquiry,
    hear_opening,
    hear_unassignment,
)
from tests.person.people import published as published_by


async def types(database: Database) -> list[str]:
    return [event.type for event in await published_by(database)]


async def accesses(registered: Registered) -> list[Any]:
    """What the participant sees of who read their data; but for the second factor that they need for it."""
    log = await answer(await registered.participant.get("/me/access-log", **await registered.proof()))
    return [access for access in log if access["what"] != "second_factor"]


async def answer(response: httpx.Response) -> Any:
    assert response.is_success, response.text
    return response.json()


async def test_everybody_gets_the_public_key_and_may_keep_it_for_a_while(callers: Callers) -> None:
    response = await callers.nobody.get("/public-key")
    given = await answer(response)
    assert len(b64decode(given["public_key"])) == 32
    assert response.headers["cache-control"] == "public, max-age=300"
    assert await answer(await callers.nobody.get("/public-key")) == given


async def test_the_case_manager_reads_and_the_participant_sees_it(registered: Registered) -> None:
    response = await registered.case_manager.get(registered.contact)
    read = await answer(response)
    assert read == {"person_id": str(registered.person_id)} | CONTACT.model_dump(mode="json")
    assert response.headers["cache-control"] == "no-store"

    (access,) = await accesses(registered)
    assert access | {"id": None, "at": None, "text": None} == {
        "id": None,
        "text": None,
        "who": str(registered.case_manager_id),
        "role": "case_manager",
        "what": "contact",
        "why": "counselling",
        "at": None,
        "language": None,
    }


async def test_every_reading_is_logged_also_one_that_is_sent_again(registered: Registered) -> None:
    key = {"Idempotency-Key": str(new_id())}
    for _ in range(2):
        await answer(await registered.case_manager.get(registered.contact, **key))
    assert len(await accesses(registered)) == 2


async def test_a_reading_that_cannot_be_logged_gives_nothing(registered: Registered, database: Database) -> None:
    await fail_at_commit(database, "access_log")
    response = await registered.case_manager.get(registered.contact)
    assert response.status_code == 500
    assert not any(canary in response.text for canary in CANARIES)


async def test_another_case_manager_finds_nobody_and_leaves_no_trace(registered: Registered, callers: Callers) -> None:
    other = callers.role("case_manager")
    assert (await other.get(registered.contact)).status_code == 404
    body = CONSENT | {"given_how": "orally"}
    consents = f"/persons/by-enquiry/{registered.enquiry_id}/consents"
    assert (await other.post(consents, body)).status_code == 404
    assert (await other.post(f"/persons/{registered.person_id}/erasure")).status_code == 404
    assert await accesses(registered) == []


async def test_who_hands_a_case_over_reads_no_longer(
    registered: Registered, callers: Callers, database: Database
) -> None:
    case_id = await database.pool.fetchval("select case_id from responsibility")
    successor = new_id()
    await hear_assignment(database, registered.enquiry_id, successor, case_id)
    assert (await registered.case_manager.get(registered.contact)).status_code == 404
    assert (await callers.role("case_manager", successor).get(registered.contact)).status_code == 200


async def test_whose_case_waits_for_another_case_manager_is_read_by_nobody(
    registered: Registered, database: Database
) -> None:
    case_id = await database.pool.fetchval("select case_id from responsibility")
    await hear_unassignment(database, registered.enquiry_id, case_id)
    assert (await registered.case_manager.get(registered.contact)).status_code == 404


async def test_an_assignment_may_arrive_before_its_enquiry_is_in_the_vault(
    database: Database, callers: Callers
) -> None:
    enquiry_id, case_manager_id = await hear_enquiry(database), new_id()
    await hear_assignment(database, enquiry_id, case_manager_id)
    await hear_assignment(database, new_id(), case_manager_id)
    case_manager = callers.role("case_manager", case_manager_id)
    path = f"/persons/by-enquiry/{enquiry_id}?purpose=counselling"
    assert (await case_manager.get(path)).status_code == 404


@pytest.mark.parametrize("purpose", ["", "?purpose=", "?purpose=curiosity"])
async def test_a_reading_without_a_coded_purpose_is_refused(registered: Registered, purpose: str) -> None:
    response = await registered.case_manager.get(f"/persons/by-enquiry/{registered.enquiry_id}{purpose}")
    assert response.status_code == 422
    assert response.json()["field"] == "purpose"
    assert "curiosity" not in response.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/persons/by-enquiry/{enquiry}?purpose=counselling"),
        ("post", "/persons/by-enquiry/{enquiry}/consents"),
        ("post", "/persons/{person}/erasure"),
        ("get", "/me/access-log"),
        ("get", "/me/consents"),
        ("post", "/me/consents"),
        ("delete", "/me/consents/{person}"),
        ("post", "/me/erasure-request"),
        ("post", "/conflict-tokens"),
        ("get", "/fetches"),
        ("post", "/fetches/retry"),
    ],
)
async def test_no_token_and_a_wrong_role_open_nothing(
    registered: Registered, callers: Callers, method: str, path: str
) -> None:
    place = path.format(enquiry=registered.enquiry_id, person=registered.person_id)
    assert (await getattr(callers.nobody, method)(place)).status_code == 401
    assert (await getattr(callers.role("coordinator"), method)(place)).status_code == 403


async def test_a_participant_gives_sees_and_revokes_consents(registered: Registered, database: Database) -> None:
    made = await answer(await registered.participant.post("/me/consents", CONSENT))
    assert made | CONSENT == made
    assert made["given_how"] == "online"
    assert (await registered.participant.delete(f"/me/consents/{made['id']}")).status_code == 204
    assert (await registered.participant.delete(f"/me/consents/{made['id']}")).status_code == 409
    first, second = await answer(await registered.participant.get("/me/consents"))
    assert (first["given_how"], first["revoked_on"]) == ("with_enquiry", None)
    assert (second["id"], second["revoked_on"] is not None) == (made["id"], True)
    assert (await types(database))[-2:] == ["person.consent.given.v1", "person.consent.revoked.v1"]


async def test_a_consent_of_somebody_else_is_not_found(
    registered: Registered, callers: Callers, database: Database
) -> None:
    other = callers.participant(await hear_enquiry(database))
    (consent,) = await answer(await registered.participant.get("/me/consents"))
    assert (await other.delete(f"/me/consents/{consent['id']}")).status_code == 404
    assert await answer(await other.get("/me/consents")) == []
    unknown = callers.participant(new_id())
    for proof in ({}, await registered.proof()):
        assert (await unknown.get("/me/access-log", **proof)).status_code == 404
    assert (await unknown.post("/me/consents", CONSENT)).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_until", "2020-01-01"),
        ("valid_until", "2099-12-31"),
        ("topics", []),
        ("topics", ["housing", "housing"]),
        ("language_explained_in", None),
        ("language_explained_in", "ku"),
        ("recipient", "foreigners-authority"),
        ("valid_until", "soon"),
        ("recipient", "police"),
        ("kind", None),
        ("given_how", "orally"),
    ],
)
async def test_a_consent_that_is_not_valid_names_its_field(
    registered: Registered, database: Database, field: str, value: Any
) -> None:
    response = await registered.participant.post("/me/consents", CONSENT | {field: value})
    assert (response.status_code, response.json()["field"]) == (422, field)
    assert len(await types(database)) == 2


async def test_a_case_manager_records_how_a_consent_was_given(registered: Registered, database: Database) -> None:
    path = f"/persons/by-enquiry/{registered.enquiry_id}/consents"
    body = CONSENT | {"given_how": "orally_with_interpreter"}
    made = await answer(await registered.case_manager.post(path, body))
    assert made["given_how"] == "orally_with_interpreter"
    assert (await types(database))[-1] == "person.consent.given.v1"
    recorded_by = await database.pool.fetchval("select recorded_by from consent where id = $1", UUID(made["id"]))
    assert recorded_by == str(registered.case_manager_id)
    assert (await registered.case_manager.post(path, body | {"given_how": "online"})).status_code == 422


async def test_erasure_that_the_participant_asks_for_is_confirmed_by_the_case_manager(
    registered: Registered, database: Database
) -> None:
    erasure = f"/persons/{registered.person_id}/erasure"
    refused = await registered.case_manager.post(erasure)
    assert (refused.status_code, refused.json()["code"]) == (409, "erasure-not-asked")
    asked = await registered.participant.post("/me/erasure-request")
    assert asked.status_code == 202
    confirmed = await registered.case_manager.post(erasure)
    assert (confirmed.status_code, confirmed.json()) == (202, asked.json())
    for table in ("person", "enquiry", "consent", "access_log", "responsibility", "fetch_due"):
        assert await database.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - ours
    assert (await types(database))[-1] == "person.erased.v1"
    assert (await registered.case_manager.get(registered.contact)).status_code == 404


async def test_an_erasure_looks_for_a_case_also_while_nobody_has_it(
    registered: Registered, callers: Callers, database: Database
) -> None:
    left = await database.pool.fetchval("select case_id from responsibility")
    await hear_unassignment(database, registered.enquiry_id, left)
    never_had = new_id()
    await hear_opening(database, registered.enquiry_id, never_had)
    assert (await callers.role("administrator").post(f"/persons/{registered.person_id}/erasure")).status_code == 202
    async with database.transaction() as conn:
        [erasure] = await store_erasures.not_in_ledger(conn)
    assert set(erasure.case_ids) == {left, never_had}
    assert {str(left).encode(), str(never_had).encode()} <= set(erasure.traces)


async def test_an_administrator_erases_once(registered: Registered, callers: Callers, database: Database) -> None:
    administrator = callers.role("administrator")
    erasure = f"/persons/{registered.person_id}/erasure"
    assert (await administrator.post(erasure)).status_code == 202
    assert (await administrator.post(erasure)).status_code == 404
    assert (await types(database)).count("person.erased.v1") == 1
    assert (await administrator.post(f"/persons/{new_id()}/erasure")).status_code == 404


async def test_a_service_gets_tokens_that_tell_equal_from_different(callers: Callers, database: Database) -> None:
    service = callers.role("service")
    names = [("village", "Adi Keyih"), ("village", "adi  keyih"), ("family", "Adi Keyih")]
    body = {"of": [{"kind": kind, "value": value} for kind, value in names]}
    one, same, other = (await answer(await service.post("/conflict-tokens", body)))["tokens"]
    assert one == same != other
    assert (await answer(await service.post("/conflict-tokens", body)))["tokens"] == [one, same, other]
    assert await found_in_tables(database, "Adi Keyih", "adi keyih") == []


async def test_an_administrator_sees_what_failed_and_tries_it_again(
    database: Database, callers: Callers, handover: Handover, intake: IntakeServer, public_key: bytes
) -> None:
    administrator = callers.role("administrator")
    enquiry_id = await hear_enquiry(database)
    await handover.run(database)
    counted = await answer(await administrator.get("/fetches"))
    assert counted == {"due": 0, "missing": 1, "undecipherable": 0, "unreadable": 0}
    assert await answer(await administrator.post("/fetches/retry")) == {"retried": 1}
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    assert sum((await answer(await administrator.get("/fetches"))).values()) == 0


async def test_nothing_of_a_person_stands_in_clear_in_any_table_after_all_this(
    registered: Registered, database: Database
) -> None:
    await registered.case_manager.get(registered.contact, **{"Idempotency-Key": str(new_id())})
    await registered.participant.post("/me/consents", CONSENT)
    assert await found_in_tables(database, *CANARIES) == []
