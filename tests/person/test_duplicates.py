"""Whoever asks twice: found without being revealed, shown to the case manager responsible, and to nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.person import commands, store
from services.person.vault import Vault
from shared.database import Database
from shared.ids import new_id
from shared.sealing import ContactKind
from tests.person.caller import Callers, Registered
from tests.person.people import CANARIES, CONSENT, found_in_tables, hear_enquiry, hear_unassignment, published
from tests.person.town import TWICE, Town, decide, look, path

OURS, THEIRS = new_id(), new_id()
SEGMENT, NEVER = timedelta(seconds=1), datetime(2000, 1, 1, tzinfo=UTC)
STRANGER = TWICE.model_copy(update={"name": "Samuel Kidane", "contact": "02064 471108", "birth_year": 1970})


@pytest.fixture
def town(database: Database, vault: Vault, callers: Callers) -> Town:
    return Town(database, vault, callers)


async def test_who_asks_again_is_a_candidate_on_both_sides_and_nothing_is_told(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(THEIRS)
    await town.asks(OURS, STRANGER)
    mine, yours = await look(first), await look(second)
    (candidate,), (other,) = mine["candidates"], yours["candidates"]
    assert candidate | {"found_at": None} == {
        "person_id": str(second.person_id),
        "parts": ["name_and_birth_year", "phone"],
        "found_at": None,
        "case_manager_ids": [str(THEIRS)],
        "enquiry_ids": [],
    }
    assert (other["person_id"], other["case_manager_ids"]) == (str(first.person_id), [str(OURS)])
    assert [event.type for event in await published(town.database)] == ["person.registered.v1"] * 3
    assert await found_in_tables(town.database, *CANARIES) == []


async def test_registering_who_is_known_tells_as_much_as_registering_a_stranger(town: Town) -> None:
    first, second, stranger = await town.asks(OURS), await town.asks(None), await town.asks(None, STRANGER)
    told = [event.model_dump(mode="json") for event in await published(town.database)]
    assert told == [
        {"person_id": str(each.person_id), "enquiry_id": str(each.enquiry_id)} for each in (first, second, stranger)
    ]


async def test_the_other_is_read_by_the_usual_rules_alone(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(THEIRS)
    assert (await first.case_manager.get(second.contact)).status_code == 404
    own = await town.asks(OURS)
    found = {each["person_id"]: each["enquiry_ids"] for each in (await look(first))["candidates"]}
    assert found == {str(second.person_id): [], str(own.person_id): [str(own.enquiry_id)]}
    assert (await first.case_manager.get(own.contact)).is_success


async def test_everybody_else_gets_404_also_when_the_case_was_taken_from_them(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(THEIRS)
    assert (await second.case_manager.get(path(first))).status_code == 404
    case_id = await town.database.pool.fetchval(
        "select case_id from responsibility where enquiry_id = $1", first.enquiry_id
    )
    await hear_unassignment(town.database, first.enquiry_id, case_id)
    assert (await first.case_manager.get(path(first))).status_code == 404


async def test_everybody_of_whom_it_tells_has_it_in_the_log_and_nobody_learns_of_the_other(town: Town) -> None:
    """Whoever asks in somebody else's name must not see whether that one is known here."""
    first, second, other = await town.asks(OURS), await town.asks(THEIRS), await town.asks(THEIRS, STRANGER)
    for looking in (first, other):
        await look(looking)
    rows = await town.database.pool.fetch("select person_id, what from access_log where why = 'duplicate_check'")
    assert {(row["person_id"], row["what"]) for row in rows} == {
        (first.person_id, "duplicates"), (second.person_id, "match"), (other.person_id, "duplicates"),
    }  # fmt: skip
    assert await logged(second) == []
    mine, alone = await logged(first, "de"), await logged(other, "de")
    assert "hat geprüft, ob Sie schon einmal angefragt haben" in mine[0]["text"]
    assert [each["text"][17:] for each in mine] == [each["text"][17:] for each in alone], "but for the moment"


async def logged(person: Registered, language: str = "en") -> list[dict[str, str]]:
    answer = await person.participant.get(f"/me/access-log?language={language}", **await person.proof())
    return [each for each in answer.json() if each["what"] != "second_factor"]


async def test_two_who_are_registered_at_once_still_find_each_other(town: Town) -> None:
    enquiries = [await hear_enquiry(town.database) for _ in range(4)]

    async def register(enquiry_id: UUID) -> None:
        async with town.database.transaction() as conn:
            await commands.register(conn, town.vault, enquiry_id, TWICE)

    await asyncio.gather(*map(register, enquiries))
    assert await town.database.pool.fetchval("select count(*) from duplicate_candidate") == 6


