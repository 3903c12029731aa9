"""The pot's lead time is kept when a slot is chosen too, and not only when it is found."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.scheduling import refusals, store_lead_times
from services.scheduling.booking import Booking, State
from services.scheduling.windows import berlin_date
from shared.contracts.interpreter import LeadTime
from shared.contracts.scheduling import LanguageUnmet
from tests.scheduling.world import World

DAY = timedelta(days=1)
THURSDAY = date(2026, 11, 5)


async def proposed(world: World) -> Booking:
    """Asked for on a Monday, with a lead of three working days: Thursday is the earliest."""
    async with world.database.transaction() as conn:
        await store_lead_times.learn(conn, [LeadTime(valid_from=date(2020, 1, 1), working_days=3)], world.now)
    await world.open_office()
    anna = await world.interpreter()
    booking = await world.rank(await world.request(), anna)
    assert berlin_date(booking.candidates[0].starts_at) == THURSDAY
    return booking


async def test_on_the_day_of_the_search_the_earliest_slot_can_be_had(world: World) -> None:
    assert (await world.choose(await proposed(world))).state is State.HELD


@pytest.mark.parametrize(
    ("late", "earliest"),
    [(DAY, date(2026, 11, 6)), (timedelta(days=2, hours=22, minutes=50), date(2026, 11, 10))],
)
async def test_whoever_chooses_later_gets_only_what_is_still_in_time(
    world: World, late: timedelta, earliest: date
) -> None:
    booking = await proposed(world)
    world.pass_time(late)
    with pytest.raises(refusals.SlotTooSoon) as refused:
        await world.choose(booking)
    left = {slot.slot_id for slot in refused.value.alternatives}
    assert left == {c.slot_id for c in booking.candidates if berlin_date(c.starts_at) >= earliest}
    assert await world.reserved(booking, "held") == set()


async def test_where_nothing_is_in_time_any_more_it_is_searched_anew(world: World) -> None:
    booking = await proposed(world)
    world.now = datetime.combine(berlin_date(booking.candidates[-1].starts_at) - DAY, world.now.time(), UTC)
    assert booking.upcoming(world.now)
    assert await world.search_again() == 1
    again = await world.stored(booking)
    assert again.state is State.RANKING
    assert {c.slot_id for c in again.candidates}.isdisjoint(c.slot_id for c in booking.candidates)
    assert not any(isinstance(each, LanguageUnmet) for each in await world.told())


async def test_an_answer_that_comes_late_proposes_only_what_is_still_in_time(world: World) -> None:
    await proposed(world)
    booking = await world.request()
    world.pass_time(DAY)
    ranked = await world.rank(booking, *booking.candidates[0].interpreters)
    assert ranked.state is State.PROPOSED
    assert all(berlin_date(c.starts_at) > THURSDAY for c in ranked.candidates)


async def test_without_an_interpreter_there_is_no_pot_whose_lead_time_counts(world: World) -> None:
    await world.open_office()
    booking = await world.request(interpreter_needed=False)
    world.now = booking.candidates[0].starts_at - timedelta(minutes=10)
    assert (await world.choose(booking)).state is State.CONFIRMED
