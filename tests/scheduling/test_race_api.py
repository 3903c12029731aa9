"""Two hundred clients at once over the API, on the service's own pool: one gets the slot."""

import asyncio
from collections import Counter

from shared.clock import now
from tests.scheduling.test_api import Api
from tests.scheduling.test_api import api as _api
from tests.scheduling.world import World

api = _api
CLIENTS = 200
OVERLAPS = """
    select count(*) from reservation a join reservation b
    on a.resource_id = b.resource_id and a.id < b.id and a.during && b.during
    where a.state <> 'released' and b.state <> 'released'
"""


async def test_of_two_hundred_clients_one_has_the_slot_and_each_other_is_told_what_is_left(
    api: Api, world: World
) -> None:
    world.now = now()
    await world.open_office()
    bookings = [await world.request(interpreter_needed=False) for _ in range(CLIENTS)]
    assert len({booking.candidates[0].starts_at for booking in bookings}) == 1
    answers = await asyncio.gather(
        *(
            api.client.post(
                f"/bookings/{booking.booking_id}/choice",
                json={"slot_id": str(booking.candidates[0].slot_id)},
                headers=api.participant(booking.enquiry_id),
            )
            for booking in bookings
        )
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: CLIENTS - 1}
    for booking, answer in zip(bookings, answers, strict=True):
        if answer.status_code == 409:
            told = answer.json()
            assert told["type"].endswith("slot-taken")
            own = {str(candidate.slot_id) for candidate in booking.candidates[1:]}
            assert {slot["slot_id"] for slot in told["alternatives"]} == own
    confirmed = await world.database.pool.fetchval("select count(*) from booking where state = 'confirmed'")
    reserved = await world.database.pool.fetch("select count(distinct booking_id), count(*) from reservation")
    assert (confirmed, tuple(reserved[0]), await world.database.pool.fetchval(OVERLAPS)) == (1, (1, 3), 0)
