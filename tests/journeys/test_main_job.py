"""The main job, from the enquiry to what the coordinating office sees, through every service and real Kafka."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from rich.console import Console

from deploy.client import Client, RefusedError
from deploy.demo.__main__ import ASKED, TO_CONFIRMATION, interpreter_user
from deploy.demo.participant import Participant, Wish
from deploy.demo.timeline import Timeline, fields_of
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.vocabulary import Recipient
from shared.municipalities import by_postcode
from tests.waiting import eventually

TIGRINYA = Wish("", "46535", ["ti"], ["housing", "residence"], Recipient.OFFICE_DINSLAKEN)
UNSHARED = Wish("", "46535", ["ti"], ["housing", "residence"], None)
ALPEN = Wish("", "46519", ["ti"], ["housing"], Recipient.OFFICE_KREIS_WESEL)
MOERS = Wish("", "47441", ["ar"], ["family"], Recipient.OFFICE_MOERS)
ARABIC = Wish("", "46537", ["ar"], ["work"], Recipient.OFFICE_DINSLAKEN)


def timeline(client: Client, wish: Wish) -> Timeline:
    ags = by_postcode(wish.postcode).ags
    return Timeline(client.settings.kafka_bootstrap_servers, ags, Console(quiet=True))


async def answer(client: Client, watched: Timeline, answer: str) -> Any:
    """The interpreter who was asked answers; returns the offer."""
    offer = await watched.offer()
    token = await client.token(interpreter_user(offer["interpreter_id"]))
    url = f"{client.settings.interpreter_url}/offers/{offer['offer_id']}/{answer}"
    await client.call("POST", url, token=token)
    return offer


async def to_confirmation(client: Client, wish: Wish) -> Timeline:
    async with timeline(client, wish) as watched:
        participant = await Participant.ask(client, wish)
        watched.follow(participant.enquiry_id)
        booking = await participant.booking("proposed")
        await participant.choose_first(booking)
        if booking["interpreter_needed"]:
            await answer(client, watched, "accept")
        await participant.booking("confirmed")
        asked = ASKED if booking["interpreter_needed"] and wish.share_with else ()
        await watched.until(*TO_CONFIRMATION, *asked)
    return watched


def assert_whole(stream: list[MunicipalEvent], *besides: str) -> None:
    """Each of the expected events once and nothing else, in order within each topic."""
    seen = [event.type for event in stream]
    assert sorted(seen) == sorted([*TO_CONFIRMATION, *besides])
    for publisher in ("intake.", "case.", "scheduling."):
        assert [each for each in seen if each.startswith(publisher)] == [
            each for each in TO_CONFIRMATION if each.startswith(publisher)
        ]


def by_type(stream: list[MunicipalEvent]) -> dict[str, MunicipalEvent]:
    return {event.type: event for event in stream}


async def test_with_consent_the_office_sees_language_topics_and_time_of_the_talk(client: Client) -> None:
    stream = (await to_confirmation(client, TIGRINYA)).stream
    assert_whole(stream, *ASKED)
    seen = by_type(stream)
    received = seen["intake.enquiry.received.v1"].data or {}
    assert (received["languages"], received["topics"]) == (["ti"], ["housing", "residence"])
    assert (seen["scheduling.booking.confirmed.v1"].data or {})["language"] == "ti"
    assert not any(event.withheld for event in seen.values())


async def test_without_consent_the_office_sees_open_fields_alone_and_no_interpreter(client: Client) -> None:
    stream = (await to_confirmation(client, UNSHARED)).stream
    assert_whole(stream)
    for event in stream:
        shown = {(name, declared) for name, declared, value in fields_of(event) if value != "-"}
        assert {declared for _, declared in shown} == {"open"}
        assert (event.time.hour, event.time.minute, event.time.second) == (0, 0, 0)


async def test_all_of_one_enquiry_has_one_pseudonym_and_no_internal_id(client: Client) -> None:
    watched = await to_confirmation(client, TIGRINYA)
    assert len({event.subject for event in watched.stream}) == 1
    text = "".join(event.model_dump_json() for event in watched.stream)
    assert not [known for known in watched.known if known in text]


async def test_an_enquiry_from_alpen_reaches_the_office_of_the_kreis_and_no_other(client: Client) -> None:
    stream = (await to_confirmation(client, ALPEN)).stream
    url = f"{client.settings.coordination_url}/municipalities/05170004/events?after={stream[0].sequence - 1}"
    page = await client.call("GET", url, token=await client.token("coordinator-kreis-wesel"))
    assert [event["type"] for event in page["events"]] == [event.type for event in stream]
    with pytest.raises(RefusedError, match="404"):
        await client.call("GET", url, token=await client.token("coordinator-dinslaken"))


async def test_where_the_case_manager_speaks_the_language_no_interpreter_is_asked(client: Client) -> None:
    watched = await to_confirmation(client, ARABIC)
    assert_whole(watched.stream)
    assert not watched.offers


async def test_when_an_interpreter_declines_the_next_one_is_asked_and_the_slot_stays(client: Client) -> None:
    async with timeline(client, MOERS) as watched:
        participant = await Participant.ask(client, MOERS)
        watched.follow(participant.enquiry_id)
        proposed = await participant.booking("proposed")
        slot = await with_two_interpreters(client, proposed)
        await participant.choose(proposed, slot["slot_id"])
        declined = await answer(client, watched, "decline")
        watched.offers.clear()
        accepted = await answer(client, watched, "accept")
        confirmed = await participant.booking("confirmed")
    assert declined["interpreter_id"] != accepted["interpreter_id"]
    assert confirmed["chosen"]["starts_at"] == slot["starts_at"]


async def with_two_interpreters(client: Client, booking: Any) -> Any:
    """A proposed slot for which two could come, as the administrator sees."""
    url = f"{client.settings.interpreter_url}/rankings/{booking['booking_id']}"
    ranked = await client.call("GET", url, token=await client.token("administrator"))
    able = Counter(each["slot_id"] for each in ranked)
    return next(slot for slot in booking["slots"] if able[slot["slot_id"]] > 1)


async def test_a_revoked_consent_withholds_from_the_next_event_on(client: Client) -> None:
    async with timeline(client, TIGRINYA) as watched:
        participant = await Participant.ask(client, TIGRINYA)
        watched.follow(participant.enquiry_id)
        proposed = await participant.booking("proposed")
        await watched.until("scheduling.booking.proposed.v1")
        mine = f"{client.settings.person_url}/me/consents"

        async def consents() -> Any:
            return await client.call("GET", mine, token=participant.token)

        [shared] = [each for each in await eventually(consents) if each["purpose"] == "coordination"]
        await client.call("DELETE", f"{mine}/{shared['id']}", token=participant.token)
        await watched.seen("person.consent.revoked.v1")
        await participant.choose_first(proposed)
        await watched.until("scheduling.booking.held.v1")
    seen = by_type(watched.stream)
    assert (seen["scheduling.booking.proposed.v1"].data or {})["slots"]
    assert "starts_at" not in (seen["scheduling.booking.held.v1"].data or {})
    assert "starts_at" in seen["scheduling.booking.held.v1"].withheld


async def test_without_all_criteria_a_clerk_of_the_municipality_decides(client: Client) -> None:
    participant = await Participant.ask(client, TIGRINYA, criteria=["consents"])
    url = f"{client.settings.intake_url}/enquiries/{participant.enquiry_id}"
    decision = {"decision": "redirect", "service": "mbe"}
    with pytest.raises(RefusedError, match="404"):
        await client.call("POST", f"{url}/triage", token=await client.token("clerk-alpen"), json=decision)
    await client.call("POST", f"{url}/triage", token=await client.token("clerk-dinslaken"), json=decision)
    assert (await client.call("GET", url, token=participant.token))["status"] == "redirected"


async def test_the_case_manager_reads_the_contact_and_the_participant_sees_that(client: Client) -> None:
    async with timeline(client, ARABIC) as watched:
        participant = await Participant.ask(client, ARABIC)
        watched.follow(participant.enquiry_id)
        await watched.seen("case.assigned.v1")
        await watched.seen("person.registered.v1")
    person = client.settings.person_url
    url = f"{person}/persons/by-enquiry/{participant.enquiry_id}?purpose=counselling"
    token = await client.token("case-manager-dinslaken-2")

    async def contact() -> Any:
        try:
            return await client.call("GET", url, token=token)
        except RefusedError:
            return None

    assert (await eventually(contact))["name"].startswith("Demo ")
    confirmed = f"{person}/persons/by-enquiry/{participant.enquiry_id}/second-factor"
    code = (await client.call("POST", confirmed, token=token))["code"]
    typed = {"purpose": "second_factor", "code": code}
    proof = (await client.call("POST", f"{person}/me/codes/redeem", token=participant.token, json=typed))["proof"]
    entries = await client.call("GET", f"{person}/me/access-log", token=participant.token, proof=proof)
    assert [(each["what"], each["why"]) for each in entries] == [
        ("second_factor", "answer_participant"), ("contact", "counselling"),
    ]  # fmt: skip


async def test_a_consent_of_the_past_is_refused_with_the_field_and_changes_nothing(client: Client) -> None:
    expired = {"kind": "processing", "purpose": "counselling", "valid_until": str(date.today() - timedelta(days=1))}  # noqa: DTZ011
    with pytest.raises(RefusedError, match=r"422.*consents\.0\.valid_until"):
        await Participant.ask(client, TIGRINYA, consents=[expired])
