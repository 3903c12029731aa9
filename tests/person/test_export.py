"""Art. 15 GDPR: the participant gets everything that is held about them, opened, as one file, and nobody else does."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from services.person import crypto, messages, note_keys, store, store_duplicates
from services.person.crypto import Key
from services.person.export_zip import WORDS
from services.person.messages import Kind, Message
from services.person.texts import LANGUAGES, Place
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.vocabulary import Mode
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Registered
from tests.person.intake_server import IntakeServer
from tests.person.people import ADDRESS, CANARIES, fail_at_commit, found_in_tables

NOTE = "Die Wohnung <b>schimmelt</b>"


async def note_row(database: Database, vault: Vault, somebody: Registered, key: Key | None = None) -> dict[str, Any]:
    """A note as case keeps it, of a case manager who had the person's note key."""
    case_id, note_id = str(new_id()), str(new_id())
    async with database.read() as conn:
        locked = await store.locked_contact(conn, somebody.person_id)
    data_key = vault.unwrap(locked.data_key, crypto.person_owner(somebody.person_id))
    ciphertext = (key or note_keys.derive(data_key)).encrypt(NOTE.encode(), f"note:{case_id}:{note_id}")
    return {"id": note_id, "case_id": case_id, "author_id": str(new_id()), "ciphertext": f"\\x{ciphertext.hex()}"}


def unpacked(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


async def export(somebody: Registered) -> dict[str, str]:
    answer = await somebody.participant.get("/me/export", **await somebody.proof())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert "no-store" in answer.headers["cache-control"]
    return unpacked(answer.content)


async def test_everything_is_in_it_from_every_service_and_the_notes_are_opened(
    database: Database, vault: Vault, intake: IntakeServer, registered: Registered
) -> None:
    await registered.case_manager.get(registered.contact)
    intake.held["intake", registered.enquiry_id] = {"enquiry": [{"postcode": "46535", "received_on": "2026-11-24"}]}
    intake.held["case", registered.enquiry_id] = {"note": [await note_row(database, vault, registered)]}
    intake.held["scheduling", registered.enquiry_id] = {"booking": [{"mode": "in_person"}]}
    intake.held["interpreter", registered.enquiry_id] = {"offer": [{"state": "open"}]}
    found = await export(registered)
    assert set(found) == {"data.json", "data.de.html", "data.en.html"}, "both, for whoever prefers Tigrinya"
    data = json.loads(found["data.json"])
    [contact] = data["contacts"]
    assert (contact["name"], contact["contact"], contact["message"]) == CANARIES
    assert set(data["services"]) == {"person", "intake", "case", "scheduling", "interpreter", "coordination"}
    ours = data["services"]["person"]
    assert [each["what"] for each in ours["access_log"]].count("contact") == 1
    assert ours["consent"][0]["kind"] == "processing"
    assert ours["responsibility"][0]["case_manager_id"] == str(registered.case_manager_id)
    assert data["services"]["case"]["note"][0]["text"] == NOTE
    assert data["left_out"]["interpreter"] == {"ranked_candidate": "rights_of_others"}
    assert data["left_out"]["person"] == {"blind_index": "secret", "duplicate_candidate": "rights_of_others"}
    assert not {"data_key", "digest", "ciphertext"} & _names(data)
    german, english = found["data.de.html"], found["data.en.html"]
    for shown in (CANARIES[0], "Die Wohnung &lt;b&gt;schimmelt", "46535", "24.11.2026"):
        assert shown in german
        assert shown in english
    assert ("persönlich im Büro" in german, "in person, at the office" in english) == (True, True)
    assert ("<h3>Notiz</h3>" in german, "<h3>Note</h3>" in english) == (True, True)


def _names(value: Any) -> set[str]:
    if isinstance(value, list):
        return {name for each in value for name in _names(each)}
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in _names(each)}
    return set()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_whoever_prefers_a_language_that_we_have_reads_that_alone(
    database: Database, vault: Vault, registered: Registered, language: str
) -> None:
    async with database.transaction() as conn:
        contact = vault.unlock(registered.person_id, await store.locked_contact(conn, registered.person_id))
        theirs = contact.model_copy(update={"preferred_language": language})
        locked = vault.lock(registered.person_id, theirs, 1)
        person = await store.load(conn, registered.person_id)
        await store.save_registered(conn, person, locked, now())
    found = await export(registered)
    assert set(found) == {"data.json", f"data.{language}.html"}
    shown = found[f"data.{language}.html"]
    assert WORDS[language].codes["given_how"]["with_enquiry"] in shown
    assert "with_enquiry" not in shown


