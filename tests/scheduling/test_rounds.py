"""Several interpreters asked in one round are all held, so that none who accepts is taken elsewhere meanwhile."""

import pytest

from services.scheduling import refusals
from services.scheduling.booking import State
from shared.contracts.scheduling import BookingHeld, InterpreterSwapped
from tests.scheduling.world import World


async def test_a_round_is_held_together_and_whoever_accepts_first_stays(world: World) -> None:
    await world.open_office()
    anna, birgit, celia = [await world.interpreter() for _ in range(3)]
    booking = await world.choose(await world.rank(await world.request(), anna, birgit, celia, at_once=2))
    assert (await world.last(BookingHeld)).also_asked == [birgit]
    assert {anna, birgit} < await world.reserved(booking, "held")
    booking = await world.accept(booking, birgit)
    assert await world.reserved(booking, "confirmed") == {booking.enquiry_id, world.manager, world.room, birgit}
    assert await world.reserved(booking, "released") == {anna}
    with pytest.raises(refusals.NothingHeld):
        await world.accept(booking, anna)


async def test_the_next_round_is_asked_when_all_of_one_have_declined(world: World) -> None:
    await world.open_office()
    anna, birgit, celia = [await world.interpreter() for _ in range(3)]
    booking = await world.choose(await world.rank(await world.request(), anna, birgit, celia, at_once=2))
    await world.refuse(booking, anna)
    assert "InterpreterSwapped" not in await world.names()
    assert anna in await world.reserved(booking, "released")
    booking = await world.refuse(booking, birgit)
    assert (await world.last(InterpreterSwapped)).interpreter_id == celia
    assert (await world.refuse(booking, celia)).state is State.UNMET
    assert await world.reserved(booking, "held") == set()
