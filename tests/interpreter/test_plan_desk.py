"""Plans are computed by processes of their own: one after the other, within a limit, and by others after a crash."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest

from services.interpreter import commands_plans
from services.interpreter.plan_contents import Stage
from services.interpreter.plan_desk import PlanDesk
from services.interpreter.plans import Fault, Progress
from shared.clock import now
from tests.interpreter.agency import Agency
from tests.interpreter.people import Booking, slot
from tests.interpreter.planning import ask, chosen, compute, look
from tests.waiting import eventually

ENDLESS, BABBLING = "tests.interpreter.workers.endless", "tests.interpreter.workers.babbling"


@pytest.fixture
def leaves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a process that never ends says which one it is."""
    path = tmp_path / "worker"
    monkeypatch.setenv("WORKER_LEAVES", str(path))
    return path


def lives(leaves: Path) -> bool:
    """False also where it was ended before it could say anything."""
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(int(leaves.read_text(encoding="ascii")), 0)
        return True
    return False


async def test_plans_are_computed_one_after_the_other_each_once(agency: Agency, database_url: str) -> None:
    who, booking = (await agency.knows()).id, Booking()
    await agency.hears(booking.requested((slot(), [who])))
    paths = [(await ask(agency)).headers["location"] for _ in range(2)]
    desks = [PlanDesk(database_url) for _ in range(2)]
    await asyncio.gather(*(desk.run(agency.db) for desk in desks))
    found = [await look(agency, path) for path in paths]
    assert [(each["state"], each["percent"], chosen(each)) for each in found] == [("ready", 100, {booking.id: who})] * 2
    assert await agency.db.pool.fetchval("select sum(attempts) from assignment_plan") == 2


async def test_a_plan_that_takes_too_long_has_failed(agency: Agency, database_url: str, leaves: Path) -> None:
    path = (await ask(agency)).headers["location"]
    await PlanDesk(database_url, worker=ENDLESS, seconds=1).run(agency.db)
    found = await look(agency, path)
    assert (found["state"], found["fault"]) == ("failed", "time_limit")
    assert not lives(leaves)


async def reached(agency: Agency, path: str, percent: int) -> bool:
    return bool((await look(agency, path))["percent"] == percent)


@pytest.mark.parametrize("worker", [BABBLING, "services.interpreter.is_not_there"])
async def test_a_process_that_dies_or_babbles_is_a_plan_that_failed(
    agency: Agency, database_url: str, worker: str
) -> None:
    path = (await ask(agency)).headers["location"]
    await PlanDesk(database_url, worker=worker).run(agency.db)
    found = await look(agency, path)
    assert (found["state"], found["fault"]) == ("failed", "worker_failed")
    refused = await agency.client.post(
        f"{path}/adoption", headers=agency.token("administrator") | {"If-Match": f'"{found["version"]}"'}
    )
    assert refused.json()["code"] == "plan-failed"


async def test_a_service_that_ends_leaves_its_plan_to_another_once_the_lease_is_over(
    agency: Agency, database_url: str, leaves: Path
) -> None:
    path = (await ask(agency)).headers["location"]
    computing = asyncio.create_task(PlanDesk(database_url, worker=ENDLESS).run(agency.db))
    await eventually(lambda: reached(agency, path, 64))
    computing.cancel()
    await asyncio.wait([computing])
    assert computing.cancelled()
    assert not lives(leaves)
    async with agency.db.transaction() as conn:
        assert await commands_plans.claim(conn) is None, "somebody may be at it still"
    await agency.db.pool.execute("update assignment_plan set due_at = $1", now())
    await compute(agency)
    assert (await look(agency, path))["state"] == "ready"


async def test_who_was_thought_dead_changes_nothing_any_more(agency: Agency) -> None:
    path = (await ask(agency)).headers["location"]
    async with agency.db.transaction() as conn:
        slow = await commands_plans.claim(conn)
    assert slow
    await agency.db.pool.execute("update assignment_plan set due_at = $1", now())
    await compute(agency)
    done = await look(agency, path)
    async with agency.db.transaction() as conn:
        assert not await commands_plans.go_on(conn, slow, Progress(Stage.SOLVING, 1))
        await commands_plans.fail(conn, slow, Fault.TIME_LIMIT)
    assert await look(agency, path) == done
