"""Profiles and weeks over HTTP: who may, what is refused, and that a refusal changes nothing."""

from typing import Any

import pytest

from shared.contracts.interpreter import InterpreterAvailabilityChanged, InterpreterProfileChanged
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, DINSLAKEN, body

WEEK = {"windows": [{"weekday": 0, "starts": "09:00:00", "ends": "13:00:00"}], "rules": [], "absences": []}


async def test_an_administrator_makes_an_interpreter_known_once(agency: Agency) -> None:
    who, given, administrator = new_id(), body(), agency.token("administrator")
    answers = [await agency.client.put(f"/interpreters/{who}", json=given, headers=administrator) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, given | {"id": str(who)})] * 2
    [told] = await agency.told(InterpreterProfileChanged)
    assert (told.interpreter_id, told.languages, told.municipalities) == (who, ["de", "ti"], [DINSLAKEN])


async def test_what_may_be_left_out_is_left_out(agency: Agency) -> None:
    short = body(municipalities=(DINSLAKEN, ALPEN, ALPEN))
    del short["credentials"], short["active"]
    answer = await agency.client.put(f"/interpreters/{new_id()}", json=short, headers=agency.token("administrator"))
    assert answer.json()["credentials"] == {
        "certificate_of_conduct": None,
        "data_secrecy": None,
        "sworn": None,
    }
    assert (answer.json()["active"], answer.json()["municipalities"]) == (True, [ALPEN, DINSLAKEN])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"gender": "f"}, "gender"),
        ({"languages": []}, "languages"),
        ({"languages": [{"language": "ku", "level": "native"}]}, "languages.0.language"),
        ({"languages": [{"language": "ti", "level": "a1"}]}, "languages.0.level"),
        ({"languages": [{"language": "ti", "level": "b2"}, {"language": "ti", "level": "c1"}]}, "languages"),
        ({"municipalities": ["05112000"]}, "municipalities.0"),
        ({"municipalities": []}, "municipalities"),
        ({"base_postcode": "4648"}, "base_postcode"),
        ({"base_postcode": "46483\n"}, "base_postcode"),
        ({"credentials": {"sworn": "soon"}}, "credentials.sworn"),
        ({"credentials": {"oath": "2030-01-01"}}, "credentials.oath"),
        ({"active": "yes"}, "active"),
        ({"name": "canary"}, "name"),
    ],
    ids=str,
)
async def test_a_wrong_profile_names_its_field_and_changes_nothing(
    agency: Agency, changed: dict[str, Any], field: str
) -> None:
    answer = await agency.client.put(
        f"/interpreters/{new_id()}", json=body() | changed, headers=agency.token("administrator")
    )
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert "canary" not in answer.text
    listed = await agency.client.get("/interpreters", headers=agency.token("administrator"))
    assert listed.json() == []
    assert await agency.told(InterpreterProfileChanged) == []


async def test_an_interpreter_sets_the_own_week_and_an_administrator_any(agency: Agency) -> None:
    who = (await agency.knows()).id
    for caller in (agency.as_interpreter(who), agency.token("administrator")):
        answer = await agency.client.put(f"/interpreters/{who}/availability", json=WEEK, headers=caller)
        assert answer.status_code == 200
        assert answer.json() == {"interpreter_id": str(who), **WEEK}
    [told] = await agency.told(InterpreterAvailabilityChanged)
    assert (told.interpreter_id, len(told.windows)) == (who, 1)


async def test_a_new_week_replaces_the_old_one(agency: Agency) -> None:
    who, administrator = (await agency.knows()).id, agency.token("administrator")
    empty: dict[str, Any] = {"windows": []}
    for week in (WEEK, empty):
        await agency.client.put(f"/interpreters/{who}/availability", json=week, headers=administrator)
    assert [len(told.windows) for told in await agency.told(InterpreterAvailabilityChanged)] == [1, 0]
    async with agency.db.read() as conn:
        assert await conn.fetchval("select count(*) from availability_window") == 0


async def test_anothers_week_is_not_there(agency: Agency) -> None:
    known, stranger = (await agency.knows()).id, new_id()
    callers = [(known, agency.as_interpreter(stranger)), (stranger, agency.token("administrator"))]
    for who, caller in callers:
        answer = await agency.client.put(f"/interpreters/{who}/availability", json=WEEK, headers=caller)
        assert answer.status_code == 404
    assert await agency.told(InterpreterAvailabilityChanged) == []


@pytest.mark.parametrize(
    ("windows", "field"),
    [
        ([{"weekday": 7, "starts": "09:00:00", "ends": "10:00:00"}], "windows.0.weekday"),
        ([{"weekday": "0", "starts": "09:00:00", "ends": "10:00:00"}], "windows.0.weekday"),
        ([{"weekday": 0, "starts": "09:00:00Z", "ends": "10:00:00"}], "windows.0.starts"),
        ([{"weekday": 0, "starts": "09:00:00", "ends": "25:00:00"}], "windows.0.ends"),
        ([{"weekday": 0, "starts": "10:00:00", "ends": "09:00:00"}], "windows"),
        ([{"weekday": 0, "starts": "09:00:00", "ends": "11:00:00"}] * 2, "windows"),
        ([{"weekday": 0, "starts": "09:00:00", "ends": "11:00:00"}] * 51, "windows"),
    ],
    ids=str,
)
async def test_a_wrong_week_names_its_field_and_changes_nothing(agency: Agency, windows: list[Any], field: str) -> None:
    who = (await agency.knows()).id
    answer = await agency.client.put(
        f"/interpreters/{who}/availability", json={"windows": windows}, headers=agency.as_interpreter(who)
    )
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert await agency.told(InterpreterAvailabilityChanged) == []


async def test_a_clerk_sees_who_serves_the_clerks_municipalities(agency: Agency) -> None:
    here, there = await agency.knows(), await agency.knows(municipalities=(ALPEN,))
    seen = {}
    for name, caller in {
        "administrator": agency.token("administrator"),
        "clerk": agency.token("clerk", municipalities=[DINSLAKEN]),
        "stranger": agency.token("clerk"),
    }.items():
        listed = await agency.client.get("/interpreters", headers=caller)
        seen[name] = [found["id"] for found in listed.json()]
    assert seen == {
        "administrator": sorted([str(here.id), str(there.id)]),
        "clerk": [str(here.id)],
        "stranger": [],
    }


async def test_a_token_that_names_no_interpreter_owns_nothing(agency: Agency) -> None:
    nobody = agency.token("interpreter", sub="somebody")
    for path in ("/offers", "/assignments"):
        assert (await agency.client.get(path, headers=nobody)).status_code == 404


RULE = {
    "starts": "2026-01-06T09:00:00",
    "minutes": 180,
    "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
    "exdates": ["2026-03-31T09:00:00"],
    "rdates": [],
}


async def test_hours_that_recur_otherwise_are_kept_and_told(agency: Agency) -> None:
    who = (await agency.knows()).id
    path, own = f"/interpreters/{who}/availability", agency.as_interpreter(who)
    for _ in range(2):
        answer = await agency.client.put(path, json=WEEK | {"rules": [RULE]}, headers=own)
        assert answer.json()["rules"] == [RULE]
    assert (await agency.client.get(path, headers=own)).json() == answer.json()
    [told] = await agency.told(InterpreterAvailabilityChanged)
    assert [rule.model_dump() for rule in told.rules] == [
        {
            "dtstart": "20260106T090000",
            "minutes": 180,
            "rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
            "exdates": ["20260331T090000"],
            "rdates": [],
        }
    ]
