"""Hours are read and set over HTTP, and interpreters' are heard of."""

from datetime import date
from typing import Any

from services.scheduling import store_calendars as calendars
from shared.contracts.interpreter import InterpreterAvailabilityChanged
from shared.contracts.recurrence import HoursRule
from shared.ids import new_id
from tests.scheduling.hearing import Hearing
from tests.scheduling.test_api import Api, api  # noqa: F401 -- the fixture
from tests.scheduling.world import World

RULE: dict[str, Any] = {
    "starts": "2026-11-03T14:00:00",
    "minutes": 120,
    "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "exdates": ["2026-11-17T14:00:00"],
    "rdates": ["2026-11-18T14:00:00"],
}
HOURS = {"windows": [{"weekday": 0, "starts": "09:00:00", "ends": "12:00:00"}], "rules": [RULE], "absences": []}
THERE = [2, 3, 9, 16, 18, 23, 30]


async def days_of(world: World, resource: Any) -> list[int]:
    """Days of November 2026 on which it is there."""
    async with world.database.read() as conn:
        known = (await calendars.calendars(conn, [resource], world.now))[resource]
    return [day for day in range(1, 31) if known.free(date(2026, 11, day), None)]


async def test_a_case_manager_sets_and_reads_the_own_hours(api: Api, world: World) -> None:  # noqa: F811
    await world.open_office()
    own, path = api.staff("case_manager", world.manager), f"/resources/{world.manager}"
    put = await api.client.put(f"{path}/hours", json=HOURS, headers=own)
    seen = await api.client.get(path, headers=own)
    assert (put.status_code, seen.status_code) == (200, 200)
    assert put.json() == seen.json()
    assert {name: seen.json()[name] for name in HOURS} == HOURS
    assert await days_of(world, world.manager) == THERE
    assert await days_of(world, world.room), "a room's hours are its own"


async def test_an_administrator_sets_a_rooms_hours_and_its_place_stays(api: Api, world: World) -> None:  # noqa: F811
    await world.open_office()
    administrator = api.staff("administrator")
    put = await api.client.put(f"/resources/{world.room}/hours", json=HOURS, headers=administrator)
    assert put.json()["ags"] == ["05170008"]
    assert await days_of(world, world.room) == THERE


async def test_interpreters_hours_are_set_where_they_are_kept(api: Api, world: World) -> None:  # noqa: F811
    anna = await world.interpreter()
    refused = await api.client.put(f"/resources/{anna}/hours", json=HOURS, headers=api.staff("administrator"))
    assert (refused.status_code, refused.json()["code"]) == (409, "interpreter-keeps-these-hours")
    seen = await api.client.get(f"/resources/{anna}", headers=api.staff("administrator"))
    assert len(seen.json()["windows"]) == 5


async def test_what_interpreter_tells_of_recurring_hours_is_known(hearing: Hearing) -> None:
    anna = new_id()
    told = HoursRule.model_validate(RULE).told
    await hearing.hear(InterpreterAvailabilityChanged(interpreter_id=anna, windows=[], rules=[told]))
    assert await days_of(hearing.world, anna) == [3, 18]
    wrong = told.model_copy(update={"rrule": "FREQ=SECONDLY"})
    await hearing.hear(InterpreterAvailabilityChanged(interpreter_id=anna, windows=[], rules=[wrong]))
    assert await hearing.rejected() == ["rule-unusable"]
    assert await days_of(hearing.world, anna) == [3, 18]
