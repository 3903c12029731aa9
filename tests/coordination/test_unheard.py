"""A revocation may wait behind a dead letter: until that is handled, nothing of the person is shown."""

import pytest
from structlog.testing import capture_logs

from services.coordination.publish import UNHEARD
from shared import deadletters
from shared.ids import new_id
from shared.inbox import enquiries_in
from tests.coordination.world import World, consent, opened, received
from tests.parking import revoke_behind_a_dead_letter


async def test_while_a_dead_letter_may_hide_a_revocation_everything_of_that_person_is_withheld(world: World) -> None:
    given, kept = consent(), consent()
    enquiry, other = received(given), received(kept)
    await world.hear(enquiry, other)
    dispatcher = await revoke_behind_a_dead_letter(
        world.database, world.coordination.reactions, enquiry.enquiry_id, given.consent_id
    )
    before = UNHEARD._value.get()
    with capture_logs() as logs:
        await world.hear(opened(enquiry), opened(other))
    *_, withheld, shown = await world.stream()
    assert withheld.withheld == ["languages", "topics"]
    assert shown.withheld == [], "another person's consents are heard"
    assert UNHEARD._value.get() == before + 1
    [told] = [each for each in logs if each["event"] == "consents.unheard"]
    assert set(told) == {"event", "log_level", "event_id", "type"}
    async with world.database.read() as conn:
        [letter] = await deadletters.dead_letters(conn)
    await deadletters.drop(world.database, dispatcher, letter.event_id)
    await world.hear(opened(enquiry))
    assert (await world.stream())[-1].withheld == ["languages", "topics"], "the revocation was heard at last"


async def test_what_is_parked_and_cannot_be_read_may_be_of_anybody(world: World) -> None:
    enquiry = received(consent())
    await world.hear(enquiry)
    await world.database.pool.execute(
        """
        insert into parked (topic, subject, event_id, headers, enquiries)
        values ('kim.person.v1', 'nobody', gen_random_uuid(), '{}', null)
        """
    )
    await world.hear(opened(enquiry))
    assert (await world.stream())[-1].withheld == ["languages", "topics"]


@pytest.mark.parametrize("value", [None, b"", b"{", b"[]", b'{"enquiry_id": "a text"}', b'{"enquiry_id": 7}'])
def test_of_what_cannot_be_read_nobody_knows_whom_it_concerns(value: bytes | None) -> None:
    assert enquiries_in(value) is None


def test_whom_an_event_concerns_is_read_without_its_contract() -> None:
    one, other = sorted([new_id(), new_id()])
    assert enquiries_in(f'{{"enquiry_id": "{one}", "merged_enquiry_ids": ["{other}", "{one}"]}}'.encode()) == [
        one,
        other,
    ]
    assert enquiries_in(b'{"interpreter_id": "x"}') == []
