"""Absences that are announced: what begins with their first day, and who sees which cases nobody looks after."""

from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest

from services.case import commands_posts
from services.case.choice import Obstacle
from services.case.commands_posts import Moved
from services.case.manager import CaseManager
from shared.contracts.case import CaseAssigned
from shared.errors import NotFound
from shared.ids import new_id
from tests.case.callers import Caller, Callers
from tests.case.world import DINSLAKEN, MOERS, World

WEEK = timedelta(days=7)


async def announce(
    world: World, manager: CaseManager, days: int, until: date | None = None, **how: bool
) -> list[Moved]:
    """An absence that begins in so many days."""
    async with world.database.transaction() as conn:
        return await commands_posts.fall_ill(conn, manager.id, world.today + timedelta(days=days), until, **how)


async def begin(world: World) -> int:
    async with world.database.transaction() as conn:
        return await commands_posts.begin_absences(conn)


async def break_off(world: World) -> None:
    async with world.database.transaction() as conn:
        assert await commands_posts.begin_absences(conn) == 1
        await conn.execute("select 1 / 0")


async def uncovered(caller: Caller, **query: str) -> list[Any]:
    return (await caller.get("/uncovered-cases", **query)).json()  # type: ignore[no-any-return]


async def test_an_absence_that_was_announced_moves_every_open_case_on_its_first_day_and_once(world: World) -> None:
    leaving = await world.post()
    cases = [await world.accept() for _ in range(3)]
    closed = await world.close(cases.pop())
    colleague = await world.post()
    assert await announce(world, leaving, 7) == []
    assert await begin(world) == 0
    assert {(await world.stored(case)).case_manager_id for case in cases} == {leaving.id}
    world.pass_time(WEEK)
    assert await begin(world) == 1
    assert {(await world.stored(case)).case_manager_id for case in cases} == {colleague.id}
    assert (await world.stored(closed)).case_manager_id == leaving.id
    told = len(await world.told())
    assert await begin(world) == 0
    assert len(await world.told()) == told


async def test_an_absence_takes_no_case_from_its_first_day_on(world: World) -> None:
    leaving = await world.post()
    await announce(world, leaving, 7, world.today + 2 * WEEK)
    before = await world.accept()
    world.pass_time(WEEK)
    during = await world.accept()
    world.pass_time(WEEK + timedelta(days=1))
    after = await world.accept()
    assert [case.case_manager_id for case in (before, during, after)] == [leaving.id, None, leaving.id]


async def test_where_the_beginning_is_broken_off_it_begins_again(world: World) -> None:
    leaving, case = await world.post(), await world.accept()
    colleague = await world.post()
    await announce(world, leaving, 7)
    world.pass_time(WEEK)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await break_off(world)
    assert (await world.stored(case)).case_manager_id == leaving.id
    assert await begin(world) == 1
    assert (await world.stored(case)).case_manager_id == colleague.id


async def test_an_absence_that_is_over_before_anybody_looked_moves_nothing(world: World) -> None:
    leaving, case = await world.post(), await world.accept()
    await world.post()
    await announce(world, leaving, 1, world.today + timedelta(days=2))
    world.pass_time(WEEK)
    assert await begin(world) == 0
    assert (await world.stored(case)).case_manager_id == leaving.id


async def test_an_absence_can_be_announced_without_moving_anything(world: World, api: Callers) -> None:
    leaving, case = await world.post(), await world.accept()
    await world.post()
    administrator, path = api.role("administrator"), f"/case-managers/{leaving.id}/absence"
    for days in (0, 7):
        body = {"absent_from": (world.today + timedelta(days=days)).isoformat(), "moves_cases": False}
        answer = await administrator.call("POST", path, body)
        assert (answer.status_code, answer.json()) == (200, [])
    world.pass_time(WEEK)
    assert await begin(world) == 0
    assert (await world.stored(case)).case_manager_id == leaving.id


async def test_the_latest_announcement_counts(world: World) -> None:
    leaving, case = await world.post(), await world.accept()
    await world.post()
    await announce(world, leaving, 7)
    await announce(world, leaving, 14)
    world.pass_time(WEEK)
    assert await begin(world) == 0
    assert (await world.stored(case)).case_manager_id == leaving.id
    world.pass_time(WEEK)
    assert await begin(world) == 1
    with pytest.raises(NotFound):
        await announce(world, CaseManager(new_id(), leaving.fte, frozenset(), frozenset(), frozenset()), 7)


