"""Cases of one person: seen as such after a merge, and each with its own person again after the undo."""

from uuid import UUID

import pytest

from shared.contracts.person import PersonMerged, PersonMergeUndone
from tests.case.world import World


async def told(world: World, event: type[PersonMerged | PersonMergeUndone], people: dict[UUID, UUID]) -> None:
    """`people`: enquiry -> person; the first one is the survivor."""
    (_, survivor), (merged_enquiry, merged) = people.items()
    await world.hear(
        event(
            person_id=merged,
            survivor_id=survivor,
            merged_enquiry_ids=[merged_enquiry],
            enquiry_ids=list(people),
        )
    )


@pytest.mark.parametrize("withdrawn", [False, True])
async def test_both_cases_name_the_survivor_until_the_merge_is_undone(world: World, *, withdrawn: bool) -> None:
    cases = [await world.accept(), await world.accept()]
    people = {case.enquiry_id: await world.register(case.enquiry_id) for case in cases}
    survivor, merged = people.values()
    await told(world, PersonMerged, people)
    assert [(await world.stored(case)).person_id for case in cases] == [survivor, survivor]
    if withdrawn:
        await world.withdraw(cases[1].enquiry_id)
    await told(world, PersonMergeUndone, people)
    assert [(await world.stored(case)).person_id for case in cases] == [survivor, merged]


async def test_an_erased_person_is_linked_to_nobody_again(world: World) -> None:
    cases = [await world.accept(), await world.accept()]
    people = {case.enquiry_id: await world.register(case.enquiry_id) for case in cases}
    await told(world, PersonMerged, people)
    await world.erase(*people)
    await told(world, PersonMergeUndone, people)
    assert await world.database.pool.fetch("select person_id from enquiry where person_id is not null") == []
