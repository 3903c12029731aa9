"""Series of talks: each is a booking of its own, so one is moved or cancelled while the others stay."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from asyncpg import Range

from services.scheduling import commands
from services.scheduling.booking import Booking, State
from services.scheduling.commands_series import SeriesIncomplete
from services.scheduling.resources import Kind, Resource
from services.scheduling.series import Gap, Series, SeriesTooLong, spans
from services.scheduling.series_views import SeriesInput, SeriesView
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.contracts.scheduling import BookingReleased, BookingRequested, BookingTakenOver
from shared.contracts.vocabulary import CancelledBy, ReleaseReason
from shared.ids import new_id
from tests.scheduling.hearing import Hearing
from tests.scheduling.test_api import Api, api  # noqa: F401 -- the fixture
from tests.scheduling.world import World

WEEKLY = "FREQ=WEEKLY;COUNT=4"
FIRST = datetime(2026, 11, 17, 9)  # noqa: DTZ001 -- a Tuesday, by the clocks of Berlin
OFFICE = tuple(Window(day, time(9), time(12)) for day in range(5))


def series(starts: datetime, rrule: str, minutes: int = 60) -> Series:
    return Series(new_id(), new_id(), new_id(), new_id(), starts, rrule, minutes, whole=False)


async def talk(world: World) -> Booking:
    """One that is over: the series is to be like it."""
    await world.open_office()
    return await world.choose(await world.request(interpreter_needed=False))


def states(view: SeriesView) -> list[State | Gap | None]:
    return [each.state or each.gap for each in view.occurrences]


async def bookings(world: World, like: Booking, series_id: UUID) -> list[Booking]:
    return [each for each in await world.of(like.enquiry_id) if each.series_id == series_id]


async def take(world: World, starts: datetime) -> None:
    """The case manager is away for that hour."""
    async with world.database.transaction() as conn:
        await conn.execute(
            "insert into absence values ($1, $2)", world.manager, Range(starts, starts + timedelta(hours=1))
        )


async def test_each_talk_of_a_series_is_a_booking_with_all_that_it_needs(world: World) -> None:
    like = await talk(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    its = await bookings(world, like, series_id)
    assert [each.state for each in its] == [State.CONFIRMED] * 4
    for each in its:
        assert await world.reserved(each, "confirmed") == {like.enquiry_id, world.manager, world.room}
    assert [each.occurrence for each in its] == [
        datetime(2026, 11, 17, 8, tzinfo=UTC) + timedelta(weeks=n) for n in range(4)
    ]
    requested = [each for each in await world.told() if isinstance(each, BookingRequested) and each.series_id]
    assert [each.counselling_id for each in requested] == [each.counselling_id for each in its]
    assert "BookingProposed" not in (await world.names())[3:]


async def test_one_talk_is_moved_and_one_cancelled_while_the_others_stay(world: World) -> None:
    like = await talk(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    first, second, third, fourth = await bookings(world, like, series_id)
    await world.cancel(second)
    moved = await world.choose(await world.move(third), -1)
    view = await world.series(like, series_id)
    assert states(view) == [State.CONFIRMED, State.RELEASED, State.CONFIRMED, State.CONFIRMED]
    assert [each.booking_id for each in view.occurrences] == [
        each.booking_id for each in (first, second, moved, fourth)
    ]
    assert [each.occurrence for each in view.occurrences][2] == third.occurrence
    assert moved.chosen
    assert view.occurrences[2].starts_at == moved.chosen.starts_at
    assert view.occurrences[2].starts_at != third.occurrence
    for stays in (first, fourth):
        assert await world.stored(stays) == stays


async def test_a_series_is_ended_with_its_moved_talks_and_what_has_begun_stays(world: World) -> None:
    like = await talk(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    first, second, third, fourth = await bookings(world, like, series_id)
    await world.move(third)
    assert first.chosen
    world.now = first.chosen.starts_at
    await world.end_series(series_id)
    await world.end_series(series_id)
    assert [(await world.stored(each)).state for each in (first, second, third, fourth)] == [
        State.CONFIRMED,
        *[State.RELEASED] * 3,
    ]
    assert all(
        each.state is State.RELEASED and each.cancelled_by is CancelledBy.CASE_MANAGER
        for each in await bookings(world, like, series_id)
        if each.booking_id != first.booking_id
    )
    assert (await world.series(like, series_id)).ended_at == world.now


async def test_what_cannot_be_had_is_told_with_its_reason_and_the_others_stand(world: World) -> None:
    like = await talk(world)
    await take(world, datetime(2026, 11, 19, 8, tzinfo=UTC))
    starts = datetime(2026, 11, 3, 9)  # noqa: DTZ001 -- tomorrow: before the lead time
    series_id = await world.begin_series(like, starts, "FREQ=DAILY;INTERVAL=4;COUNT=6")
    view = await world.series(like, series_id)
    assert states(view) == [
        Gap.TOO_EARLY,
        Gap.DAY_OFF,
        State.CONFIRMED,
        Gap.DAY_OFF,
        Gap.CASE_MANAGER,
        State.CONFIRMED,
    ]


async def test_of_a_series_that_is_asked_for_as_a_whole_there_is_none_where_one_cannot_be_had(world: World) -> None:
    like = await talk(world)
    await take(world, datetime(2026, 11, 24, 8, tzinfo=UTC))
    told = len(await world.told())
    with pytest.raises(SeriesIncomplete) as refused:
        await world.begin_series(like, FIRST, WEEKLY, whole=True)
    assert refused.value.members == {
        "gaps": [{"starts_at": datetime(2026, 11, 24, 8, tzinfo=UTC), "gap": Gap.CASE_MANAGER}]
    }
    assert await world.of(like.enquiry_id) == [like]
    assert len(await world.told()) == told
    assert await world.database.pool.fetchval("select count(*) from series") == 0


async def test_a_series_of_which_nothing_can_be_had_is_refused_with_all_reasons(world: World) -> None:
    like = await talk(world)
    with pytest.raises(SeriesIncomplete) as refused:
        await world.begin_series(like, FIRST.replace(hour=20), "FREQ=WEEKLY;COUNT=2")
    gaps = refused.value.members["gaps"]
    assert isinstance(gaps, list)
    assert [each["gap"] for each in gaps] == [Gap.CASE_MANAGER, Gap.CASE_MANAGER]


async def test_two_series_that_want_the_same_times_get_each_of_them_once(world: World) -> None:
    like = await talk(world)
    other = await world.request(interpreter_needed=False)
    both = await asyncio.gather(
        world.begin_series(like, FIRST, WEEKLY), world.begin_series(other, FIRST, WEEKLY), return_exceptions=True
    )
    confirmed = [
        each
        for of, series_id in zip((like, other), both, strict=True)
        if isinstance(series_id, UUID)
        for each in await bookings(world, of, series_id)
        if each.state is State.CONFIRMED
    ]
    assert len({each.occurrence for each in confirmed}) == len(confirmed) == 4


async def with_interpreter(world: World) -> tuple[Booking, UUID]:
    await world.open_office()
    anna = await world.interpreter()
    return await world.request(), anna


async def test_with_an_interpreter_each_talk_is_held_as_soon_as_it_is_ranked_who_could_come(world: World) -> None:
    like, anna = await with_interpreter(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    its = await bookings(world, like, series_id)
    assert [each.state for each in its] == [State.RANKING] * 4
    for each in its:
        held = await world.rank(each, anna)
        assert held.state is State.HELD
        assert await world.reserved(held, "held") == {like.enquiry_id, world.manager, world.room, anna}
    await world.accept(its[0], anna)
    assert states(await world.series(like, series_id)) == [State.CONFIRMED, *[State.HELD] * 3]


async def test_a_time_that_is_taken_while_interpreters_are_ranked_leaves_a_gap_and_the_others(world: World) -> None:
    like, anna = await with_interpreter(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    first, second, *_ = await bookings(world, like, series_id)
    await take(world, datetime(2026, 11, 17, 8, tzinfo=UTC))
    assert (await world.rank(first, anna)).reason is ReleaseReason.NO_SLOT
    assert (await world.rank(second, anna)).state is State.HELD
    assert await world.waiting() == set()
    assert await world.settle_series() == 0


async def test_a_whole_series_is_given_up_when_nobody_can_interpret_one_of_its_talks(world: World) -> None:
    like, anna = await with_interpreter(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY, whole=True)
    first, second, *others = await bookings(world, like, series_id)
    await world.rank(first, anna)
    assert await world.settle_series() == 0
    await world.rank(second)
    assert sum(await asyncio.gather(*(world.settle_series() for _ in range(3)))) >= 1
    for each in (first, *others):
        assert (await world.stored(each)).reason is ReleaseReason.SERIES_INCOMPLETE
        assert await world.reserved(each, "held") == set()
    assert await world.settle_series() == 0
    released = [each for each in await world.told() if isinstance(each, BookingReleased)]
    assert [each.reason for each in released].count(ReleaseReason.SERIES_INCOMPLETE) == 3


async def test_once_a_whole_series_was_arranged_what_happens_to_one_talk_leaves_the_others_alone(
    world: World,
) -> None:
    like, anna = await with_interpreter(world)
    series_id = await world.begin_series(like, FIRST, WEEKLY, whole=True)
    its = await bookings(world, like, series_id)
    for each in its:
        await world.rank(each, anna)
        await world.accept(each, anna)
    assert await world.settle_series() == 1
    async with world.database.transaction() as conn:
        await commands.swap(conn, its[0].booking_id, anna, had_agreed=True)
    assert await world.settle_series() == 0
    assert states(await world.series(like, series_id)) == [State.UNMET, *[State.CONFIRMED] * 3]


async def test_the_talks_of_a_series_follow_the_case(hearing: Hearing) -> None:
    world = hearing.world
    like, successor = await talk(world), new_id()
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    await world.put(Resource(successor, Kind.CASE_MANAGER, windows=OFFICE))
    await world.assign(like, successor)
    its = await bookings(world, like, series_id)
    assert {each.case_manager_id for each in its} == {successor}
    assert [each.state for each in its] == [State.CONFIRMED] * 4


def test_the_clocks_time_of_a_series_stays_when_the_clocks_change() -> None:
    found = spans(series(datetime(2026, 10, 13, 10), "FREQ=WEEKLY;COUNT=3"))  # noqa: DTZ001 -- wall time
    assert found == [
        Span(datetime(2026, 10, day, hour, tzinfo=UTC), datetime(2026, 10, day, hour + 1, tzinfo=UTC))
        for day, hour in ((13, 8), (20, 8), (27, 9))
    ]


@pytest.mark.parametrize(
    "rrule", ["FREQ=DAILY", "FREQ=WEEKLY;COUNT=27", "FREQ=MONTHLY;INTERVAL=6;COUNT=4", "FREQ=YEARLY;COUNT=3"]
)
def test_a_series_has_an_end_within_half_a_year_of_weeks(rrule: str) -> None:
    with pytest.raises(SeriesTooLong):
        spans(series(FIRST, rrule))


def test_half_a_year_of_weeks_is_not_too_long() -> None:
    assert len(spans(series(FIRST, "FREQ=WEEKLY;COUNT=26"))) == 26


async def test_the_api_tells_what_can_be_had_and_what_cannot(api: Api, world: World) -> None:  # noqa: F811
    like = await talk(world)
    own, other = api.staff("case_manager", world.manager), api.staff("case_manager")
    body = {"starts": "2026-11-17T09:00:00", "rrule": "FREQ=DAILY;COUNT=6", "whole": False}
    path = f"/bookings/{like.booking_id}/series"
    assert (await api.client.post(path, json=body, headers=other)).status_code == 404
    begun = await api.client.post(path, json=body, headers=own)
    assert begun.status_code == 201
    seen = begun.json()
    assert [each["state"] or each["gap"] for each in seen["occurrences"]] == [
        *["confirmed"] * 4,
        "day_off",
        "day_off",
    ]
    url = f"/series/{seen['series_id']}"
    assert (await api.client.get(url, headers=api.participant(like.enquiry_id))).json() == seen
    refused = await api.client.post(path, json=body | {"whole": True}, headers=own)
    assert (refused.status_code, refused.json()["code"]) == (409, "series-incomplete")
    assert {each["gap"] for each in refused.json()["gaps"]} == {"case_manager", "day_off"}
    ended = (await api.client.post(f"{url}/end", headers=own)).json()
    assert {each["state"] for each in ended["occurrences"]} == {"released", None}
    assert SeriesInput.model_validate(body).rrule == body["rrule"]


async def test_a_series_is_interpreted_also_by_one_who_may_stand_in_with_another_language(world: World) -> None:
    await world.open_office()
    stand_in = await world.interpreter("hr", stands_in_for=["sr"])
    await world.interpreter("ru")
    like = await world.accept(
        await world.choose(await world.rank(await world.request(languages=["sr"]), stand_in)), stand_in
    )
    its = await bookings(world, like, await world.begin_series(like, FIRST, WEEKLY))
    assert [(each.state, each.candidates[0].interpreters) for each in its] == [(State.RANKING, (stand_in,))] * 4


async def test_of_a_series_that_another_case_manager_takes_over_the_participant_is_told_once(world: World) -> None:
    like = await talk(world)
    its = await bookings(world, like, await world.begin_series(like, FIRST, WEEKLY))
    successor = new_id()
    await world.put(Resource(successor, Kind.CASE_MANAGER, windows=OFFICE))
    await world.assign(like, successor)
    told = [each for each in await world.told() if isinstance(each, BookingTakenOver)]
    assert {each.booking_id for each in told} == {like.booking_id, *(each.booking_id for each in its)}
    assert {each.booking_id for each in told if each.announced} == {like.booking_id, its[0].booking_id}
