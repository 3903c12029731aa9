"""What is told of a proposed slot after talks that took place, over the API."""

from datetime import timedelta

from services.scheduling.booking import Booking
from shared.clock import now
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from tests.scheduling.test_api import Api
from tests.scheduling.test_api import api as _api
from tests.scheduling.world import World

api = _api


async def _second_talk(world: World) -> Booking:
    """Anna has interpreted the first one, and Birgit is first in rank for the second."""
    world.now = now()
    await world.open_office()
    anna, birgit = await world.interpreter(), await world.interpreter()
    case, enquiry = new_id(), new_id()
    first = await world.choose(await world.rank(await world.request(case_id=case, enquiry_id=enquiry), anna))
    await world.accept(first, anna)
    await world.begin(first)
    world.pass_time(timedelta(days=30))
    await world.check_in(first, attended=True)
    second = await world.request(case_id=case, enquiry_id=enquiry)
    return await world.rank(second, anna, birgit)


async def test_a_case_manager_sees_why_with_numbers_and_a_participant_less(api: Api, world: World) -> None:
    booking = await _second_talk(world)
    url = f"/bookings/{booking.booking_id}"
    seen = (await api.client.get(url, headers=api.staff("case_manager", world.manager))).json()
    for slot in seen["slots"]:
        numbers = {each["reason"]: each["number"] for each in slot["reasons"]}
        waiting = numbers.pop("waiting")
        assert waiting >= 5
        assert numbers == {"same_interpreter": 1, "travel": 0, "recent_talks": 1}
        assert [each["points"] for each in slot["reasons"]] == [-2 * waiting, 12, 0, -1]
    own = (await api.client.get(url, headers=api.participant(booking.enquiry_id))).json()
    assert {each["reason"] for slot in own["slots"] for each in slot["reasons"]} == {"waiting", "same_interpreter"}


async def test_what_is_told_of_a_slot_is_stored_with_it(world: World) -> None:
    booking = await _second_talk(world)
    assert await world.stored(booking) == booking


async def test_of_a_talk_by_phone_without_interpreter_nothing_but_the_waiting_is_told(world: World) -> None:
    world.now = now()
    await world.open_office()
    booking = await world.request(interpreter_needed=False, mode=Mode.PHONE)
    assert {stated.reason for each in booking.candidates for stated in each.merits.reasons} == {"waiting"}