async def test_of_merged_records_all_is_in_it_whichever_of_them_one_asks_with(
    database: Database, vault: Vault, intake: IntakeServer, registered: Registered, reachable: Registered
) -> None:
    for each in (registered, reachable):
        intake.held["case", each.enquiry_id] = {"note": [await note_row(database, vault, each)]}
    async with database.transaction() as conn:
        await store_duplicates.insert_merge(conn, reachable.person_id, registered.person_id, "somebody", now())
    for each in (registered, reachable):
        data = json.loads((await export(each))["data.json"])
        assert {contact["contact"] for contact in data["contacts"]} == {CANARIES[1], ADDRESS}
        assert [note["text"] for note in data["services"]["case"]["note"]] == [NOTE, NOTE]
        assert len(data["services"]["person"]["enquiry"]) == 2


async def test_a_code_that_is_not_sent_yet_is_told_of_and_never_shown(reachable: Registered) -> None:
    await reachable.participant.post("/me/codes", {"purpose": "contact"})
    data = json.loads((await export(reachable))["data.json"])
    assert data["services"]["person"]["message"][0]["kind"] == "contact_code"
    assert data["services"]["person"]["letter"] == []
    assert data["contacts"][0]["contact"] == ADDRESS


async def test_a_reminder_that_is_not_sent_yet_is_shown_as_it_will_be_sent(
    database: Database, vault: Vault, reachable: Registered
) -> None:
    values = {"starts_at": now(), "place": Place(Mode.PHONE, "Dinslaken")}
    async with database.transaction() as conn:
        message = Message(Kind.REMINDER, values, now() + timedelta(hours=1))
        await messages.post(conn, vault, reachable.person_id, message)
    found = await export(reachable)
    assert json.loads(found["data.json"])["services"]["person"]["letter"][0]["to"] == ADDRESS
    assert "Erinnerung an Ihren Termin" in found["data.de.html"]


async def test_it_needs_the_second_factor_and_the_access_log_has_it(registered: Registered) -> None:
    refused = await registered.participant.get("/me/export")
    assert (refused.status_code, refused.json()["code"]) == (403, "second-factor-needed")
    assert (await registered.case_manager.get("/me/export")).status_code == 403
    await export(registered)
    log = (await registered.participant.get("/me/access-log?language=en", **await registered.proof())).json()
    told = next(each for each in log if each["what"] == "export")
    assert (told["role"], "you: downloaded all your data" in told["text"]) == ("participant", True)


@pytest.mark.parametrize("service", ["intake", "case", "scheduling", "interpreter", "coordination"])
async def test_where_one_service_is_away_there_is_no_export_rather_than_half_of_one(
    database: Database, intake: IntakeServer, registered: Registered, service: str
) -> None:
    intake.silent.add(service)
    answer = await registered.participant.get("/me/export", **await registered.proof())
    assert (answer.status_code, answer.json()["code"]) == (503, "holder-away")
    assert await database.pool.fetchval("select count(*) from access_log where what = 'export'") == 0


async def test_a_service_that_does_not_know_us_is_not_taken_for_one_that_holds_nothing(
    intake: IntakeServer, registered: Registered
) -> None:
    proof = await registered.proof()
    intake.nothing = "not-found"
    assert (await registered.participant.get("/me/export", **proof)).status_code == 503
    intake.nothing = "nothing-held"
    assert (await registered.participant.get("/me/export", **proof)).status_code == 200


async def test_a_note_that_does_not_open_is_told_and_holds_nothing_else_back(
    database: Database, vault: Vault, intake: IntakeServer, registered: Registered
) -> None:
    rows = [await note_row(database, vault, registered, Key.new()), await note_row(database, vault, registered)]
    intake.held["case", registered.enquiry_id] = {"note": rows}
    data = json.loads((await export(registered))["data.json"])
    assert [note["text"] for note in data["services"]["case"]["note"]] == [None, NOTE]


async def test_nothing_is_given_that_the_access_log_does_not_have(database: Database, registered: Registered) -> None:
    proof = await registered.proof()
    await fail_at_commit(database, "access_log")
    answer = await registered.participant.get("/me/export", **proof)
    assert (answer.status_code, CANARIES[0] in answer.text) == (500, False)


async def test_what_was_exported_stands_in_no_table(database: Database, registered: Registered) -> None:
    await export(registered)
    assert await found_in_tables(database, *CANARIES) == []
