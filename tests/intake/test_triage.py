"""Who may see, decide and withdraw an enquiry, and that it happens once."""

from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.intake import EnquiryAccepted, EnquiryRedirected, EnquiryWithdrawn
from shared.contracts.vocabulary import ReferralService, WithdrawalReason
from tests.intake.desk import ALL_CRITERIA, DINSLAKEN, MOERS, Intake


def _path(receipt: dict[str, Any], verb: str = "") -> str:
    return f"/enquiries/{receipt['enquiry_id']}{verb}"


async def test_a_clerk_accepts(intake: Intake) -> None:
    receipt = await intake.receive()
    answer = await intake.client.post(
        _path(receipt, "/triage"), json={"decision": "accept"}, headers=intake.clerk(DINSLAKEN)
    )
    assert (answer.status_code, answer.json()["status"]) == (200, "accepted")
    assert isinstance((await intake.events())[-1], EnquiryAccepted)


async def test_a_clerk_redirects_to_a_named_service(intake: Intake) -> None:
    receipt = await intake.receive()
    body = {"decision": "redirect", "service": "housing-office"}
    answer = await intake.client.post(_path(receipt, "/triage"), json=body, headers=intake.clerk(DINSLAKEN))
    assert (answer.json()["status"], answer.json()["service"]) == ("redirected", "housing-office")
    event = (await intake.events())[-1]
    assert isinstance(event, EnquiryRedirected)
    assert event.service is ReferralService.HOUSING_OFFICE


@pytest.mark.parametrize(
    "body", [{"decision": "redirect"}, {"decision": "redirect", "service": "police"}, {"decision": "no"}, {}]
)
async def test_a_decision_that_is_none_changes_nothing(intake: Intake, body: dict[str, Any]) -> None:
    receipt = await intake.receive()
    answer = await intake.client.post(_path(receipt, "/triage"), json=body, headers=intake.clerk(DINSLAKEN))
    assert answer.status_code == 422
    assert len(await intake.events()) == 1


async def test_an_enquiry_is_decided_once(intake: Intake) -> None:
    receipt = await intake.receive(criteria=ALL_CRITERIA)
    clerk = intake.clerk(DINSLAKEN)
    for verb, body in (("/triage", {"decision": "accept"}), ("/withdraw", {"reason": "duplicate"})):
        answer = await intake.client.post(_path(receipt, verb), json=body, headers=clerk)
        assert (answer.status_code, answer.json()["code"]) == (409, "already-decided")
    assert len(await intake.events()) == 2


async def test_a_participant_withdraws_of_their_own_will(intake: Intake) -> None:
    receipt = await intake.receive()
    headers = await intake.participant(receipt)
    answer = await intake.client.post(_path(receipt, "/withdraw"), json={"reason": "duplicate"}, headers=headers)
    assert answer.json()["status"] == "withdrawn"
    event = (await intake.events())[-1]
    assert isinstance(event, EnquiryWithdrawn)
    assert event.reason is WithdrawalReason.BY_PARTICIPANT


async def test_a_clerk_says_why_an_enquiry_came_to_nothing(intake: Intake) -> None:
    receipt = await intake.receive()
    await intake.client.post(
        _path(receipt, "/withdraw"), json={"reason": "not_reached"}, headers=intake.clerk(DINSLAKEN)
    )
    event = (await intake.events())[-1]
    assert isinstance(event, EnquiryWithdrawn)
    assert event.reason is WithdrawalReason.NOT_REACHED


async def test_the_participant_and_the_clerk_of_the_place_see_it(intake: Intake) -> None:
    receipt = await intake.receive()
    for headers in (await intake.participant(receipt), intake.clerk(DINSLAKEN, MOERS)):
        answer = await intake.client.get(_path(receipt), headers=headers)
        assert (answer.status_code, answer.json()["languages"]) == (200, ["ti", "am"])


async def test_for_others_there_is_no_such_enquiry(intake: Intake) -> None:
    receipt, other = await intake.receive(), await intake.receive()
    for headers in (await intake.participant(other), intake.clerk(MOERS), intake.clerk()):
        assert (await intake.client.get(_path(receipt), headers=headers)).status_code == 404
        assert (await intake.client.post(_path(receipt, "/withdraw"), json={}, headers=headers)).status_code == 404
        assert (await intake.client.delete(_path(receipt, "/code"), headers=headers)).status_code == 404
    triage = await intake.client.post(
        _path(receipt, "/triage"), json={"decision": "accept"}, headers=intake.clerk(MOERS)
    )
    unknown = await intake.client.get(f"/enquiries/{uuid4()}", headers=intake.clerk(DINSLAKEN))
    assert (triage.status_code, unknown.status_code) == (404, 404)
    assert len(await intake.events()) == 2


async def test_a_participant_decides_nothing_and_lists_nothing(intake: Intake) -> None:
    receipt = await intake.receive()
    headers = await intake.participant(receipt)
    triage = await intake.client.post(_path(receipt, "/triage"), json={"decision": "accept"}, headers=headers)
    page = await intake.client.get("/enquiries", headers=headers)
    assert (triage.status_code, page.status_code) == (403, 403)


async def test_a_clerk_pages_through_what_waits_in_the_own_municipality(intake: Intake) -> None:
    waiting = [(await intake.receive())["enquiry_id"] for _ in range(3)]
    await intake.receive(criteria=ALL_CRITERIA)
    await intake.receive(postcode="47441", consents=[])
    seen, after = [], None
    while True:
        params = {"limit": "2", **({"after": after} if after else {})}
        page = (await intake.client.get("/enquiries", params=params, headers=intake.clerk(DINSLAKEN))).json()
        seen.append([enquiry["enquiry_id"] for enquiry in page["enquiries"]])
        if (after := page["next"]) is None:
            break
    assert seen == [waiting[:2], waiting[2:]]


async def test_a_clerk_asks_for_another_status(intake: Intake) -> None:
    await intake.receive()
    accepted = await intake.receive(criteria=ALL_CRITERIA)
    page = await intake.client.get("/enquiries", params={"status": "accepted"}, headers=intake.clerk(DINSLAKEN))
    assert [enquiry["enquiry_id"] for enquiry in page.json()["enquiries"]] == [accepted["enquiry_id"]]
