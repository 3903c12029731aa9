"""What the tests do with plans: ask for one, have it computed here, look at it, adopt it."""

from datetime import date
from typing import Any
from uuid import UUID

import httpx

from services.interpreter import commands_plans, open_work
from services.interpreter.assignment import plan
from services.interpreter.plan_contents import Plan
from services.interpreter.plans import AssignmentPlan, Scope
from shared.clock import now
from tests.interpreter.agency import Agency
from tests.interpreter.people import DAY_OF_TALK, DINSLAKEN

OF_THE_DAY = {"from": DAY_OF_TALK.isoformat(), "to": DAY_OF_TALK.isoformat(), "municipality": DINSLAKEN}


async def ask(agency: Agency, headers: dict[str, str] | None = None, **changed: Any) -> httpx.Response:
    body = {name: value for name, value in (OF_THE_DAY | changed).items() if value is not None}
    return await agency.client.post("/plans", json=body, headers=headers or agency.token("administrator"))


async def compute(agency: Agency) -> AssignmentPlan:
    """The next plan that is due, by the solver itself, in this process."""
    async with agency.db.transaction() as conn:
        claimed = await commands_plans.claim(conn)
    assert claimed
    made = await made_of(agency, claimed.scope)
    async with agency.db.transaction() as conn:
        await commands_plans.finish(conn, claimed, made)
    return claimed


async def made_of(agency: Agency, scope: Scope | None = None) -> Plan:
    """What is open by now, of some days and a place or of all."""
    async with agency.db.read() as conn:
        work = await open_work.read(conn, now())
        return plan(*await open_work.to_plan(conn, work, scope))


async def planned(agency: Agency, **changed: Any) -> str:
    """Path of a new plan that is ready."""
    answer = await ask(agency, **changed)
    assert answer.status_code == 202, answer.text
    await compute(agency)
    return answer.headers["location"]


async def look(agency: Agency, path: str) -> dict[str, Any]:
    answer = await agency.client.get(path, headers=agency.token("administrator"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def adopt(agency: Agency, path: str, version: int = 2) -> httpx.Response:
    headers = agency.token("administrator") | {"If-Match": f'"{version}"'}
    return await agency.client.post(f"{path}/adoption", headers=headers)


def chosen(found: dict[str, Any]) -> dict[UUID, UUID]:
    return {UUID(each["request_id"]): UUID(each["interpreter_id"]) for each in found["choices"]}


def days(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}