async def test_a_post_that_is_corrected_keeps_what_was_announced_while_its_absence_stays(world: World) -> None:
    leaving, case = await world.post(), await world.accept()
    await world.post()
    await announce(world, leaving, 7)
    starts = world.today + WEEK
    await world.post(id=leaving.id, languages=frozenset({"de", "ar"}), absent_from=starts)
    world.pass_time(WEEK)
    assert await begin(world) == 1
    assert (await world.stored(case)).case_manager_id != leaving.id
    await announce(world, leaving, 7)
    await world.post(id=leaving.id, absent_from=world.today + 2 * WEEK)
    world.pass_time(2 * WEEK)
    assert await begin(world) == 0, "the absence is another one, and its cases stay"


async def test_on_the_first_day_the_supervisor_and_the_administrator_see_which_cases_nobody_looks_after(
    world: World, api: Callers
) -> None:
    supervisor, other = await world.post(municipalities=frozenset()), await world.post(municipalities=frozenset())
    leaving = await world.post(supervisor_id=supervisor.id)
    case = await world.accept()
    await world.close(await world.accept())
    waiting = await world.accept(ags=MOERS)
    until = world.today + 2 * WEEK
    await announce(world, leaving, 7, until, moves_cases=False)
    lead, stranger, office = (
        api.role("case_manager", supervisor.id),
        api.role("case_manager", other.id),
        api.role("administrator"),
    )
    assert [each["case_id"] for each in await uncovered(office)] == [str(waiting.case_id)]
    assert await uncovered(lead) == []
    world.pass_time(WEEK)
    expected = {
        "case_id": str(case.case_id),
        "ags": DINSLAKEN,
        "phase": "clarification",
        "case_manager_id": str(leaving.id),
        "absent_from": world.today.isoformat(),
        "absent_until": until.isoformat(),
    }
    assert await uncovered(lead) == [expected]
    [first, second] = await uncovered(office)
    assert (first, second["case_id"], second["case_manager_id"]) == (expected, str(waiting.case_id), None)
    assert [each["case_id"] for each in await uncovered(office, limit="1", after=first["case_id"])] == [
        str(waiting.case_id)
    ]
    assert await uncovered(stranger) == []
    assert (await api.role("clerk").get("/uncovered-cases")).status_code == 403
    world.pass_time(2 * WEEK)
    assert await uncovered(lead) == []


async def test_it_is_a_task_of_the_supervisor(world: World, api: Callers) -> None:
    supervisor = await world.post(municipalities=frozenset())
    leaving, case = await world.post(supervisor_id=supervisor.id), await world.accept()
    await announce(world, leaving, 0, moves_cases=False)
    [task] = (await api.role("case_manager", supervisor.id).get("/tasks")).json()
    assert (task["case_id"], task["uncovered_since"]) == (str(case.case_id), world.today.isoformat())
    assert (await api.manager_of(case).get("/tasks")).json() == []


async def test_each_choice_on_the_first_day_explains_itself(world: World, api: Callers) -> None:
    leaving, case = await world.post(), await world.accept()
    colleague = await world.post()
    await announce(world, leaving, 7)
    world.pass_time(WEEK)
    await begin(world)
    told = await world.last(CaseAssigned)
    assert (told.case_id, told.case_manager_id) == (case.case_id, colleague.id)
    choice = (await api.manager_of(await world.stored(case)).get(f"/cases/{case.case_id}/choice")).json()
    assert choice["excluded"] == [{"case_manager_id": str(leaving.id), "obstacle": Obstacle.NOT_AVAILABLE}]


async def test_a_correction_that_does_not_name_the_absence_leaves_it_as_it_is(world: World, api: Callers) -> None:
    ill, administrator = await world.post(), api.role("administrator")
    await announce(world, ill, 0)
    known = {"fte": "1", "municipalities": [DINSLAKEN], "languages": ["de"], "topics": ["housing"]}
    path = f"/case-managers/{ill.id}"
    assert (await administrator.call("PUT", path, known | {"languages": ["de", "ar"]})).status_code == 204
    waiting = await world.accept()
    assert waiting.case_manager_id is None
    assert (await administrator.call("PUT", path, known | {"absent_from": None})).status_code == 204
    assert await world.assign_waiting() == 1
    assert (await world.stored(waiting)).case_manager_id == ill.id


async def test_a_correction_that_does_not_name_the_absence_moves_the_cases_when_it_begins(
    world: World, api: Callers
) -> None:
    leaving, case = await world.post(), await world.accept()
    colleague = await world.post()
    await announce(world, leaving, 7)
    known = {"fte": "1", "municipalities": [DINSLAKEN], "languages": ["ar"], "topics": ["housing"]}
    answer = await api.role("administrator").call("PUT", f"/case-managers/{leaving.id}", known)
    assert answer.status_code == 204
    world.pass_time(WEEK)
    assert await begin(world) == 1
    assert (await world.stored(case)).case_manager_id == colleague.id
