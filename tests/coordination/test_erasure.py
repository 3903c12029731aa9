"""Erasure: nothing about the person can be read any more, the chain still verifies, the counts stay."""

import json
from typing import Any

from services.coordination.chain import verify
from shared.contracts.intake import EnquiryReceived
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.person import ConsentGiven, ConsentRevoked, PersonErased
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient
from shared.ids import new_id
from tests.coordination.world import DINSLAKEN, TODAY, TOMORROW, World, consent, opened, received

OWN_TABLES = ("consent", "enquiry", "early_event", "erased_enquiry", "published", "municipal_event", "daily_cell")


async def erase(world: World, *enquiries: EnquiryReceived) -> None:
    ids = [enquiry.enquiry_id for enquiry in enquiries]
    await world.hear(PersonErased(person_id=new_id(), enquiry_ids=ids))


async def everything(world: World) -> str:
    rows: list[dict[str, Any]] = []
    for table in OWN_TABLES:
        rows += map(dict, await world.database.pool.fetch(f"select * from {table}"))  # noqa: S608 -- constants
    return json.dumps(rows, default=str)


async def test_after_erasure_the_chain_verifies_and_others_are_untouched(world: World) -> None:
    gone, stays = received(consent()), received(consent())
    await world.hear(gone, stays, opened(gone), opened(stays))
    before = await world.stream()
    await erase(world, gone)
    after = await world.stream()
    verify(after)
    assert [event.redacted for event in after] == [True, False, True, False]
    assert [after[1], after[3]] == [before[1], before[3]]


async def test_a_redaction_goes_to_the_topic_under_the_same_key(world: World) -> None:
    enquiry = received(consent())
    await world.hear(enquiry)
    await erase(world, enquiry)
    (key, _, _), (key_again, headers, value) = await world.records()
    redacted = MunicipalEvent.of_record(headers, value)
    assert key == key_again == redacted.id
    assert redacted.redacted
    assert "ce_subject" not in headers
    assert b"housing" not in value
    assert await world.database.pool.fetchval("select topic from redaction_due") == f"kim.municipality.{DINSLAKEN}.v1"


async def test_no_link_to_the_enquiry_is_left(world: World) -> None:
    enquiry, early = received(consent()), received()
    await world.hear(enquiry, opened(enquiry), opened(early))
    [pseudonym] = {event.subject for event in await world.stream()}
    await erase(world, enquiry, early)
    left = await everything(world)
    for trace in (enquiry.enquiry_id, early.enquiry_id, *(event.id for event in world.heard), pseudonym):
        assert str(trace) not in left


async def test_counts_survive(world: World) -> None:
    enquiry = received(consent())
    await world.hear(enquiry)
    await erase(world, enquiry)
    assert await world.database.pool.fetchval("select sum(events) from daily_cell") == 1


async def test_what_comes_after_the_erasure_is_counted_and_not_published(world: World) -> None:
    enquiry = received(consent())
    await erase(world, enquiry)
    await world.hear(
        enquiry,
        opened(enquiry),
        ConsentGiven(
            person_id=new_id(),
            consent_id=new_id(),
            enquiry_id=enquiry.enquiry_id,
            kind=ConsentKind.PROCESSING,
            recipient=Recipient.OFFICE_DINSLAKEN,
            purpose=Purpose.COORDINATION,
            valid_until=TOMORROW,
        ),
        ConsentRevoked(person_id=new_id(), consent_id=new_id(), enquiry_id=enquiry.enquiry_id, revoked_on=TODAY),
    )
    assert await world.stream() == []
    assert str(enquiry.enquiry_id) not in await everything(world)
    assert await world.database.pool.fetchval("select sum(events) from daily_cell") == 2


async def test_an_erasure_that_comes_again_changes_nothing(world: World) -> None:
    enquiry = received(consent())
    await world.hear(enquiry)
    await erase(world, enquiry)
    once = await world.stream()
    await erase(world, enquiry)
    assert await world.stream() == once
    assert len(await world.records()) == 2
