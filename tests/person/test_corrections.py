"""What somebody said of themselves is put right (Art. 16 GDPR): by the case manager responsible, and never unseen."""

from typing import Any

import httpx
import pytest

from services.person import messages, store_messages
from services.person.messages import Kind, Message
from services.person.one_time_codes import LIFETIME
from services.person.store_messages import Channel
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Caller, Callers, Registered
from tests.person.people import CONTACT, found_in_tables, published
from tests.person.test_second_factor import arrived
from tests.person.town import TWICE, Town, look, path

NEW = {
    "name": "Kanarienvogel Selam",
    "contact_kind": "email",
    "contact": "selam@example.org",
    "preferred_language": "ar",
    "birth_year": 1988,
}


async def correct(who: Registered, change: dict[str, Any] | None = None, by: Caller | None = None) -> httpx.Response:
    """With the version that there is now."""
    version = (await who.case_manager.get(who.contact)).headers["etag"]
    return await (by or who.case_manager).put(path(who, "contact"), NEW | (change or {}), **{"If-Match": version})


async def remind(who: Registered, database: Database, vault: Vault) -> None:
    values = {"starts_at": now(), "place": Place(Mode.PHONE, "Dinslaken")}
    async with database.transaction() as conn:
        await messages.post(conn, vault, who.person_id, Message(Kind.REMINDER, values, now() + LIFETIME))


async def test_what_is_corrected_is_read_from_then_on_and_the_message_stays(
    registered: Registered, database: Database
) -> None:
    told = await published(database)
    corrected = await correct(registered)
    assert (corrected.status_code, corrected.content) == (204, b"")
    read = await registered.case_manager.get(registered.contact)
    assert read.json() == NEW | {"message": CONTACT.message, "person_id": str(registered.person_id)}
    assert read.headers["etag"] == corrected.headers["etag"]
    assert await found_in_tables(database, "Selam", "selam") == []
    assert await published(database) == told, "nobody else has heard of it"


async def test_the_participant_sees_that_it_was_corrected(registered: Registered) -> None:
    await correct(registered)
    log = await registered.participant.get("/me/access-log?language=en", **await registered.proof())
    newest = next(each for each in log.json() if each["what"] != "second_factor")
    assert (newest["what"], newest["who"]) == ("contact_corrected", str(registered.case_manager_id))
    assert "corrected your name" in newest["text"]


async def test_notes_and_messages_open_as_before(registered: Registered, database: Database, vault: Vault) -> None:
    await remind(registered, database, vault)
    key = f"/persons/by-enquiry/{registered.enquiry_id}/note-key"
    before = (await registered.case_manager.post(key, {"purpose": "counselling"})).json()
    await correct(registered)
    assert (await registered.case_manager.post(key, {"purpose": "counselling"})).json() == before
    async with database.transaction() as conn:
        [shown] = await messages.of_records(conn, vault, [registered.person_id])
    assert shown.letter is not None


@pytest.mark.parametrize("change", [{"contact": "other@example.org"}, {"contact_kind": "none", "contact": ""}])
async def test_a_new_contact_is_not_verified_nor_is_it_by_a_code_that_went_to_the_old_one(
    reachable: Registered, database: Database, vault: Vault, change: dict[str, str]
) -> None:
    await reachable.participant.post("/me/codes", {"purpose": "contact"})
    code = await arrived(database, vault)
    await database.pool.execute(
        "insert into verified_contact (person_id, verified_at) values ($1, now())", reachable.person_id
    )
    assert (await correct(reachable, change)).status_code == 204
    redeemed = await reachable.participant.post("/me/codes/redeem", {"purpose": "contact", "code": code})
    assert (redeemed.status_code, redeemed.json()["code"]) == (422, "code-wrong")
    asked = await reachable.participant.post("/me/codes", {"purpose": "second_factor"})
    assert (asked.status_code, asked.json()["code"]) == (409, "contact-not-verified")


async def test_a_corrected_name_leaves_the_contact_verified(reachable: Registered, database: Database) -> None:
    await database.pool.execute(
        "insert into verified_contact (person_id, verified_at) values ($1, now())", reachable.person_id
    )
    same = (await reachable.case_manager.get(reachable.contact)).json()
    await correct(reachable, {"contact": same["contact"]})
    assert (await reachable.participant.post("/me/codes", {"purpose": "second_factor"})).status_code == 202


