"""Notes, with the real key API of person beside: who opens them, what is stored, and what happens without person."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from services.case.case import Case
from services.case.notes import KEPT, Asked, NoteKey, NoteKeys, Undecipherable
from services.case.reactions import erasing
from services.person import commands as person_commands
from services.person.vault import Vault
from shared.ids import new_id
from tests.access.house import Running, run
from tests.case.callers import Callers
from tests.case.world import World, accepted
from tests.conftest import NewDatabase
from tests.person.people import CONTACT, hear_assignment, hear_enquiry

CANARY = "Kanarienvogel im Treppenhaus"


@pytest.fixture
async def person(new_database: NewDatabase, tmp_path: Path, api: Callers) -> AsyncIterator[Running]:
    """It trusts whom case trusts."""
    async with run("person", new_database, tmp_path) as running:
        running.app.state.tokens = api.app.state.tokens
        yield running


@pytest.fixture
async def keys(person: Running, api: Callers) -> AsyncIterator[NoteKeys]:
    clock = [0.0]
    made = NoteKeys(str(person.client.base_url), lambda: clock[0])
    api.app.state.note_keys, api.app.state.note_clock = made, clock
    async with made.client:
        yield made


@pytest.fixture
async def case(world: World, person: Running) -> Case:
    """Known to person too, with the contact in the vault."""
    await world.post()
    enquiry = await hear_enquiry(person.db, [])
    await world.hear(accepted(enquiry_id=enquiry))
    opened = await world.of(enquiry)
    assert opened
    assert opened.case_manager_id
    await hear_assignment(person.db, enquiry, opened.case_manager_id)
    vault: Vault = person.app.state.vault
    async with person.db.transaction() as conn:
        await person_commands.register(conn, vault, enquiry, CONTACT)
    return opened


async def accesses(person: Running) -> list[tuple[str, str]]:
    rows = await person.db.pool.fetch("select what, why from access_log order by at")
    return [(row["what"], row["why"]) for row in rows]


async def test_a_note_is_ciphertext_at_rest_and_text_for_its_case_manager(
    world: World, api: Callers, person: Running, keys: NoteKeys, case: Case
) -> None:
    path, caller = f"/cases/{case.case_id}/notes", api.manager_of(case)
    written = await caller.call("POST", path, {"text": CANARY})
    assert written.status_code == 201, written.text
    stored = await world.database.pool.fetchval("select ciphertext from note")
    assert CANARY.encode() not in stored
    keys.forget([case.enquiry_id])
    [note] = (await caller.get(path, purpose="referral")).json()
    assert (note["text"], note["author_id"]) == (CANARY, str(case.case_manager_id))
    assert await accesses(person) == [("notes", "counselling"), ("notes", "referral")]
    row = await world.database.pool.fetchval("select string_agg(outbox::text, '') from outbox")
    assert CANARY not in row


async def test_a_key_stays_in_memory_for_a_minute_and_for_whom_it_was_given(
    api: Callers, person: Running, keys: NoteKeys, case: Case
) -> None:
    path, caller = f"/cases/{case.case_id}/notes", api.manager_of(case)
    await caller.call("POST", path, {"text": CANARY})
    api.app.state.note_clock[0] = KEPT - 1
    assert (await caller.get(path)).status_code == 200
    assert len(await accesses(person)) == 1
    assert (await api.role("case_manager").get(path)).status_code == 404
    api.app.state.note_clock[0] = KEPT
    assert (await caller.get(path)).status_code == 200
    assert len(await accesses(person)) == 2
    assert "NoteKey()" in repr(keys._kept)


async def test_without_person_nothing_is_written_and_the_text_can_be_sent_again(
    world: World, api: Callers, person: Running, keys: NoteKeys, case: Case
) -> None:
    path, caller, key = f"/cases/{case.case_id}/notes", api.manager_of(case), str(new_id())
    url = keys.client.base_url
    keys.client.base_url = httpx.URL("http://127.0.0.1:1")
    away = await caller.call("POST", path, {"text": CANARY}, Idempotency_Key=key)
    assert (away.status_code, away.json()["code"], away.headers["Retry-After"]) == (503, "person-away", "2")
    assert (await caller.get(path)).status_code == 503
    assert await world.database.pool.fetchval("select count(*) from note") == 0
    keys.client.base_url = url
    for _ in range(2):
        assert (await caller.call("POST", path, {"text": CANARY}, Idempotency_Key=key)).status_code == 201
    assert await world.database.pool.fetchval("select count(*) from note") == 1
    assert len(await accesses(person)) == 1


async def test_after_an_erasure_no_key_is_left_in_memory_or_to_be_had(
    api: Callers, person: Running, keys: NoteKeys, case: Case
) -> None:
    path, caller = f"/cases/{case.case_id}/notes", api.manager_of(case)
    await caller.call("POST", path, {"text": CANARY})
    person_id = await person.db.pool.fetchval("select person_id from enquiry where enquiry_id = $1", case.enquiry_id)
    token = {"Authorization": f"Bearer {api.role('administrator').token}"}
    assert (await person.client.post(f"/persons/{person_id}/erasure", headers=token)).is_success
    assert (await caller.get(path)).status_code == 200, "until it is heard of, for a minute at most"
    keys.forget([case.enquiry_id])
    assert (await caller.get(path)).status_code == 404


async def test_a_note_moved_to_another_case_does_not_open(keys: NoteKeys) -> None:
    key, case_id, note_id = NoteKey(b"k" * 32), new_id(), new_id()
    keys.remember(Asked("s", new_id(), "counselling"), key)
    sealed = key.encrypt(CANARY, case_id, note_id)
    assert key.decrypt(sealed, case_id, note_id) == CANARY
    for other in ((new_id(), note_id), (case_id, new_id())):
        with pytest.raises(Undecipherable):
            key.decrypt(sealed, *other)


async def test_with_an_erasure_that_is_heard_of_go_the_keys_of_its_enquiries_alone(world: World) -> None:
    keys, erased, other = NoteKeys("http://person.test"), new_id(), new_id()
    async with keys.client, world.database.transaction() as conn:
        for enquiry_id in (erased, other):
            keys.remember(Asked("s", enquiry_id, "counselling"), NoteKey(b"k" * 32))
        await erasing(keys, timedelta(hours=1)).erase(conn, [erased])
    assert [asked.enquiry_id for asked in keys._kept] == [other]
