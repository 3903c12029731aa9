"""The API of case: who sees what, versions, repeated requests, bad input."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from services.case.case import NEVER_CHOSEN, ClosingReason
from services.case.views import CasePage
from shared.contracts.case import CounsellingRequested, InterpretingNeedsChanged
from shared.contracts.vocabulary import Phase
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.world import World

POST = {"fte": "0.50", "municipalities": ["05170008"], "languages": ["de", "ti"], "topics": ["housing"]}
FINDING = {"kind": "missing_offer", "about": "housing"}
ROUTES = [
    ("GET", "/cases"),
    ("GET", "/cases/{id}"),
    ("GET", "/cases/{id}/talks"),
    ("GET", "/cases/{id}/choice"),
    ("POST", "/cases/{id}/phase"),
    ("POST", "/cases/{id}/counselling"),
    ("POST", "/cases/{id}/findings"),
]
BODIES: dict[str, Any] = {"phase": {"phase": "assessment"}, "counselling": {}, "findings": FINDING}


def body_of(path: str) -> Any:
    return BODIES.get(path.rsplit("/", 1)[1])


def headers_of(path: str) -> dict[str, str]:
    return {"phase": {"If_Match": '"2"'}, "findings": {"Idempotency_Key": str(new_id())}}.get(
        path.rsplit("/", 1)[1], {}
    )


async def test_a_case_manager_sees_the_own_case_with_its_version(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    person = await world.register(case.enquiry_id)
    answer = await api.manager_of(case).get(f"/cases/{case.case_id}")
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert answer.json() == {
        "case_id": str(case.case_id),
        "enquiry_id": str(case.enquiry_id),
        "person_id": str(person),
        "ags": "05170008",
        "topics": ["housing", "residence"],
        "languages": ["ti"],
        "mode": "in_person",
        "opened_on": "2026-11-02",
        "phase": "clarification",
        "reason": None,
        "outcome": None,
        "may_be_counselled": True,
        "reachable": ["assessment", "closed"],
        "speaks_language": False,
        "dialect": None,
        "gender": None,
        "gender_binding": False,
        "version": 2,
    }


@pytest.mark.parametrize(("method", "path"), ROUTES[1:])
async def test_a_case_of_others_is_not_there(world: World, api: Callers, method: str, path: str) -> None:
    await world.post()
    case = await world.accept()
    waiting = await world.accept(ags="05170024")
    told = await world.names()
    for caller in (api.role("case_manager"), api.role("case_manager", "someone")):
        for id in (case.case_id, waiting.case_id, new_id()):
            answer = await caller.call(method, path.format(id=id), body_of(path), **headers_of(path))
            assert answer.status_code == 404
    assert await world.names() == told


@pytest.mark.parametrize("role", ["clerk", "coordinator", "interpreter", "partner", "administrator", "service"])
@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_no_other_role_has_access(world: World, api: Callers, role: str, method: str, path: str) -> None:
    await world.post()
    case = await world.accept()
    caller = api.role(role, case.case_manager_id)
    answer = await caller.call(method, path.format(id=case.case_id), body_of(path), **headers_of(path))
    assert answer.status_code == 403


async def test_without_token_there_is_nothing(api: Callers) -> None:
    for method, path in [*ROUTES, ("GET", "/enquiries/{id}/case"), ("PUT", "/case-managers/{id}")]:
        answer = await api.nobody.call(method, path.format(id=new_id()), body_of(path))
        assert answer.status_code == 401, path


async def test_a_participant_sees_the_phase_and_no_more(world: World, api: Callers) -> None:
    await world.post()
    case, other = await world.accept(), await world.accept()
    await world.move(case, Phase.ASSESSMENT)
    participant = api.participant(case.enquiry_id)
    assert (await participant.get(f"/enquiries/{case.enquiry_id}/case")).json() == {"phase": "assessment"}
    assert (await participant.get(f"/enquiries/{other.enquiry_id}/case")).status_code == 404
    assert (await participant.get(f"/cases/{case.case_id}")).status_code == 403
    without = api.participant(new_id())
    assert (await without.get(f"/enquiries/{case.enquiry_id}/case")).status_code == 404


async def test_a_participant_whose_enquiry_has_no_case_finds_none(world: World, api: Callers) -> None:
    enquiry_id = new_id()
    await world.register(enquiry_id)
    assert (await api.participant(enquiry_id).get(f"/enquiries/{enquiry_id}/case")).status_code == 404


async def test_a_case_manager_pages_through_the_own_cases(world: World, api: Callers) -> None:
    await world.post()
    cases = [await world.accept() for _ in range(5)]
    await world.post(municipalities=frozenset({"05170024"}))
    await world.accept(ags="05170024")
    caller, seen, after = api.manager_of(cases[0]), list[list[str]](), None
    while True:
        page = (await caller.get("/cases", limit="2", **({"after": after} if after else {}))).json()
        seen.append([case["case_id"] for case in page["cases"]])
        if (after := page["next"]) is None:
            break
    ids = [str(case.case_id) for case in cases]
    assert seen == [ids[:2], ids[2:4], ids[4:]]


async def test_the_list_shows_of_each_case_what_the_case_itself_shows(world: World, api: Callers) -> None:
    manager = await world.post()
    linking, closed = await world.in_phase(Phase.LINKING), await world.in_phase(Phase.CLOSED)
    shut, withdrawn, begun = await world.accept(), await world.accept(), await world.accept(languages=["ti", "am"])
    await world.register(linking.enquiry_id)
    await world.revoke(shut, new_id(), ends_counselling=True)
    await world.withdraw(withdrawn.enquiry_id)
    caller = api.role("case_manager", manager.id)
    answer = await caller.get("/cases")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = [linking, closed, shut, withdrawn, begun]
    assert answer.json()["cases"] == [(await caller.get(f"/cases/{case.case_id}")).json() for case in found]
    assert all(CasePage.model_validate_json(answer.content, strict=True).cases)


async def test_a_case_manager_looks_for_a_phase(world: World, api: Callers) -> None:
    await world.post()
    first, second = await world.accept(), await world.accept()
    await world.move(second, Phase.ASSESSMENT)
    for phase, case in (("clarification", first), ("assessment", second)):
        found = (await api.manager_of(first).get("/cases", phase=phase)).json()["cases"]
        assert [each["case_id"] for each in found] == [str(case.case_id)]


async def test_a_phase_is_changed_from_the_version_that_was_read(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    caller, path = api.manager_of(case), f"/cases/{case.case_id}/phase"
    answer = await caller.call("POST", path, {"phase": "assessment"}, If_Match='"2"')
    assert (answer.status_code, answer.headers["ETag"], answer.json()["phase"]) == (200, '"3"', "assessment")
    again = await caller.call(
        "POST", path, {"phase": "closed", "reason": "moved_away", "outcome": "unknown"}, If_Match='"2"'
    )
    assert (again.status_code, again.json()["code"], again.json()["version"]) == (409, "version-outdated", 3)
    assert (await world.stored(case)).phase is Phase.ASSESSMENT


async def test_edits_at_the_same_time_end_in_one_change(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    caller, path = api.manager_of(case), f"/cases/{case.case_id}/phase"
    calls = [caller.call("POST", path, {"phase": "assessment"}, If_Match='"2"') for _ in range(4)]
    answers = await asyncio.gather(*calls)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["version"] for answer in answers} == {3}


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 428, "version-missing"),
        ({"If_Match": "2"}, 422, "invalid"),
        ({"If_Match": "*"}, 422, "invalid"),
        ({"If_Match": '"99999999999"'}, 422, "invalid"),
    ],
)
async def test_a_change_names_a_version(
    world: World, api: Callers, headers: dict[str, str], status: int, code: str
) -> None:
    await world.post()
    case = await world.accept()
    path = f"/cases/{case.case_id}/phase"
    answer = await api.manager_of(case).call("POST", path, {"phase": "assessment"}, **headers)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (status, code, "If-Match")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"phase": "linking"}, 409, "phase-not-reachable"),
        ({"phase": "closed"}, 422, "reason-missing"),
        ({"phase": "closed", "reason": "moved_away"}, 422, "invalid"),
        ({"phase": "closed", "outcome": "improved"}, 422, "invalid"),
        ({"phase": "assessment", "reason": "moved_away", "outcome": "unknown"}, 422, "reason-uncalled-for"),
        ({"phase": "closed", "reason": "enquiry_withdrawn", "outcome": "worse"}, 422, "reason-uncalled-for"),
        ({"phase": "reopened"}, 422, "invalid"),
        ({"phase": "closed", "reason": "because she said so"}, 422, "invalid"),
        ({"phase": "assessment", "note": "x"}, 422, "invalid"),
        ({}, 422, "invalid"),
    ],
)
async def test_a_phase_that_cannot_be_changes_nothing(
    world: World, api: Callers, body: dict[str, str], status: int, code: str
) -> None:
    await world.post()
    case = await world.accept()
    path = f"/cases/{case.case_id}/phase"
    answer = await api.manager_of(case).call("POST", path, body, If_Match='"2"')
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert await world.stored(case) == case


async def test_a_phase_sent_twice_with_one_key_is_changed_once(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    caller, path, key = api.manager_of(case), f"/cases/{case.case_id}/phase", str(new_id())
    for _ in range(2):
        answer = await caller.call("POST", path, {"phase": "assessment"}, If_Match='"2"', Idempotency_Key=key)
        assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')


async def test_a_closed_case_is_reopened(world: World, api: Callers) -> None:
    await world.post()
    case = await world.close(await world.accept())
    path = f"/cases/{case.case_id}/phase"
    answer = await api.manager_of(case).call("POST", path, {"phase": "assessment"}, If_Match='"3"')
    assert (answer.json()["phase"], answer.json()["reason"]) == ("assessment", None)


async def test_another_talk_is_asked_for(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    caller, path = api.manager_of(case), f"/cases/{case.case_id}/counselling"
    under_way = await caller.call("POST", path, {})
    assert (under_way.status_code, under_way.json()["code"]) == (409, "talk-under-way")
    await world.confirm(case, booking := new_id())
    answer = await caller.call("POST", path, {"mode": "phone", "duration_minutes": 30})
    assert answer.status_code == 201
    first, second = (await caller.get(f"/cases/{case.case_id}/talks")).json()
    assert (first["booking_id"], first["state"]) == (str(booking), "confirmed")
    assert (second["counselling_id"], second["mode"]) == (answer.json()["counselling_id"], "phone")


@pytest.mark.parametrize("body", [{"duration_minutes": 0}, {"duration_minutes": "60"}, {"mode": "telepathy"}])
async def test_a_talk_that_cannot_be_is_refused(world: World, api: Callers, body: dict[str, Any]) -> None:
    await world.post()
    case = await world.accept()
    await world.confirm(case, new_id())
    answer = await api.manager_of(case).call("POST", f"/cases/{case.case_id}/counselling", body)
    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(body)))


async def test_a_finding_sent_twice_counts_once_and_tells_no_id(world: World, api: Callers) -> None:
    await world.post()
    case = await world.close(await world.accept())
    caller, path = api.manager_of(case), f"/cases/{case.case_id}/findings"
    without = await caller.call("POST", path, FINDING)
    assert (without.status_code, without.json()["field"]) == (422, "Idempotency-Key")
    key = str(new_id())
    for _ in range(2):
        answer = await caller.call("POST", path, FINDING, Idempotency_Key=key)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await world.database.pool.fetchval("select count(*) from finding") == 1


async def test_a_choice_explains_itself_to_whose_case_it_is(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept()
    choice = (await api.manager_of(case).get(f"/cases/{case.case_id}/choice")).json()
    [candidate] = choice["ranked"]
    assert candidate["case_manager_id"] == str(case.case_manager_id)
    assert {name: Decimal(given) for name, given in candidate["points"].items()} == {"knows_topics": 2, "has_room": 3}


async def test_an_administrator_puts_a_case_manager_as_a_whole(world: World, api: Callers) -> None:
    manager_id, administrator = new_id(), api.role("administrator")
    waiting = await world.accept()
    for _ in range(2):
        answer = await administrator.call("PUT", f"/case-managers/{manager_id}", POST)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await world.assign_waiting() == 1
    case = await world.stored(waiting)
    assert (case.case_manager_id, case.speaks_language) == (manager_id, True)
    await administrator.call("PUT", f"/case-managers/{manager_id}", POST | {"absent_from": "2026-11-01"})
    assert (await world.accept()).case_manager_id is None
    await administrator.call("PUT", f"/case-managers/{manager_id}", POST | {"fte": "0"})
    assert (await world.accept()).case_manager_id is None


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"fte": "1.5"}, "fte"),
        ({"fte": "-0.5"}, "fte"),
        ({"fte": "NaN"}, "fte"),
        ({"municipalities": ["05170009"]}, "municipalities.0"),
        ({"languages": ["ku"]}, "languages.0"),
        ({"topics": ["housing", "housing"]}, "topics"),
        ({"absent_until": "2026-11-09"}, "absent_until"),
        ({"absent_from": "2026-11-09", "absent_until": "2026-11-08"}, "absent_until"),
        ({"name": "canary"}, "name"),
    ],
)
async def test_a_case_manager_that_cannot_be_is_refused(
    world: World, api: Callers, changed: dict[str, Any], field: str
) -> None:
    answer = await api.role("administrator").call("PUT", f"/case-managers/{new_id()}", POST | changed)
    assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text
    assert await world.database.pool.fetchval("select count(*) from case_manager") == 0


@pytest.mark.parametrize("role", ["case_manager", "coordinator", "clerk"])
async def test_only_an_administrator_puts_case_managers(world: World, api: Callers, role: str) -> None:
    answer = await api.role(role).call("PUT", f"/case-managers/{new_id()}", POST)
    assert answer.status_code == 403
    assert await world.database.pool.fetchval("select count(*) from case_manager") == 0


async def test_reasons_of_closing_are_codes(world: World, api: Callers) -> None:
    await world.post()
    for reason in set(ClosingReason) - NEVER_CHOSEN:
        case = await world.accept()
        path = f"/cases/{case.case_id}/phase"
        answer = await api.manager_of(case).call(
            "POST", path, {"phase": "closed", "reason": reason, "outcome": "worse"}, If_Match='"2"'
        )
        assert (answer.status_code, answer.json()["reason"]) == (200, reason)


async def test_whom_a_participant_wishes_for_goes_with_every_talk_from_now_on(world: World, api: Callers) -> None:
    await world.post()
    case = await world.accept(dialect="ti-ER", gender="female")
    path, manager = f"/cases/{case.case_id}/interpreting", api.manager_of(case)
    wishes = {"dialect": "ti-ET", "gender": "female", "gender_binding": True}
    answer = await manager.call("PUT", path, wishes, **{"If-Match": f'"{case.version}"'})
    assert {name: answer.json()[name] for name in wishes} == wishes
    again = await manager.call("PUT", path, wishes, **{"If-Match": answer.headers["ETag"]})
    assert again.headers["ETag"] == answer.headers["ETag"]
    told = [each for each in await world.told() if isinstance(each, InterpretingNeedsChanged | CounsellingRequested)]
    first, changed = told
    assert isinstance(first, CounsellingRequested)
    assert (first.dialect, first.gender, first.gender_binding) == ("ti-ER", "female", False)
    assert isinstance(changed, InterpretingNeedsChanged)
    assert (changed.dialect, changed.gender_binding, changed.conflict_tokens) == ("ti-ET", True, [])


async def test_nobody_approves_their_own_hand_overs(world: World, api: Callers) -> None:
    manager_id = (await world.post()).id
    body = POST | {"supervisor_id": str(manager_id)}
    answer = await api.role("administrator").call("PUT", f"/case-managers/{manager_id}", body)
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, "supervisor-of-oneself", "supervisor_id")
    assert await world.database.pool.fetchval("select supervisor_id from case_manager") is None