async def test_what_still_waits_goes_to_the_new_contact_but_a_code_goes_nowhere(
    reachable: Registered, database: Database, vault: Vault
) -> None:
    await remind(reachable, database, vault)
    await reachable.participant.post("/me/codes", {"purpose": "contact"})
    await correct(reachable)
    async with database.transaction() as conn:
        due = await messages.next_due(conn, Channel.EMAIL, now())
        assert due is not None
        letter = await messages.read(conn, vault, due.person_id, due.id, due.content)
        assert (due.kind, letter.to) == (Kind.REMINDER, NEW["contact"])
        assert await store_messages.count(conn) == {"due": 1, "too_late": 1}


async def test_what_waits_for_somebody_whom_nothing_reaches_any_more_is_on_their_page(
    reachable: Registered, database: Database, vault: Vault
) -> None:
    await remind(reachable, database, vault)
    await correct(reachable, {"contact_kind": "none", "contact": ""})
    async with database.transaction() as conn:
        assert await store_messages.count(conn) == {"on_page": 1}


async def test_duplicates_are_looked_for_by_what_is_right(database: Database, vault: Vault, callers: Callers) -> None:
    town, manager = Town(database, vault, callers), new_id()
    first, second = await town.asks(manager), await town.asks(manager)
    third = await town.asks(manager, CONTACT.model_copy(update={"name": "Samuel Kidane", "contact": "02064 471108"}))
    assert len((await look(first))["candidates"]) == 1
    await correct(first)
    assert [(await look(each))["candidates"] for each in (first, second)] == [[], []]
    right = TWICE.model_dump(mode="json", exclude={"message"})
    for who in (third, first):
        assert (await correct(who, right)).status_code == 204
        assert (await correct(who, right)).status_code == 204, "a second time changes nothing"
    found = {each["person_id"] for each in (await look(second))["candidates"]}
    assert found == {str(first.person_id), str(third.person_id)}


async def test_two_who_were_told_apart_stay_apart(database: Database, vault: Vault, callers: Callers) -> None:
    town, manager = Town(database, vault, callers), new_id()
    first, second = await town.asks(manager), await town.asks(manager)
    version = (await first.case_manager.get(path(first))).headers["etag"]
    other = {"person_id": str(second.person_id)}
    await first.case_manager.post(path(first, "duplicates/dismissal"), other, **{"If-Match": version})
    await correct(first)
    await correct(first, TWICE.model_dump(mode="json", exclude={"message"}))
    assert (await look(first))["candidates"] == []


async def test_a_correction_needs_the_version_that_was_read(registered: Registered) -> None:
    where = path(registered, "contact")
    version = (await registered.case_manager.get(registered.contact)).headers["etag"]
    missing = await registered.case_manager.put(where, NEW)
    assert (missing.status_code, missing.json()["field"]) == (428, "If-Match")
    odd = await registered.case_manager.put(where, NEW, **{"If-Match": "*"})
    assert (odd.status_code, odd.json()["field"]) == (422, "If-Match")
    assert (await registered.case_manager.put(where, NEW, **{"If-Match": version})).status_code == 204
    outdated = await registered.case_manager.put(where, NEW | {"name": "x"}, **{"If-Match": version})
    now_is = (await registered.case_manager.get(registered.contact)).headers["etag"]
    assert (outdated.status_code, outdated.json()["code"]) == (409, "version-outdated")
    assert f'"{outdated.json()["version"]}"' == now_is


async def test_nobody_but_who_is_responsible_corrects_and_not_once_counselling_has_ended(
    registered: Registered, callers: Callers, database: Database
) -> None:
    assert (await correct(registered, by=callers.role("case_manager"))).status_code == 404
    version = (await registered.case_manager.get(registered.contact)).headers["etag"]
    await database.pool.execute("update consent set kind = 'processing', purpose = 'counselling', recipient = 'kim'")
    await database.pool.execute("update consent set revoked_on = current_date")
    refused = await registered.case_manager.put(path(registered, "contact"), NEW, **{"If-Match": version})
    assert (refused.status_code, refused.json()["code"]) == (409, "counselling-not-consented")