async def test_of_whoever_is_counselled_no_more_nothing_is_shown_until_there_is_a_new_consent(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    before = (await first.case_manager.get(path(first))).headers["etag"]
    consent = CONSENT | {"recipient": "kim", "purpose": "counselling"}
    given = (await second.participant.post("/me/consents", consent)).json()
    assert len((await look(first))["candidates"]) == 1
    await town.database.pool.execute("truncate access_log")
    await second.participant.delete(f"/me/consents/{given['id']}")
    assert (await look(first))["candidates"] == []
    assert (await first.case_manager.get(path(first))).headers["etag"] != before
    assert await town.database.pool.fetchval("select count(*) from access_log where what = 'match'") == 0
    assert (await decide(first, "duplicates/dismissal", second)).status_code == 404
    merged = await decide(first, "merge", second)
    assert (merged.status_code, merged.json()["code"]) == (409, "counselling-not-consented")
    await second.participant.post("/me/consents", consent)
    assert len((await look(first))["candidates"]) == 1
    assert (await decide(first, "merge", second)).status_code == 204


async def test_who_was_dismissed_stays_dismissed_on_both_sides(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(THEIRS)
    assert (await decide(first, "duplicates/dismissal", second)).status_code == 204
    assert (await look(first))["candidates"] == (await look(second))["candidates"] == []
    third = await town.asks(OURS)
    assert [each["person_id"] for each in (await look(first))["candidates"]] == [str(third.person_id)]
    again = await decide(first, "duplicates/dismissal", second)
    assert again.status_code == 204
    dismissed = await town.database.pool.fetch(
        "select dismissed_by from duplicate_candidate where dismissed_at > $1", NEVER
    )
    assert [row["dismissed_by"] for row in dismissed] == [str(OURS)]


async def test_who_is_no_candidate_cannot_be_dismissed(town: Town) -> None:
    first, other = await town.asks(OURS), await town.asks(OURS, STRANGER)
    refused = await decide(first, "duplicates/dismissal", other)
    assert (refused.status_code, refused.json()["field"]) == (404, "person_id")


@pytest.mark.parametrize(("version", "status", "code"), [
    (None, 428, "version-missing"), ("*", 422, "invalid"), ('"' + "0" * 32 + '"', 409, "version-outdated"),
])  # fmt: skip
@pytest.mark.parametrize("what", ["duplicates/dismissal", "merge", "merge-undo"])
async def test_a_decision_rests_on_what_was_read(
    town: Town, what: str, version: str | None, status: int, code: str
) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    if what == "merge-undo":
        assert (await decide(first, "merge", second)).status_code == 204
    before = await town.state()
    headers = {"If-Match": version} if version else {}
    refused = await first.case_manager.post(path(first, what), {"person_id": str(second.person_id)}, **headers)
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["field"]) == (status, code, "If-Match")
    if status == 409:
        assert f'"{problem["version"]}"' == (await first.case_manager.get(path(first))).headers["etag"]
    assert await town.state() == before


async def test_an_erasure_takes_indexes_candidates_and_merges_along(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    third = await town.asks(OURS, TWICE.model_copy(update={"contact_kind": ContactKind.NONE, "contact": ""}))
    await decide(first, "merge", second)
    async with town.database.transaction() as conn:
        await commands.erase(conn, first.person_id, SEGMENT)
        assert await store.person_of(conn, third.enquiry_id) == third.person_id
    left = await town.state()
    assert (left["duplicate_candidate"], left["merge"]) == ([], [])
    assert {row[1:37] for row in left["blind_index"]} == {str(third.person_id)}
    assert (await look(third))["candidates"] == []


async def test_without_consent_to_be_counselled_nobody_looks_for_duplicates(town: Town) -> None:
    first, second = await town.asks(OURS), await town.asks(OURS)
    consent = CONSENT | {"recipient": "kim", "purpose": "counselling"}
    given = await first.participant.post("/me/consents", consent)
    await first.participant.delete(f"/me/consents/{given.json()['id']}")
    refused = await first.case_manager.get(path(first))
    assert (refused.status_code, refused.json()["code"]) == (409, "counselling-not-consented")
    assert await town.database.pool.fetchval("select count(*) from access_log") == 0
    assert (await look(second))["candidates"] == [], "nor are they shown to others"
