"""After a plan was adopted, others are asked first; the slot stays the participant's to choose."""

from uuid import UUID

import pytest

from services.scheduling import commands, refusals
from services.scheduling.booking import Booking
from shared.contracts.interpreter import Asked, CandidatesReordered, ReorderedSlot
from shared.contracts.scheduling import BookingHeld, InterpreterSwapped
from shared.ids import new_id
from tests.scheduling.world import World


def reordered(booking: Booking, *asked: tuple[UUID, str], slots: int = 99) -> CandidatesReordered:
    """The same order in that many of the slots."""
    people = [Asked(interpreter_id=who, language=language) for who, language in asked]
    return CandidatesReordered(
        booking_id=booking.booking_id,
        enquiry_id=booking.enquiry_id,
        plan_id=new_id(),
        slots=[ReorderedSlot(slot_id=c.slot_id, asked=people) for c in booking.candidates[:slots]],
        reordered_on=booking.requested_at.date(),
    )


async def reorder(world: World, told: CandidatesReordered) -> Booking:
    async with world.database.transaction() as conn:
        return await commands.reorder(conn, told)


async def test_whoever_the_plan_wants_is_held_first_in_the_slot_that_the_participant_chooses(world: World) -> None:
    await world.open_office()
    first, planned = [await world.interpreter() for _ in range(2)]
    booking = await world.rank(await world.request(), first, planned)
    ordered = await reorder(world, reordered(booking, (planned, "ti"), (first, "ti"), slots=1))
    assert [c.slot_id for c in ordered.candidates] == [c.slot_id for c in booking.candidates]
    assert [c.interpreters[0] for c in ordered.candidates] == [planned, first, first]
    held = await world.choose(booking, 0)
    assert held.interpreter_id == planned
    assert (await world.refuse(held, planned)).interpreter_id == first


async def test_one_who_speaks_another_language_of_the_participant_is_asked_for_that_one(world: World) -> None:
    await world.open_office()
    tigrinya, arabic = await world.interpreter("ti"), await world.interpreter("ar")
    booking = await world.rank(await world.request(languages=["ti", "ar"]), tigrinya, at_once=2)
    await reorder(world, reordered(booking, (arabic, "ar"), (tigrinya, "ti")))
    held = await world.choose(booking)
    assert held.round == (arabic,), "a round is of one language"
    await world.refuse(held, arabic)
    asked = await world.last(BookingHeld)
    swapped = await world.last(InterpreterSwapped)
    assert (asked.interpreter_id, asked.language) == (arabic, "ar")
    assert (swapped.interpreter_id, swapped.language) == (tigrinya, "ti")


async def test_once_a_slot_is_chosen_the_order_stands(world: World) -> None:
    await world.open_office()
    first, planned = [await world.interpreter() for _ in range(2)]
    booking = await world.rank(await world.request(), first, planned)
    held = await world.choose(booking)
    with pytest.raises(refusals.NothingProposed):
        await reorder(world, reordered(booking, (planned, "ti"), (first, "ti")))
    assert held.interpreter_id == first


async def test_an_order_of_slots_that_are_proposed_no_more_is_outdated(world: World) -> None:
    await world.open_office()
    who = await world.interpreter()
    booking = await world.rank(await world.request(), who)
    with pytest.raises(refusals.RankingOutdated):
        await reorder(world, reordered(booking, (who, "ti"), slots=0))
