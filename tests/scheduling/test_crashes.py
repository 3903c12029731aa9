"""Each step of a booking survives a crash and a repetition: all of it happens or nothing, and it happens once."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from services.scheduling import commands, commands_cases, commands_series, commands_waiting
from services.scheduling.booking import Booking
from shared.contracts.interpreter import CandidatesRanked, RankedSlot
from shared.contracts.vocabulary import CancelledBy
from shared.database import Connection
from shared.errors import DomainError
from tests.scheduling.test_asking_order import reordered
from tests.scheduling.test_handing_on import AFTERNOONS, another, assigned, unassigned
from tests.scheduling.test_series import FIRST, WEEKLY
from tests.scheduling.test_waiting import asks, full
from tests.scheduling.world import World, asked

Step = Callable[[Connection], Awaitable[Any]]


async def ranking(world: World) -> tuple[Booking, list[Any]]:
    await world.open_office()
    people = [await world.interpreter() for _ in range(2)]
    return await world.request(), people


async def proposed(world: World) -> tuple[Booking, list[Any]]:
    booking, people = await ranking(world)
    return await world.rank(booking, *people), people


async def held(world: World) -> tuple[Booking, list[Any]]:
    booking, people = await proposed(world)
    return await world.choose(booking), people


async def confirmed(world: World) -> tuple[Booking, list[Any]]:
    booking, people = await held(world)
    return await world.accept(booking, people[0]), people


async def request(world: World) -> Step:
    await world.open_office()
    told = asked(case_manager_id=world.manager, interpreter_needed=False)
    return lambda conn: commands.request(conn, told)


async def rank(world: World) -> Step:
    booking, people = await ranking(world)
    slots = [RankedSlot(slot_id=c.slot_id, interpreter_ids=people, language="ti") for c in booking.candidates]
    answer = CandidatesRanked(booking_id=booking.booking_id, slots=slots)
    return lambda conn: commands.rank(conn, answer)


async def reorder(world: World) -> Step:
    booking, (first, second) = await proposed(world)
    told = reordered(booking, (second, "ti"), (first, "ti"))
    return lambda conn: commands.reorder(conn, told)


async def choose(world: World) -> Step:
    booking, _ = await proposed(world)
    return lambda conn: commands.choose(conn, booking.booking_id, booking.candidates[0].slot_id)


async def accept(world: World) -> Step:
    booking, people = await held(world)
    return lambda conn: commands.accept(conn, booking.booking_id, people[0])


async def decline(world: World) -> Step:
    booking, people = await held(world)
    return lambda conn: commands.swap(conn, booking.booking_id, people[0])


async def decline_as_the_last(world: World) -> Step:
    booking, people = await held(world)
    await world.refuse(booking, people[0])
    return lambda conn: commands.swap(conn, booking.booking_id, people[1])


async def give_back(world: World) -> Step:
    booking, people = await confirmed(world)
    return lambda conn: commands.swap(conn, booking.booking_id, people[0], had_agreed=True)


async def cancel(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands.cancel(conn, booking.booking_id, CancelledBy.PARTICIPANT)


async def move(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands.move(conn, booking.booking_id)


async def confirm_the_new_time(world: World) -> Step:
    booking, people = await confirmed(world)
    moved = await world.choose(await world.rank(await world.move(booking), *people))
    return lambda conn: commands.accept(conn, moved.booking_id, people[0])


async def attend(world: World) -> Step:
    booking, _ = await confirmed(world)
    world.pass_time(timedelta(days=30))
    return lambda conn: commands.check_in(conn, booking.booking_id, attended=True)


async def miss(world: World) -> Step:
    booking, _ = await confirmed(world)
    world.pass_time(timedelta(days=30))
    return lambda conn: commands.check_in(conn, booking.booking_id, attended=False)


async def let_the_hold_expire(world: World) -> Step:
    await held(world)
    world.pass_time(timedelta(days=2))
    return commands.expire_one


async def let_the_proposal_expire(world: World) -> Step:
    await proposed(world)
    world.pass_time(timedelta(days=7))
    return commands.expire_one


async def search_again(world: World) -> Step:
    await world.open_office()
    await world.request(interpreter_needed=False)
    world.pass_time(timedelta(days=6))
    return commands.search_one_again


async def remind(world: World) -> Step:
    booking, _ = await confirmed(world)
    assert booking.chosen
    world.now = booking.chosen.starts_at - timedelta(hours=12)
    return lambda conn: commands.remind_one(conn, timedelta(days=1))


async def be_taken_over(world: World) -> Step:
    booking, _ = await confirmed(world)
    told = assigned(booking, await another(world))
    return lambda conn: commands_cases.assigned(conn, told)


async def be_searched_with_another(world: World) -> Step:
    booking, _ = await confirmed(world)
    told = assigned(booking, await another(world, AFTERNOONS))
    return lambda conn: commands_cases.assigned(conn, told)


async def be_left_by_all(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands_cases.unassigned(conn, unassigned(booking))


async def close_the_case(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands_cases.close_case(conn, booking.case_id, booking.enquiry_id)


async def withdraw(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands_cases.withdraw(conn, booking.enquiry_id)


async def take_back_the_consent(world: World) -> Step:
    booking, _ = await confirmed(world)
    return lambda conn: commands_cases.end_counselling(conn, booking.enquiry_id)


async def offer_freed_time(world: World) -> Step:
    first, *_ = await full(world)
    await asks(world)
    await world.offer_freed()
    await world.cancel(first)
    return commands_waiting.offer_freed_one


async def look_again_for_one_who_waits(world: World) -> Step:
    await full(world)
    await asks(world)
    world.pass_time(timedelta(days=7))
    return commands_waiting.look_again_one


async def end_a_series(world: World) -> Step:
    await world.open_office()
    like = await world.request(interpreter_needed=False)
    series_id = await world.begin_series(like, FIRST, WEEKLY)
    return lambda conn: commands_series.end(conn, series_id)


async def give_up_a_series(world: World) -> Step:
    booking, people = await ranking(world)
    await world.begin_series(booking, FIRST, WEEKLY, whole=True)
    one, *others = [each for each in await world.of(booking.enquiry_id) if each.series_id]
    await world.rank(one)
    for other in others:
        await world.rank(other, *people)
    return commands_series.settle_one


STEPS = (
    request, rank, reorder, choose, accept, decline, decline_as_the_last, give_back, cancel, move,
    confirm_the_new_time, attend,
    miss, let_the_hold_expire, let_the_proposal_expire, search_again, remind, be_taken_over, be_searched_with_another,
    be_left_by_all, close_the_case, withdraw, take_back_the_consent, offer_freed_time, look_again_for_one_who_waits,
    end_a_series, give_up_a_series,
)  # fmt: skip


class Kept(NamedTuple):
    table: str
    rows: str


async def kept(world: World) -> list[Kept]:
    """All that is stored, what is to be told included."""
    names = await world.database.pool.fetch("select tablename from pg_tables where schemaname = 'public' order by 1")
    rows = "select coalesce(string_agg(row::text, '\n' order by row::text), '') from {} row"
    return [
        Kept(name, await world.database.pool.fetchval(rows.format(name)))
        for name in (row["tablename"] for row in names)
    ]


async def crash_after(world: World, step: Step) -> None:
    async with world.database.transaction() as conn:
        await step(conn)
        raise ConnectionError


@pytest.mark.parametrize("prepare", STEPS, ids=lambda step: step.__name__)
async def test_a_step_that_crashes_has_changed_nothing_and_is_taken_once_however_often_it_is_repeated(
    world: World, prepare: Callable[[World], Awaitable[Step]]
) -> None:
    step = await prepare(world)
    before = await kept(world)
    with pytest.raises(ConnectionError):
        await crash_after(world, step)
    assert await kept(world) == before
    async with world.database.transaction() as conn:
        await step(conn)
    taken = await kept(world)
    assert taken != before
    await repeat(world, step)
    assert _of_bookings(await kept(world)) == _of_bookings(taken)


async def repeat(world: World, step: Step) -> None:
    """It may be refused by a name, or find nothing to do."""
    with suppress(DomainError):
        async with world.database.transaction() as conn:
            await step(conn)


def _of_bookings(all_kept: list[Kept]) -> list[Kept]:
    """But for freed time, which is looked at until nobody can use it."""
    return [each for each in all_kept if each.table != "freed_time"]
