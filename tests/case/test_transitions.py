"""Every transition of a case against every phase, role and municipality: what goes, and the name of what does not."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from services.case import commands_plan, commands_referrals, store_plan, store_posts, store_referrals
from services.case.case import Case
from services.case.commands import Edit
from services.case.commands_plan import StepWish
from services.case.conferences import ConferenceWish
from services.case.plan import GoalKind, StepKind
from shared.auth import Role
from shared.contracts.case import CasePhaseChanged
from shared.contracts.vocabulary import Phase, Purpose, ReferralService, StepOwner, Topic
from shared.ids import new_id
from shared.municipalities import BY_AGS
from tests.access.table import TABLE
from tests.case.callers import Callers
from tests.case.world import DINSLAKEN, MOERS, World

CLARIFICATION, ASSESSMENT, PLANNING, LINKING, CLOSED = Phase
OPEN = frozenset(Phase) - {CLOSED}
PLANNED = frozenset({PLANNING, LINKING})


class Request(NamedTuple):
    path: str
    body: Any
    method: str = "POST"


class Scene(NamedTuple):
    """A case in a phase, with all that the requests are about, consents to everything, and its present version."""

    case: Case
    goal: object
    step: object
    referral: object
    conference: object


class Transition(NamedTuple):
    request: Callable[[Scene, World], Request]
    allowed: frozenset[Phase]
    refused: Mapping[Phase, str]
    """Phase -> code of the problem; the others: `case-is-closed`."""


def _on_case(path: str, body: Any) -> Callable[[Scene, World], Request]:
    return lambda scene, _: Request(f"/cases/{scene.case.case_id}/{path}", body)


def _to(phase: Phase) -> Transition:
    follows = {ASSESSMENT: {CLARIFICATION, CLOSED}, PLANNING: {ASSESSMENT}, LINKING: {PLANNING}, CLOSED: OPEN}
    allowed = frozenset(follows.get(phase, set()))
    ending = {"reason": "moved_away", "outcome": "unknown"} if phase is CLOSED else {}
    return Transition(
        _on_case("phase", {"phase": phase, **ending}),
        allowed,
        dict.fromkeys(frozenset(Phase) - allowed, "phase-not-reachable"),
    )


_EARLY_PLAN = dict.fromkeys((CLARIFICATION, ASSESSMENT), "plan-too-early")
_EARLY_REFERRAL = dict.fromkeys((CLARIFICATION, ASSESSMENT), "referral-too-early")
TRANSITIONS: Mapping[str, Transition] = {
    **{f"to {phase}": _to(phase) for phase in Phase},
    "agree on a goal": Transition(_on_case("goals", {"area": "work", "kind": "obtain"}), PLANNED, _EARLY_PLAN),
    "note progress": Transition(
        lambda scene, _: Request(f"/goals/{scene.goal}/progress", {"progress": 50}), PLANNED, _EARLY_PLAN
    ),
    "plan a step": Transition(
        lambda scene, world: Request(
            f"/cases/{scene.case.case_id}/steps",
            {
                "goal_id": str(scene.goal),
                "kind": "apply",
                "owner": "participant",
                "due_on": (world.today + timedelta(days=9)).isoformat(),
            },
        ),
        PLANNED,
        _EARLY_PLAN,
    ),
    "settle a step": Transition(
        lambda scene, _: Request(f"/steps/{scene.step}/state", {"state": "done"}), PLANNED, _EARLY_PLAN
    ),
    "assess": Transition(
        _on_case("assessments", {"ratings": {"housing": 2}}),
        OPEN - {CLARIFICATION},
        {CLARIFICATION: "assessment-too-early"},
    ),
    "offer a referral": Transition(
        _on_case("referrals", {"service": "caritas", "area": "housing"}), PLANNED, _EARLY_REFERRAL
    ),
    "accept a referral": Transition(
        lambda scene, _: Request(f"/referrals/{scene.referral}/state", {"state": "accepted"}), OPEN, {}
    ),
    "reject a referral": Transition(
        lambda scene, _: Request(f"/referrals/{scene.referral}/state", {"state": "rejected"}), frozenset(Phase), {}
    ),
    "revoke a referral": Transition(
        lambda scene, _: Request(f"/referrals/{scene.referral}/state", {"state": "revoked"}), frozenset(Phase), {}
    ),
    "convene a conference": Transition(
        lambda scene, world: Request(
            f"/cases/{scene.case.case_id}/conferences",
            {
                "held_on": world.today.isoformat(),
                "participants": [str(new_id())],
                "services": ["caritas"],
                "areas": ["work"],
            },
        ),
        OPEN,
        {},
    ),
    "conclude a conference": Transition(
        lambda scene, _: Request(f"/conferences/{scene.conference}/outcome", {"outcome": "plan_changed"}), OPEN, {}
    ),
    "hand over here": Transition(_on_case("hand-over", {"ags": DINSLAKEN}), OPEN, {}),
    "hand over elsewhere": Transition(_on_case("hand-over", {"ags": MOERS}), OPEN, {}),
    "change the wishes": Transition(
        lambda scene, _: Request(f"/cases/{scene.case.case_id}/interpreting", {"dialect": "ti-ER"}, "PUT"), OPEN, {}
    ),
    "declare a conflict": Transition(_on_case("conflict-of-interest", None), OPEN, {}),
}
"""As it is told in docstrings and the issue, by hand; never read from the code."""
every_transition = pytest.mark.parametrize("name", TRANSITIONS)
every_phase = pytest.mark.parametrize("phase", Phase)


async def build(world: World, phase: Phase) -> Scene:
    await world.post()
    await world.post(municipalities=frozenset({MOERS}))
    case = await world.in_phase(phase if phase is not CLOSED else LINKING)
    manager = case.case_manager_id
    assert manager
    await world.post()
    await world.consent(case, "caritas")
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    planned = await world.stored(case)
    async with world.database.transaction() as conn:
        await conn.execute("update case_file set phase = 'linking' where id = $1", case.case_id)
        planned, goal = await commands_plan.agree(conn, edit(planned), manager, Topic.WORK, GoalKind.OBTAIN)
        wish = StepWish(goal.goal_id, StepKind.APPLY, StepOwner.PARTNER, world.today + timedelta(days=9))
        planned, step = await commands_plan.add_step(conn, edit(planned), manager, wish)
        caritas = ReferralService.CARITAS
        planned, referral = await commands_referrals.offer(conn, edit(planned), manager, caritas, Topic.WORK)
        planned, conference = await commands_referrals.convene(
            conn, edit(planned), manager, ConferenceWish(world.today, (new_id(),), (caritas,), (Topic.WORK,))
        )
        if phase is not CLOSED:
            await conn.execute("update case_file set phase = $2 where id = $1", case.case_id, phase)
        else:
            await conn.execute(
                "update case_file set phase = 'closed', reason = 'moved_away', outcome = 'unknown' where id = $1",
                case.case_id,
            )
    stored = await world.stored(planned)
    return Scene(stored, goal.goal_id, step.step_id, referral.referral_id, conference.conference_id)


def edit(case: Case) -> Edit:
    return Edit(case.case_id, case.version)


async def everything(world: World, case: Case) -> tuple[Any, ...]:
    """All that the requests could have changed."""
    async with world.database.read() as conn:
        return (
            await world.stored(case),
            await store_plan.plan(conn, case.case_id),
            await store_plan.assessments(conn, case.case_id),
            await store_referrals.referrals(conn, case.case_id),
            await store_referrals.conferences(conn, case.case_id),
            await store_posts.in_conflict(conn, case.case_id),
            await world.names(),
        )


@every_phase
@every_transition
async def test_a_transition_is_possible_in_its_phases_alone(
    world: World, api: Callers, name: str, phase: Phase
) -> None:
    scene, transition = await build(world, phase), TRANSITIONS[name]
    before = await everything(world, scene.case)
    answer = await _send(api.manager_of(scene.case).call, transition.request(scene, world), scene.case.version)
    if phase in transition.allowed:
        assert answer.status_code in {200, 201}, answer.text
        assert (await world.stored(scene.case)).version > scene.case.version
    else:
        assert answer.status_code == 409, answer.text
        assert answer.json()["code"] == transition.refused.get(phase, "case-is-closed")
        assert await everything(world, scene.case) == before


@every_transition
async def test_nobody_else_moves_a_case_whatever_the_phase(world: World, api: Callers, name: str) -> None:
    """Other roles, even with the right subject: 403; case managers of each municipality, and of none: 404."""
    for phase in Phase:
        await world.database.pool.execute("truncate case_manager, enquiry, outbox cascade")
        scene = await build(world, phase)
        colleagues = [(await world.post(municipalities=frozenset({ags}))).id for ags in BY_AGS]
        before, request = await everything(world, scene.case), TRANSITIONS[name].request(scene, world)
        for who in (*colleagues, new_id()):
            answer = await _send(api.role("case_manager", who).call, request, scene.case.version)
            assert answer.status_code == 404, (phase, who)
        for role in sorted(set(Role) - {Role.CASE_MANAGER, Role.PARTICIPANT}):
            caller = api.role(role, scene.case.case_manager_id)
            assert (await _send(caller.call, request, scene.case.version)).status_code == 403, (phase, role)
        participant = api.participant(scene.case.enquiry_id)
        assert (await _send(participant.call, request, scene.case.version)).status_code == 403
        assert await everything(world, scene.case) == before


@every_transition
async def test_a_transition_from_an_outdated_version_is_told_the_present_one(
    world: World, api: Callers, name: str
) -> None:
    scene = await build(world, LINKING)
    request = TRANSITIONS[name].request(scene, world)
    answer = await _send(api.manager_of(scene.case).call, request, scene.case.version - 1)
    assert (answer.status_code, answer.json()["code"]) == (409, "version-outdated")
    assert answer.json()["version"] == scene.case.version
    without = await api.manager_of(scene.case).call(request.method, request.path, request.body)
    assert (without.status_code, without.json()["code"]) == (428, "version-missing")


@pytest.mark.parametrize("ags", BY_AGS)
async def test_a_case_of_each_municipality_goes_through_its_phases_in_the_hands_of_its_own_case_manager(
    world: World, ags: str
) -> None:
    there = await world.post(municipalities=frozenset({ags}))
    await world.post(municipalities=frozenset(BY_AGS) - {ags})
    case = await world.in_phase(CLOSED, ags=ags)
    case = await world.move(case, ASSESSMENT)
    assert (case.ags, case.case_manager_id, case.phase) == (ags, there.id, ASSESSMENT)
    told = [each for each in await world.told() if isinstance(each, CasePhaseChanged)]
    assert [each.phase for each in told] == [ASSESSMENT, PLANNING, LINKING, CLOSED, ASSESSMENT]
    assert {each.ags for each in told} == {ags}


WITHOUT_VERSION = {
    "/cases/{case_id}/counselling": "one talk at a time; the case itself stays as it is",
    "/cases/{case_id}/findings": "no part of the case",
    "/cases/{case_id}/notes": "is added, and never changed",
    "/cases/{case_id}/hand-over/approval": "decided once: who comes second finds nothing to decide",
}


def test_every_edit_of_a_case_names_the_version_that_was_read(api: Callers) -> None:
    """Each route by which a case manager changes something, but for those that say why not."""
    described = api.app.openapi()["paths"]
    without = {
        route.path
        for route in TABLE
        if route.service == "case" and route.method != "GET" and Role.CASE_MANAGER in TABLE[route]
        if "if-match"
        not in {each["name"].lower() for each in described[route.path][route.method.lower()]["parameters"]}
    }
    assert without == WITHOUT_VERSION.keys()


async def _send(call: Callable[..., Awaitable[httpx.Response]], request: Request, version: int) -> httpx.Response:
    return await call(request.method, request.path, request.body, If_Match=f'"{version}"')
