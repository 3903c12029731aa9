"""With the consent to counselling ends what stands on it, with the next event and in every service (Art. 7(3) GDPR)."""

from typing import Any

import pytest

from deploy.client import Client, RefusedError
from deploy.demo.participant import Participant
from tests.journeys.test_main_job import ARABIC, UNSHARED, timeline
from tests.waiting import eventually


async def revoke_counselling(client: Client, participant: Participant) -> None:
    mine = f"{client.settings.person_url}/me/consents"

    async def consents() -> Any:
        found = await client.call("GET", mine, token=participant.token)
        return [each for each in found if each["purpose"] == "counselling"]

    [given] = await eventually(consents)
    await client.call("DELETE", f"{mine}/{given['id']}", token=participant.token)


async def test_with_the_consent_to_counselling_the_talk_is_cancelled_the_case_closed_and_nothing_read(
    client: Client,
) -> None:
    async with timeline(client, ARABIC) as watched:
        participant = await Participant.ask(client, ARABIC)
        watched.follow(participant.enquiry_id)
        await participant.choose_first(await participant.booking("proposed"))
        await participant.booking("confirmed")
        await watched.seen("person.registered.v1")
    await revoke_counselling(client, participant)
    await participant.booking("released")

    async def phase() -> Any:
        url = f"{client.settings.case_url}/enquiries/{participant.enquiry_id}/case"
        return (await client.call("GET", url, token=participant.token))["phase"] == "closed"

    assert await eventually(phase)
    token = await client.token("case-manager-dinslaken-2")
    closed = await client.call("GET", f"{client.settings.case_url}/cases?phase=closed&limit=100", token=token)
    [case] = [each for each in closed["cases"] if each["enquiry_id"] == str(participant.enquiry_id)]
    assert (case["reason"], case["may_be_counselled"]) == ("consent_revoked", False)
    contact = f"{client.settings.person_url}/persons/by-enquiry/{participant.enquiry_id}?purpose=counselling"
    for shut in (contact, f"{client.settings.case_url}/cases/{case['case_id']}/talks"):
        with pytest.raises(RefusedError, match="409"):
            await client.call("GET", shut, token=token)


async def test_an_enquiry_that_waits_for_a_clerk_is_withdrawn_with_the_consent(client: Client) -> None:
    participant = await Participant.ask(client, UNSHARED, criteria=["consents"])
    await revoke_counselling(client, participant)
    url = f"{client.settings.intake_url}/enquiries/{participant.enquiry_id}"

    async def status() -> Any:
        return (await client.call("GET", url, token=participant.token))["status"] == "withdrawn"

    assert await eventually(status)
