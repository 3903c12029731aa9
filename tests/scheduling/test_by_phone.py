"""By phone and by video, an interpreter from anywhere can be asked: nobody travels."""

import pytest

from services.scheduling import explaining
from services.scheduling.booking import Booking, State
from services.scheduling.shortage import Change, Missing
from shared.clock import BERLIN
from shared.contracts.vocabulary import Mode
from tests.scheduling.world import MOERS, World

REMOTE = pytest.mark.parametrize("mode", [Mode.PHONE, Mode.VIDEO])


@REMOTE
async def test_one_who_serves_another_municipality_only_is_found_for_a_talk_without_travel(
    world: World, mode: Mode
) -> None:
    await world.open_office()
    anna = await world.interpreter(serves=MOERS)
    booking = await world.request(mode=mode)
    assert booking.state is State.RANKING
    assert {who for candidate in booking.candidates for who in candidate.interpreters} == {anna}
    assert (await world.choose(await world.rank(booking, anna))).interpreter_id == anna


@pytest.mark.parametrize("mode", [Mode.IN_PERSON, Mode.HOME_VISIT])
async def test_where_somebody_has_to_travel_only_who_serves_the_municipality_is_found(world: World, mode: Mode) -> None:
    await world.open_office()
    await world.interpreter(serves=MOERS)
    assert (await world.request(mode=mode)).state is State.UNMET


async def test_a_shortage_tells_that_by_phone_one_from_elsewhere_could_be_had(world: World) -> None:
    await world.open_office()
    await world.interpreter(serves=MOERS)
    booking = await world.request()
    async with world.database.read() as conn:
        told = await explaining.explain(conn, booking, world.now)
    assert told.missing is Missing.INTERPRETER
    assert [relief.change for relief in told.reliefs] == [Change.BY_PHONE]


async def test_a_series_by_phone_takes_one_from_elsewhere(world: World) -> None:
    await world.open_office()
    anna = await world.interpreter(serves=MOERS)
    like = await world.rank(await world.request(mode=Mode.PHONE), anna)
    starts = like.candidates[-1].starts_at.astimezone(BERLIN).replace(tzinfo=None)
    series_id = await world.begin_series(like, starts, "FREQ=WEEKLY;COUNT=2")
    shown = (await world.series(like, series_id)).occurrences
    assert [talk.gap for talk in shown] == [None, None]


async def test_one_who_waits_for_a_talk_by_phone_is_offered_what_an_interpreter_from_elsewhere_gets_free(
    world: World,
) -> None:
    await world.open_office()
    waiting = await world.request(mode=Mode.PHONE)
    assert waiting.state is State.UNMET
    await world.interpreter(serves=MOERS)
    assert await world.waiting() == {waiting.booking_id}
    await world.offer_freed()
    offers: list[Booking] = await world.others_of([waiting])
    assert [offer.state for offer in offers] == [State.RANKING]
