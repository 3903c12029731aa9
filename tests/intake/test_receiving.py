"""POST /enquiries: what comes in, what comes of it, and what is refused without a trace."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.reactions import on_expired, on_revoked
from shared.clock import now
from shared.contracts.intake import EnquiryAccepted, EnquiryReceived, EnquiryWithdrawn
from shared.contracts.person import ConsentRevoked, CounsellingExpired
from shared.contracts.vocabulary import Channel, Recipient
from tests.intake.desk import (
    ALL_CRITERIA,
    CONTACT,
    DINSLAKEN,
    IN_A_YEAR,
    KEY_ID,
    MOERS,
    TODAY,
    YESTERDAY,
    Intake,
    clerk_enquiry,
    enquiry,
)
from tests.person.people import envelope_of


def _consent(**changed: Any) -> list[dict[str, Any]]:
    good = {"kind": "processing", "purpose": "coordination", "valid_until": IN_A_YEAR}
    return [good | changed]


BAD = [
    ("postcode", {"postcode": "50667"}),
    ("postcode", {"postcode": "4653"}),
    ("postcode", {"postcode": "٤٦٥٣٥"}),
    ("postcode", {"postcode": "46535\u0000"}),
    ("postcode", {"postcode": 46535}),
    ("postcode", {"postcode": None}),
    ("topics", {"topics": []}),
    ("topics", {"topics": ["housing", "housing"]}),
    ("topics.0", {"topics": ["weather"]}),
    ("topics", {"topics": "housing"}),
    ("languages.0", {"languages": ["ku"]}),
    ("languages.1", {"languages": ["ti", "xx"]}),
    ("languages", {"languages": []}),
    ("languages", {"languages": ["ti", "ti"]}),
    ("mode", {"mode": "letter"}),
    ("channel", {"channel": "clerk"}),
    ("criteria.0", {"criteria": ["poor"]}),
    ("consents.0.valid_until", {"consents": _consent(valid_until=YESTERDAY)}),
    ("consents.0.valid_until", {"consents": _consent(valid_until="2999-01-01")}),
    ("consents.0.valid_until", {"consents": _consent(valid_until="soon")}),
    ("consents.0.recipient", {"consents": _consent(recipient="office-moers")}),
    ("consents.0.recipient", {"consents": _consent(recipient="foreigners-authority")}),
    ("consents.0.recipient", {"consents": _consent(purpose="referral")}),
    ("consents.0.kind", {"consents": _consent(kind="everything")}),
    ("consents.0.note", {"consents": _consent(note="x")}),
    ("consents", {"consents": _consent() * 2}),
    ("sealed", {"sealed": "no base64!"}),
    ("sealed", {"sealed": "c2hvcnQ="}),
    ("sealed", {"sealed": "A" * 40_000}),
    ("sealed", {"sealed": None}),
    ("key_id", {"key_id": "first"}),
    ("name", {"name": "Canary Name"}),
]


async def test_an_enquiry_is_published_with_its_consents_and_answered_with_a_code(intake: Intake) -> None:
    answer = await intake.client.post("/enquiries", json=enquiry())
    receipt = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == receipt["status_url"] == f"/enquiries/{receipt['enquiry_id']}"
    assert receipt["status"] == "waiting"
    (event,) = await intake.events()
    assert isinstance(event, EnquiryReceived)
    assert (event.enquiry_id, event.ags, event.channel) == (UUID(receipt["enquiry_id"]), DINSLAKEN, Channel.WEB)
    assert [consent.recipient for consent in event.consents] == [Recipient.OFFICE_DINSLAKEN]


async def test_all_five_criteria_make_it_accepted_in_the_same_transaction(intake: Intake) -> None:
    receipt = await intake.receive(criteria=ALL_CRITERIA)
    assert receipt["status"] == "accepted"
    assert [type(event) for event in await intake.events()] == [EnquiryReceived, EnquiryAccepted]


async def test_without_consents_an_enquiry_is_taken_in_all_the_same(intake: Intake) -> None:
    await intake.receive(consents=[])
    (event,) = await intake.events()
    assert isinstance(event, EnquiryReceived)
    assert event.consents == []


@pytest.mark.parametrize(("field", "changed"), BAD, ids=[f"{field}-{index}" for index, (field, _) in enumerate(BAD)])
async def test_bad_input_names_the_field_and_changes_nothing(
    intake: Intake, field: str, changed: dict[str, Any]
) -> None:
    answer = await intake.client.post("/enquiries", json=enquiry(**changed))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "canary" not in answer.text.lower()
    assert await intake.everything() == await _nothing(intake)


async def _nothing(intake: Intake) -> str:
    async with intake.db.read() as conn:
        assert await conn.fetchval("select count(*) from enquiry") == 0
        assert await conn.fetchval("select count(*) from outbox") == 0
    return "\n".join(line for line in (await intake.everything()).splitlines() if "init.sql" in line or ".sql" in line)


async def test_a_repeated_enquiry_gets_the_first_answer(intake: Intake) -> None:
    key, body = {"Idempotency-Key": str(uuid4())}, enquiry()
    first = await intake.client.post("/enquiries", json=body, headers=key)
    again = await intake.client.post("/enquiries", json=body, headers=key)
    other = await intake.client.post("/enquiries", json=body | {"mode": "phone"}, headers=key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert other.status_code == 422
    assert len(await intake.events()) == 1


async def test_a_clerk_takes_in_for_the_own_municipality_alone(intake: Intake) -> None:
    body = clerk_enquiry()
    foreign = await intake.client.post("/clerk/enquiries", json=body, headers=intake.clerk(MOERS))
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-your-municipality")
    own = await intake.client.post("/clerk/enquiries", json=body, headers=intake.clerk(DINSLAKEN))
    assert own.status_code == 201
    (event,) = await intake.events()
    assert isinstance(event, EnquiryReceived)
    assert event.channel is Channel.CLERK


@pytest.mark.parametrize("how", ["in_writing", "orally", "orally_with_interpreter", "by_phone"])
async def test_a_clerk_says_how_a_consent_was_given_and_in_which_language_explained(intake: Intake, how: str) -> None:
    clerk = intake.clerk(DINSLAKEN)
    assert (await intake.client.post("/clerk/enquiries", json=clerk_enquiry(how), headers=clerk)).status_code == 201
    (event,) = await intake.events()
    assert isinstance(event, EnquiryReceived)
    assert [(each.how, each.language_explained_in) for each in event.consents] == [(how, "ti")]


async def test_the_clerk_who_records_a_consent_is_named_and_nobody_where_the_participant_gave_it(
    intake: Intake,
) -> None:
    clerk_id = uuid4()
    clerk = intake.staff("clerk", municipalities=[DINSLAKEN], sub=str(clerk_id))
    assert (await intake.client.post("/clerk/enquiries", json=clerk_enquiry(), headers=clerk)).status_code == 201
    await intake.receive()
    by_clerk, by_themselves = [each for each in await intake.events() if isinstance(each, EnquiryReceived)]
    assert [each.recorded_by for each in by_clerk.consents] == [clerk_id]
    assert [each.recorded_by for each in by_themselves.consents] == [None]


async def test_a_clerk_who_cannot_be_named_records_nothing(intake: Intake) -> None:
    clerk = intake.staff("clerk", municipalities=[DINSLAKEN], sub="clerk-dinslaken")
    answer = await intake.client.post("/clerk/enquiries", json=clerk_enquiry(), headers=clerk)
    assert (answer.status_code, answer.json()["code"]) == (403, "not-named")
    assert await intake.events() == []


async def test_what_a_gateway_takes_in_was_given_with_the_enquiry_whatever_it_says(intake: Intake) -> None:
    [consent] = enquiry()["consents"]
    body = enquiry(consents=[consent | {"given_how": "orally"}])
    assert (await intake.client.post("/enquiries", json=body)).json()["field"] == "consents.0.given_how"


async def test_with_a_consent_to_counselling_that_is_over_an_enquiry_that_waits_is_withdrawn(intake: Intake) -> None:
    receipt = await intake.receive()
    expired = CounsellingExpired(person_id=uuid4(), enquiry_id=receipt["enquiry_id"], expired_on=TODAY)
    async with intake.db.transaction() as conn:
        await on_expired(conn, envelope_of(expired, now()))
    [withdrawn] = [event for event in await intake.events() if isinstance(event, EnquiryWithdrawn)]
    assert withdrawn.reason == "consent_expired"


async def test_with_the_consent_to_counselling_an_enquiry_that_waits_is_withdrawn(intake: Intake) -> None:
    waiting, decided = await intake.receive(), await intake.receive(criteria=ALL_CRITERIA)
    async with intake.db.transaction() as conn:
        for receipt in (waiting, decided):
            for ends in (False, True):
                revoked = ConsentRevoked(
                    person_id=uuid4(),
                    consent_id=uuid4(),
                    enquiry_id=receipt["enquiry_id"],
                    revoked_on=TODAY,
                    ends_counselling=ends,
                )
                await on_revoked(conn, envelope_of(revoked, now()))
    [withdrawn] = [event for event in await intake.events() if isinstance(event, EnquiryWithdrawn)]
    assert (str(withdrawn.enquiry_id), withdrawn.reason) == (waiting["enquiry_id"], "by_participant")


async def test_neither_code_nor_contact_stands_anywhere_in_the_database(intake: Intake) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    receipt = (await intake.client.post("/enquiries", json=enquiry(), headers=key)).json()
    await intake.exchange(receipt["code"], "203.0.113.77")
    stored = await intake.everything()
    readable = stored + bytes.fromhex("".join(_hex(stored))).decode("latin-1")
    for secret in (receipt["code"], receipt["code"].replace("-", ""), CONTACT.contact, "anary", "203.0.113.77"):
        assert secret not in readable
    assert KEY_ID in stored


def _hex(stored: str) -> list[str]:
    """The contents of all bytea columns."""
    return [part.split('"')[0] for part in stored.split("\\\\x")[1:]]
