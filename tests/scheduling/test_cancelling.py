"""A cancelled talk says by whom, when, and whether that was too late to be free."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.interpreter import fees
from services.interpreter.lead_times import lead_times
from services.interpreter.tariffs import tariff
from services.scheduling import store_lead_times
from services.scheduling.booking import Booking
from services.scheduling.cancelling import FreeCancelling, free_until
from services.scheduling.views import BookingView
from shared.contracts.vocabulary import CancelledBy
from tests.scheduling.world import World

ONE_O_CLOCK = FreeCancelling(date(2020, 1, 1), 1, time(13))


@pytest.mark.parametrize(
    ("starts_at", "until"),
    [
        (datetime(2026, 11, 10, 8, tzinfo=UTC), datetime(2026, 11, 9, 12, tzinfo=UTC)),
        (datetime(2026, 11, 9, 23, 30, tzinfo=UTC), datetime(2026, 11, 9, 12, tzinfo=UTC)),  # the 10th in Berlin
        (datetime(2026, 3, 29, 8, tzinfo=UTC), datetime(2026, 3, 28, 12, tzinfo=UTC)),  # the clocks change between
        (datetime(2026, 3, 30, 8, tzinfo=UTC), datetime(2026, 3, 29, 11, tzinfo=UTC)),
        (datetime(2026, 10, 26, 8, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)),
    ],
)
def test_it_is_free_until_one_o_clock_in_berlin_the_day_before(starts_at: datetime, until: datetime) -> None:
    assert free_until([ONE_O_CLOCK], starts_at) == until


def test_the_version_of_the_day_of_the_talk_counts_and_where_there_is_none_nothing_is_said() -> None:
    later = FreeCancelling(date(2026, 12, 1), 2, time(9))
    assert free_until([later, ONE_O_CLOCK], datetime(2026, 12, 1, 8, tzinfo=UTC)) == datetime(
        2026, 11, 29, 8, tzinfo=UTC
    )
    assert free_until([later], datetime(2026, 11, 30, 8, tzinfo=UTC)) is None


def test_both_services_count_the_same_moment() -> None:
    told = [
        FreeCancelling(each.valid_from, each.cancel_days_before, each.cancel_free_until)
        for each in lead_times().lead_times
        if each.cancel_days_before is not None and each.cancel_free_until is not None
    ]
    for starts_at in (datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=n, hours=n % 12) for n in range(365)):
        assert free_until(told, starts_at) == fees.free_until(tariff(starts_at.date()), starts_at)


async def engaged(world: World) -> Booking:
    async with world.database.transaction() as conn:
        await store_lead_times.learn(conn, lead_times().lead_times, world.now)
    await world.open_office()
    anna = await world.interpreter()
    return await world.accept(await world.choose(await world.rank(await world.request(), anna)), anna)


@pytest.mark.parametrize(("late", "costs_fee"), [(timedelta(), False), (timedelta(seconds=1), True)])
async def test_a_cancelled_talk_says_when_and_whether_it_costs_the_pot(
    world: World, *, late: timedelta, costs_fee: bool
) -> None:
    booking = await engaged(world)
    assert booking.chosen
    world.now = datetime.combine(booking.chosen.starts_at.date() - timedelta(days=1), time(12), UTC) + late
    await world.cancel(booking, CancelledBy.CASE_MANAGER)
    kept = await world.stored(booking)
    view = BookingView.of(kept, [kept], [], world.now, to_participant=True)
    assert (view.cancelled_by, view.cancelled_at, view.costs_fee) == (CancelledBy.CASE_MANAGER, world.now, costs_fee)


async def test_where_no_interpreter_has_agreed_nothing_is_owed(world: World) -> None:
    await world.open_office()
    alone = await world.choose(await world.request(interpreter_needed=False))
    assert (await world.cancel(alone)).costs_fee is False
    anna = await world.interpreter()
    held = await world.choose(await world.rank(await world.request(), anna))
    assert (await world.cancel(held)).costs_fee is False


async def test_where_the_rule_is_not_known_nothing_is_said_about_a_fee(world: World) -> None:
    await world.open_office()
    anna = await world.interpreter()
    booking = await world.accept(await world.choose(await world.rank(await world.request(), anna)), anna)
    assert (await world.cancel(booking)).costs_fee is None
