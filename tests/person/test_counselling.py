"""Consents in the hands of the case manager, and what ends with the one to counselling (Art. 7(3) GDPR)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.person import expiring, store
from services.person.domain import Accessed
from services.person.reactions import remind
from services.person.texts import of_access
from services.person.vault import Vault
from shared.clock import now
from shared.contracts.person import ConsentGiven, ConsentRevoked, CounsellingExpired
from shared.contracts.scheduling import ReminderDue
from shared.contracts.vocabulary import Mode, Purpose, Recipient
from shared.database import Database
from shared.ids import new_id
from tests.person.caller import Callers, Registered
from tests.person.people import CONSENT, LATER, consent_given, envelope_of, hear_enquiry, published

TO_COUNSELLING = CONSENT | {"recipient": "kim", "purpose": "counselling"}


def consents_of(registered: Registered) -> str:
    return f"/persons/by-enquiry/{registered.enquiry_id}/consents"


async def give(registered: Registered, **changed: Any) -> str:
    """By telephone, to the case manager. Returns its id."""
    body = TO_COUNSELLING | {"given_how": "by_phone"} | changed
    answer = await registered.case_manager.post(consents_of(registered), body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def readings(registered: Registered) -> list[int]:
    """Status of reading the contact, and of the key to the notes."""
    key = f"/persons/by-enquiry/{registered.enquiry_id}/note-key"
    contact = await registered.case_manager.get(registered.contact)
    return [contact.status_code, (await registered.case_manager.post(key, {"purpose": "counselling"})).status_code]


async def ended(database: Database) -> list[bool]:
    """Of each revocation so far, whether counselling ended with it."""
    return [told.ends_counselling for told in await published(database) if isinstance(told, ConsentRevoked)]


@pytest.mark.parametrize("how", ["in_writing", "orally", "orally_with_interpreter", "by_phone"])
async def test_a_consent_is_recorded_with_how_it_was_given_and_the_language_it_was_explained_in(
    registered: Registered, database: Database, how: str
) -> None:
    made = await give(registered, given_how=how)
    path = f"{consents_of(registered)}?purpose=counselling"
    first, second = (await registered.case_manager.get(path)).json()
    assert first["given_how"] == "with_enquiry"
    assert (second["id"], second["given_how"], second["language_explained_in"]) == (made, how, "ti")
    [*_, told] = [each for each in await published(database) if isinstance(each, ConsentGiven)]
    assert (told.consent_id, told.how, told.language_explained_in) == (UUID(made), how, "ti")


async def test_who_recorded_a_consent_and_to_whom_it_was_taken_back_is_named_to_both(registered: Registered) -> None:
    made = await give(registered)
    await registered.case_manager.delete(f"{consents_of(registered)}/{made}")
    path = f"{consents_of(registered)}?purpose=counselling"
    for shown in (await registered.participant.get("/me/consents"), await registered.case_manager.get(path)):
        first, second = shown.json()
        assert (first["recorded_by"], first["revocation_recorded_by"]) == (None, None)
        named = str(registered.case_manager_id)
        assert (second["recorded_by"], second["revocation_recorded_by"]) == (named, named)
    proof = await registered.proof()
    log = (await registered.participant.get("/me/access-log?language=en", **proof)).json()
    recorded = [each for each in log if each["what"] in {"consent_recorded", "revocation_recorded"}]
    assert [(each["what"], each["role"]) for each in recorded] == [
        ("revocation_recorded", "case_manager"),
        ("consent_recorded", "case_manager"),
    ]
    assert {each["who"] for each in recorded} == {str(registered.case_manager_id)}
    assert "your case manager: noted that you took a consent back" in recorded[0]["text"]


async def test_the_clerk_who_recorded_the_consents_of_an_enquiry_is_named(database: Database) -> None:
    clerk = new_id()
    given = [consent_given().model_copy(update={"recorded_by": clerk}), consent_given()]
    enquiry_id = await hear_enquiry(database, given)
    async with database.read() as conn:
        kept = await store.consents_of(conn, enquiry_id)
        [noted] = await store.accesses(conn, [await store.person_of(conn, enquiry_id)])
    assert [each.recorded_by for each in kept] == [str(clerk), None]
    assert (noted.who, noted.role, noted.what) == (str(clerk), "clerk", Accessed.CONSENT_RECORDED)
    line = of_access("en", {"who": noted.role, "what": noted.what, "why": noted.why}, noted.at)
    assert "whoever took your enquiry in: noted what you consented to" in line


async def test_the_participant_sees_that_their_consents_were_read(registered: Registered) -> None:
    path = f"{consents_of(registered)}?purpose=answer_participant&language=de"
    assert (await registered.case_manager.get(path)).status_code == 200
    proof = await registered.proof()
    log = (await registered.participant.get("/me/access-log?language=de", **proof)).json()
    assert [(each["what"], each["why"]) for each in log if each["what"] != "second_factor"] == [
        ("consents", "answer_participant")
    ]
    assert any("gelesen, wozu Sie eingewilligt haben" in each["text"] for each in log)


async def test_a_revocation_says_to_whom_it_was_told(registered: Registered, database: Database) -> None:
    made = await give(registered)
    path = f"{consents_of(registered)}/{made}"
    assert (await registered.case_manager.delete(path)).status_code == 204
    assert (await registered.case_manager.delete(path)).json()["code"] == "consent-not-in-force"
    row = await database.pool.fetchrow("select * from consent where id = $1", UUID(made))
    assert row["revoked_on"] is not None
    assert row["revocation_recorded_by"] == str(registered.case_manager_id)


async def test_consents_are_nobody_elses(registered: Registered, callers: Callers, database: Database) -> None:
    made, other = await give(registered), callers.role("case_manager")
    assert (await other.get(f"{consents_of(registered)}?purpose=counselling")).status_code == 404
    assert (await other.delete(f"{consents_of(registered)}/{made}")).status_code == 404
    assert (await registered.case_manager.delete(f"{consents_of(registered)}/{new_id()}")).status_code == 404
    assert await ended(database) == []


async def test_with_the_consent_to_counselling_go_the_rights_to_read_at_once(
    registered: Registered, database: Database
) -> None:
    first, second = await give(registered), await give(registered)
    await registered.participant.delete(f"/me/consents/{first}")
    assert await readings(registered) == [200, 200], "another consent is in force"
    await registered.participant.delete(f"/me/consents/{second}")
    assert await readings(registered) == [409, 409]
    assert await ended(database) == [False, True]
    problem = (await registered.case_manager.get(registered.contact)).json()
    assert (problem["code"], problem["rule"], problem["source"]) == (
        "counselling-not-consented",
        "consent-before-counselling",
        "Art. 7(3) GDPR",
    )
    accesses = await database.pool.fetchval("select count(*) from access_log where what in ('contact', 'notes')")
    assert accesses == 2, "what was refused was not read"


async def expire(database: Database) -> int:
    async with database.transaction() as conn:
        return await expiring.end_counselling(conn)


async def expiries(database: Database) -> list[CounsellingExpired]:
    return [told for told in await published(database) if isinstance(told, CounsellingExpired)]


async def test_when_the_last_consent_to_counselling_is_over_all_are_told_once(
    registered: Registered, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await give(registered)
    await give(registered, valid_until=(LATER - timedelta(days=9)).isoformat())
    monkeypatch.setattr(expiring, "today", lambda: LATER)
    assert await expire(database) == 0, "on its last day it counts"
    monkeypatch.setattr(expiring, "today", lambda: LATER + timedelta(days=1))
    assert [await expire(database), await expire(database)] == [1, 0]
    [told] = await expiries(database)
    assert (told.enquiry_id, told.expired_on) == (registered.enquiry_id, LATER + timedelta(days=1))


async def test_where_counselling_was_ended_by_a_revocation_or_stands_on_no_consent_no_expiry_is_told(
    registered: Registered, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hear_enquiry(database)
    first, second = await give(registered), await give(registered)
    await registered.participant.delete(f"/me/consents/{second}")
    await registered.participant.delete(f"/me/consents/{first}")
    monkeypatch.setattr(expiring, "today", lambda: LATER + timedelta(days=1))
    assert await expire(database) == 0
    assert await expiries(database) == []


async def test_the_consent_of_an_enquiry_that_was_never_registered_expires_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = consent_given().model_copy(update={"recipient": Recipient.KIM, "purpose": Purpose.COUNSELLING})
    enquiry_id = await hear_enquiry(database, [given])
    monkeypatch.setattr(expiring, "today", lambda: LATER + timedelta(days=1))
    assert await expire(database) == 1
    assert [each.enquiry_id for each in await expiries(database)] == [enquiry_id]


async def test_a_consent_says_whether_counselling_may_go_on_with_it(registered: Registered, database: Database) -> None:
    await give(registered)
    await give(registered, recipient="office-moers", purpose="coordination")
    told = [each.allows_counselling for each in await published(database) if isinstance(each, ConsentGiven)]
    assert told == [False, True, False]


async def test_without_it_no_conflicts_of_interest_are_stated_either(registered: Registered) -> None:
    path = f"/persons/by-enquiry/{registered.enquiry_id}/conflicts"
    await registered.participant.delete(f"/me/consents/{await give(registered)}")
    refused = await registered.case_manager.put(path, {"of": []})
    assert (refused.status_code, refused.json()["code"]) == (409, "counselling-not-consented")


async def test_with_a_new_consent_the_case_manager_reads_again(registered: Registered) -> None:
    await registered.participant.delete(f"/me/consents/{await give(registered)}")
    await give(registered)
    assert await readings(registered) == [200, 200]


async def test_reading_ends_with_the_last_day_of_the_consent(registered: Registered, database: Database) -> None:
    await give(registered)
    await database.pool.execute("update consent set valid_until = current_date - 2 where recipient = 'kim'")
    assert await readings(registered) == [409, 409]


async def test_the_participants_own_rights_stay(registered: Registered) -> None:
    await registered.participant.delete(f"/me/consents/{await give(registered)}")
    proof = await registered.proof()
    assert (await registered.participant.get("/me/access-log", **proof)).status_code == 200
    assert (await registered.participant.post("/me/erasure", **proof)).status_code == 202


async def test_who_is_counselled_no_more_is_reminded_of_nothing(
    reachable: Registered, database: Database, vault: Vault
) -> None:
    async def remind_of_talk() -> int:
        starts = now() + timedelta(days=1)
        talk = ReminderDue(
            booking_id=new_id(),
            case_id=new_id(),
            enquiry_id=reachable.enquiry_id,
            ags="05170008",
            mode=Mode.PHONE,
            starts_at=starts,
            ends_at=starts + timedelta(hours=1),
            room_id=None,
        )
        async with database.transaction() as conn:
            await remind(conn, envelope_of(talk, now()), vault)
        count: int = await database.pool.fetchval("select count(*) from message where kind = 'reminder'")
        return count

    made = await give(reachable)
    assert await remind_of_talk() == 1
    await reachable.participant.delete(f"/me/consents/{made}")
    assert await remind_of_talk() == 1
