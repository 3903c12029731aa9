"""Plans with steps and reminders, assessments over time, conferences: what is kept, told and refused."""

from datetime import date, timedelta
from typing import Any

from services.case import commands_plan
from services.case.assessment import Assessment, Rating, changes
from services.case.case import Case
from shared.contracts.case import StepReminded
from shared.contracts.vocabulary import Phase, Purpose, Reminder, Topic
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.world import World


async def post(api: Callers, world: World, case: Case, path: str, body: Any) -> Any:
    """By the case manager, from the present version."""
    present = await world.stored(case)
    answer = await api.manager_of(case).call("POST", path, body, If_Match=f'"{present.version}"')
    return answer.json() | {"status_code": answer.status_code}


async def planned(api: Callers, world: World, due_in: int) -> tuple[Case, dict[str, Any], dict[str, Any]]:
    await world.post()
    case = await world.in_phase(Phase.PLANNING)
    goal = await post(api, world, case, f"/cases/{case.case_id}/goals", {"area": "housing", "kind": "obtain"})
    step = await post(api, world, case, f"/cases/{case.case_id}/steps", _step(goal, world, due_in))
    return case, goal, step


def _step(goal: dict[str, Any], world: World, due_in: int) -> dict[str, Any]:
    due = (world.today + timedelta(days=due_in)).isoformat()
    return {"goal_id": goal["goal_id"], "kind": "apply", "owner": "participant", "due_on": due}


async def remind(world: World) -> list[StepReminded]:
    before = len(await world.told())
    async with world.database.transaction() as conn:
        await commands_plan.remind(conn)
    return [told for told in (await world.told())[before:] if isinstance(told, StepReminded)]


async def test_a_step_before_its_goal_is_told_the_rule_and_where_it_comes_from(world: World, api: Callers) -> None:
    case, goal, _ = await planned(api, world, 9)
    other = await world.in_phase(Phase.PLANNING)
    for goal_id in (str(new_id()), goal["goal_id"]):
        body = _step(goal, world, 9) | {"goal_id": goal_id}
        told = await post(api, world, other, f"/cases/{other.case_id}/steps", body)
        assert (told["status_code"], told["code"], told["field"]) == (409, "step-before-goal", "goal_id")
        assert (told["rule"], told["source"]) == ("goal-before-step", "house rule")
    await post(api, world, case, f"/goals/{goal['goal_id']}/progress", {"progress": 100})
    told = await post(api, world, case, f"/cases/{case.case_id}/steps", _step(goal, world, 9))
    assert (told["code"], told["rule"]) == ("goal-is-over", "step-for-open-goal")


async def test_a_plan_shows_progress_and_tasks_the_first_due_first(world: World, api: Callers) -> None:
    case, goal, late = await planned(api, world, 20)
    soon = await post(api, world, case, f"/cases/{case.case_id}/steps", _step(goal, world, 2))
    await post(api, world, case, f"/goals/{goal['goal_id']}/progress", {"progress": 60})
    plan = (await api.manager_of(case).get(f"/cases/{case.case_id}/plan")).json()
    assert [each["progress"] for each in plan["goals"]] == [60]
    assert [each["step_id"] for each in plan["steps"]] == [soon["step_id"], late["step_id"]]
    world.pass_time(timedelta(days=3))
    tasks = (await api.manager_of(case).get("/tasks")).json()
    assert [(each["step"]["step_id"], each["is_overdue"]) for each in tasks] == [
        (soon["step_id"], True),
        (late["step_id"], False),
    ]
    await post(api, world, case, f"/steps/{soon['step_id']}/state", {"state": "done"})
    assert len((await api.manager_of(case).get("/tasks")).json()) == 1


async def test_a_step_is_reminded_of_before_it_is_due_and_when_it_is_overdue_each_once(
    world: World, api: Callers
) -> None:
    case, _, step = await planned(api, world, 10)
    reminded: dict[int, list[Reminder]] = {}
    for day in range(13):
        for told in await remind(world):
            assert (str(told.step_id), told.case_manager_id) == (step["step_id"], case.case_manager_id)
            reminded.setdefault(day, []).append(told.reminder)
        world.pass_time(timedelta(days=1))
    assert reminded == {7: [Reminder.DUE_SOON], 11: [Reminder.OVERDUE]}


async def test_nobody_is_reminded_of_what_is_settled_or_of_a_closed_case(world: World, api: Callers) -> None:
    case, goal, step = await planned(api, world, 10)
    await post(api, world, case, f"/cases/{case.case_id}/steps", _step(goal, world, 10))
    await post(api, world, case, f"/steps/{step['step_id']}/state", {"state": "dropped"})
    body = {"phase": "closed", "reason": "moved_away", "outcome": "unchanged"}
    await post(api, world, case, f"/cases/{case.case_id}/phase", body)
    world.pass_time(timedelta(days=20))
    assert await remind(world) == []


async def test_a_case_with_an_open_goal_is_not_closed_with_all_goals_reached(world: World, api: Callers) -> None:
    case, goal, _ = await planned(api, world, 10)
    path, body = f"/cases/{case.case_id}/phase", {"phase": "closed", "reason": "goals_reached", "outcome": "improved"}
    told = await post(api, world, case, path, body)
    assert (told["code"], told["rule"]) == ("goals-still-open", "goals-reached-before-closing")
    await post(api, world, case, f"/goals/{goal['goal_id']}/progress", {"progress": 30, "is_dropped": True})
    assert (await post(api, world, case, path, body))["outcome"] == "improved"


def test_change_is_what_lies_between_the_first_value_and_the_latest() -> None:
    day = date(2026, 11, 2)
    made = [
        Assessment(new_id(), day, {Topic.HOUSING: Rating.ACUTE, Topic.WORK: Rating.STABLE}),
        Assessment(new_id(), day, {Topic.MONEY: Rating.FRAGILE}),
        Assessment(new_id(), day, {Topic.HOUSING: Rating.SUFFICIENT, Topic.WORK: Rating.FRAGILE}),
    ]
    assert [(change.area, change.by) for change in changes(made)] == [
        (Topic.HOUSING, 3),
        (Topic.WORK, -2),
        (Topic.MONEY, 0),
    ]


async def test_assessments_are_kept_one_beside_the_other(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.ASSESSMENT)
    await world.consent(case, "kim", Purpose.COUNSELLING)
    for ratings in ({"housing": 1, "health": 2}, {"housing": 4}):
        await post(api, world, case, f"/cases/{case.case_id}/assessments", {"ratings": ratings})
    shown = (await api.manager_of(case).get(f"/cases/{case.case_id}/assessments")).json()
    assert [each["ratings"] for each in shown["assessments"]] == [{"housing": 1, "health": 2}, {"housing": 4}]
    assert {each["area"]: each["by"] for each in shown["changes"]} == {"housing": 3, "health": 0}


async def test_a_conference_has_its_outcome_once_and_not_before_its_day(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    day = (world.today + timedelta(days=2)).isoformat()
    body = {"held_on": day, "participants": [str(new_id())], "areas": ["work"]}
    held = await post(api, world, case, f"/cases/{case.case_id}/conferences", body)
    path, outcome = f"/conferences/{held['conference_id']}/outcome", {"outcome": "escalated"}
    assert (await post(api, world, case, path, outcome))["code"] == "conference-not-yet"
    world.pass_time(timedelta(days=2))
    assert (await post(api, world, case, path, outcome))["outcome"] == "escalated"
    assert (await post(api, world, case, path, outcome))["code"] == "conference-concluded"
