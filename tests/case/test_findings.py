"""Findings leave once a day, and nothing leads from one to a case."""

import asyncio
from datetime import time, timedelta
from uuid import RFC_4122, UUID

from services.case import commands
from services.case.case import Case
from shared.contracts.case import FindingReported
from shared.contracts.vocabulary import FindingKind, Topic
from tests.case.world import DINSLAKEN, World

MORNING = time(6)


async def report(world: World, case: Case, kind: FindingKind = FindingKind.MISSING_OFFER) -> None:
    assert case.case_manager_id
    async with world.database.transaction() as conn:
        await commands.report_finding(conn, case.case_id, case.case_manager_id, kind, Topic.HOUSING)


async def publish(world: World, at: time = MORNING) -> int:
    async with world.database.transaction() as conn:
        return await commands.publish_findings(conn, at)


async def test_a_finding_waits_for_the_next_batch(world: World) -> None:
    await world.post()
    assert await publish(world) == 0
    await report(world, await world.accept())
    assert await publish(world) == 0
    world.pass_time(timedelta(days=1) - timedelta(hours=6, minutes=1))
    assert await publish(world) == 0
    world.pass_time(timedelta(minutes=1))
    assert await publish(world) == 1
    told = await world.last(FindingReported)
    assert (told.ags, told.kind, told.about) == (DINSLAKEN, FindingKind.MISSING_OFFER, Topic.HOUSING)
    assert told.reported_on == world.today
    world.pass_time(timedelta(days=1))
    assert await publish(world) == 0


async def test_the_time_of_the_batch_is_that_of_berlin(world: World) -> None:
    await world.post()
    await report(world, await world.accept())
    assert await publish(world, time(23, 59)) == 1
    world.pass_time(timedelta(hours=11, minutes=58))
    await report(world, await world.accept())
    assert await publish(world, time(23, 59)) == 0
    world.pass_time(timedelta(minutes=1))
    assert await publish(world, time(23, 59)) == 1


async def test_a_missed_batch_is_made_up_for(world: World) -> None:
    await world.post()
    assert await publish(world) == 0
    await report(world, await world.accept())
    world.pass_time(timedelta(days=5))
    assert await publish(world) == 1


async def test_two_processes_send_one_batch(world: World) -> None:
    await world.post()
    case = await world.accept()
    for _ in range(3):
        await report(world, case)
    assert sorted(await asyncio.gather(publish(world), publish(world))) == [0, 3]


async def test_nothing_leads_from_a_finding_to_its_case(world: World) -> None:
    """Neither an id nor a time: not in its row, not in what is told, not in the order."""
    await world.post()
    cases = [await world.accept() for _ in range(8)]
    kinds = [*FindingKind, *FindingKind][: len(cases)]
    for case, kind in zip(cases, kinds, strict=True):
        await report(world, case, kind)
    rows = await world.database.pool.fetch("select * from finding")
    assert {tuple(row.keys()) for row in rows} == {("id", "ags", "kind", "about")}
    assert all((row["id"].version, row["id"].variant) == (4, RFC_4122) for row in rows)
    assert await publish(world) == len(cases)
    told = [event for event in await world.told() if isinstance(event, FindingReported)]
    assert [event.finding_id for event in told] == sorted(row["id"] for row in rows)
    for event in told:
        assert not any(_names(event, case) for case in cases)
    assert await world.database.pool.fetchval("select count(*) from finding") == 0


def _names(event: FindingReported, case: Case) -> bool:
    ids: tuple[UUID | None, ...] = (case.case_id, case.enquiry_id, case.case_manager_id)
    return any(str(id) in event.model_dump_json() for id in ids)
