"""Of busy times only what matters is read; by phone, at home and in the offices it is something else."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduling import store_calendars as calendars
from services.scheduling import store_reservations as reservations
from services.scheduling.booking import State
from services.scheduling.calendars import Busy, Sight
from services.scheduling.resources import Kind, Resource
from services.scheduling.spans import Span
from services.scheduling.store_calendars import Near
from services.scheduling.windows import berlin_date
from shared.contracts.vocabulary import Mode
from shared.ids import new_id
from shared.travel import WITHIN
from tests.scheduling.world import DINSLAKEN, MOERS, OFFICE_HOURS, World

QUARTER = timedelta(minutes=15)


async def _busy_somewhere(world: World) -> list[UUID]:
    """Each is busy for half an hour: at every quarter of a morning, and at every kind of place."""
    booking = await world.request(interpreter_needed=False)
    starts = world.now + timedelta(days=7, hours=-1)
    people = []
    for place in (None, DINSLAKEN, MOERS, f"{DINSLAKEN}/{booking.enquiry_id}"):
        for quarter in range(12):
            person = new_id()
            await world.put(Resource(person, Kind.CASE_MANAGER, windows=OFFICE_HOURS))
            begins = starts + quarter * QUARTER
            async with world.database.transaction() as conn:
                busy = Busy(Span(begins, begins + 2 * QUARTER), place)
                await reservations.hold(conn, booking.booking_id, [person], busy, world.now + timedelta(days=30))
            people.append(person)
    return people


async def test_with_the_busy_times_near_by_everybody_is_free_exactly_when_they_are_with_all(world: World) -> None:
    people = await _busy_somewhere(world)
    starts = world.now + timedelta(days=7, minutes=15)
    span = Span(starts, starts + 4 * QUARTER)
    for place in (None, DINSLAKEN, MOERS, f"{DINSLAKEN}/{new_id()}"):
        async with world.database.read() as conn:
            whole = await calendars.calendars(conn, people, world.now)
            near = await calendars.calendars(conn, people, world.now, Near([span], place))
        free, read = [
            {who for who in people if Sight(known[who], place).is_free(span, berlin_date(starts))}
            for known in (whole, near)
        ]
        assert 0 < len(free) < len(people)
        assert read == free
        needed = len(people) - len(free)
        assert needed <= sum(len(one.busy) for one in near.values()) < len(people), "hardly more than matters"


@pytest.mark.parametrize("mode", [Mode.PHONE, Mode.VIDEO, Mode.HOME_VISIT])
async def test_only_a_talk_in_the_offices_takes_a_room(world: World, mode: Mode) -> None:
    await world.open_office()
    booking = await world.choose(await world.request(interpreter_needed=False, mode=mode))
    assert (booking.state, booking.room_id) == (State.CONFIRMED, None)
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.manager}


@pytest.mark.parametrize(
    ("mode", "way"),
    [(Mode.HOME_VISIT, True), (Mode.PHONE, False), (Mode.VIDEO, False), (Mode.IN_PERSON, False)],
)
async def test_between_the_offices_and_a_home_there_is_a_way(world: World, mode: Mode, *, way: bool) -> None:
    """The case manager has a talk in the offices from nine to ten."""
    await world.open_office()
    first = await world.choose(await world.request(interpreter_needed=False))
    assert first.chosen
    second = await world.request(interpreter_needed=False, mode=mode)
    same_day = [
        c.starts_at for c in second.candidates if berlin_date(c.starts_at) == berlin_date(first.chosen.starts_at)
    ]
    assert same_day == [first.chosen.ends_at + (WITHIN.time if way else timedelta())]


async def test_between_two_homes_there_is_a_way_too(world: World) -> None:
    await world.open_office()
    first = await world.choose(await world.request(interpreter_needed=False, mode=Mode.HOME_VISIT))
    again = await world.request(interpreter_needed=False, mode=Mode.HOME_VISIT, enquiry_id=first.enquiry_id)
    other = await world.request(interpreter_needed=False, mode=Mode.HOME_VISIT)
    assert first.chosen
    assert again.candidates[0].starts_at == first.chosen.ends_at
    assert other.candidates[0].starts_at == first.chosen.ends_at + WITHIN.time
