"""Of which life areas something is read and written: what consent to counselling covers, and of health, Art. 9 GDPR."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case import commands_plan, consents, refusals
from services.case.case import Case
from services.case.consents import Consent
from shared import deadletters
from shared.contracts.case import CounsellingRequested
from shared.contracts.vocabulary import ConsentKind, Phase, Purpose, Recipient, Topic
from tests.case.callers import Callers
from tests.case.test_consents import LAW, ask, confer
from tests.case.test_plan import post
from tests.case.world import DINSLAKEN, MOERS, REACTIONS, TODAY, World
from tests.parking import revoke_behind_a_dead_letter

KIM = (Recipient.KIM, Purpose.COUNSELLING)
ALL = frozenset(Topic)


def consent(kind: ConsentKind, days: int = 0, *topics: Topic, revoked: bool = False) -> Consent:
    until = TODAY + timedelta(days=days)
    return Consent(UUID(int=1), kind, *KIM, until, TODAY if revoked else None, frozenset(topics))


def test_where_counselling_stands_on_another_basis_all_but_health_is_open() -> None:
    assert consents.open_areas([], TODAY) == ALL - {Topic.HEALTH}


def test_consent_to_counselling_opens_its_topics_and_health_needs_a_consent_of_its_own() -> None:
    processing, special = consent(ConsentKind.PROCESSING), consent(ConsentKind.SPECIAL_CATEGORIES)
    assert consents.open_areas([processing], TODAY) == ALL - {Topic.HEALTH}
    assert consents.open_areas([processing, special], TODAY) == ALL
    some = consent(ConsentKind.PROCESSING, 0, Topic.HOUSING, Topic.WORK)
    assert consents.open_areas([some, special], TODAY) == {Topic.HOUSING, Topic.WORK}
    assert consents.open_areas([some, processing], TODAY) == ALL - {Topic.HEALTH}


@given(st.lists(st.tuples(st.sampled_from(ConsentKind), st.integers(-2, 2), st.booleans())))
def test_health_is_open_with_both_consents_in_force_alone(given_: list[tuple[ConsentKind, int, bool]]) -> None:
    known = [consent(kind, days, revoked=revoked) for kind, days, revoked in given_]
    in_force = {kind for kind, days, revoked in given_ if days >= 0 and not revoked}
    stands_on_it = any(kind is ConsentKind.PROCESSING for kind, *_ in given_)
    needed = {ConsentKind.SPECIAL_CATEGORIES} | ({ConsentKind.PROCESSING} if stands_on_it else set())
    assert (Topic.HEALTH in consents.open_areas(known, TODAY)) is (needed <= in_force)


async def counselled(world: World, **changed: Any) -> tuple[Case, UUID, UUID]:
    """A case on health and housing that is planned; its consents to processing and to special categories."""
    await world.post()
    case = await world.in_phase(Phase.PLANNING, topics=[Topic.HEALTH, Topic.HOUSING])
    processing, special, _ = await world.consent(case, *KIM, **changed)
    return await world.stored(case), processing, special


async def written(api: Callers, world: World, case: Case, area: str) -> list[str]:
    """Everything that can be written of an area: the code of each refusal, or nothing."""
    of, due = f"/cases/{case.case_id}", world.today.isoformat()
    conference = {"held_on": due, "participants": [], "areas": [area]}
    answers = [
        await post(api, world, case, f"{of}/assessments", {"ratings": {area: 1}}),
        await post(api, world, case, f"{of}/goals", {"area": area, "kind": "keep"}),
        await post(api, world, case, f"{of}/referrals", {"service": "caritas", "area": area}),
        await post(api, world, case, f"{of}/conferences", conference),
    ]
    return [f"{answer.get('code', '')} {answer.get('source', '')}".strip() for answer in answers]


async def test_of_health_nothing_is_written_without_consent_to_special_categories(world: World, api: Callers) -> None:
    case, _, special = await counselled(world)
    await world.consent(case, "caritas")
    assert await written(api, world, case, "health") == ["", "", "", ""]
    await world.revoke(case, special)
    assert await written(api, world, case, "health") == [f"consent-missing {LAW['special_categories']}"] * 4
    assert await written(api, world, case, "housing") == ["", "", "", ""]


async def test_what_consent_to_counselling_does_not_name_is_not_written_of(world: World, api: Callers) -> None:
    case, *_ = await counselled(world, topics=[Topic.HOUSING])
    await world.consent(case, "caritas")
    assert await written(api, world, case, "work") == [f"consent-missing {LAW['processing']}"] * 4
    assert await written(api, world, case, "housing") == ["", "", "", ""]


async def seen(api: Callers, case: Case) -> str:
    """All that the case manager can read of the case, in one text."""
    manager, of = api.manager_of(case), f"/cases/{case.case_id}"
    parts = ("", "/plan", "/assessments", "/referrals", "/conferences", "/talks")
    return str([(await manager.get(path)).json() for path in ("/cases", "/tasks", *(of + part for part in parts))])


async def test_with_consent_to_special_categories_goes_what_was_written_of_health_and_comes_again_with_it(
    world: World, api: Callers
) -> None:
    case, _, special = await counselled(world)
    await world.consent(case, "caritas")
    await written(api, world, case, "health")
    await written(api, world, case, "housing")
    plan = (await api.manager_of(case).get(f"/cases/{case.case_id}/plan")).json()
    for goal in plan["goals"]:
        step = {"goal_id": goal["goal_id"], "kind": "apply", "owner": "participant", "due_on": world.today.isoformat()}
        await post(api, world, case, f"/cases/{case.case_id}/steps", step)
    before = await seen(api, case)
    assert before.count("health") == 7
    await world.revoke(case, special)
    shut = await seen(api, case)
    assert "health" not in shut
    assert shut.count("housing") == before.count("housing")
    assert len((await api.manager_of(case).get("/tasks")).json()) == 1
    await world.consent(case, *KIM)
    assert await seen(api, case) == before, "nothing was deleted"


async def test_what_is_shut_is_not_gone_on_with(world: World, api: Callers) -> None:
    case, _, special = await counselled(world)
    goal = await post(api, world, case, f"/cases/{case.case_id}/goals", {"area": "health", "kind": "keep"})
    due = world.today + timedelta(days=4)
    wish = {"goal_id": goal["goal_id"], "kind": "apply", "owner": "participant", "due_on": due.isoformat()}
    step = await post(api, world, case, f"/cases/{case.case_id}/steps", wish)
    await world.revoke(case, special)
    for path, body in (
        (f"/cases/{case.case_id}/steps", wish),
        (f"/goals/{goal['goal_id']}/progress", {"progress": 50}),
        (f"/steps/{step['step_id']}/state", {"state": "done"}),
    ):
        assert (await post(api, world, case, path, body))["code"] == "consent-missing"
    world.pass_time(timedelta(days=2))
    told = len(await world.told())
    async with world.database.transaction() as conn:
        await commands_plan.remind(conn)
    assert len(await world.told()) == told, "and nobody is reminded of it"


async def test_a_talk_is_asked_for_without_the_topics_that_are_shut(world: World) -> None:
    case, _, special = await counselled(world)
    await world.ask_for_talk(case)
    assert (await world.last(CounsellingRequested)).topics == [Topic.HEALTH, Topic.HOUSING]
    await world.confirm(case, UUID(int=9))
    await world.revoke(case, special)
    await world.ask_for_talk(await world.stored(case))
    assert (await world.last(CounsellingRequested)).topics == [Topic.HOUSING]


async def test_a_conference_on_health_is_not_convened_without_consent_though_no_service_is_there(
    world: World, api: Callers
) -> None:
    case, _, special = await counselled(world)
    await world.consent(case, "awo")
    await world.consent(case, "caritas")
    assert (await confer(world, api, case, "health"))["areas"] == ["health"]
    await world.revoke(case, special)
    assert (await confer(world, api, case, "health"))["recipient"] == "kim"


WRITTEN = {
    "goal": ("goals", {"area": "health", "kind": "keep"}),
    "rating": ("assessments", {"ratings": {"health": 2}}),
    "referral": ("referrals", {"service": "caritas", "area": "health"}),
    "conference": ("conferences", {"held_on": TODAY.isoformat(), "participants": [], "areas": ["health"]}),
}


@pytest.mark.parametrize("what", WRITTEN)
async def test_a_case_that_tells_of_health_by_anything_in_it_goes_elsewhere_with_art_9_consent_alone(
    world: World, api: Callers, what: str
) -> None:
    await world.post()
    there = await world.post(municipalities=frozenset({MOERS}))
    case = await world.in_phase(Phase.PLANNING)
    for recipient in ("kim", f"municipality-{MOERS}"):
        kinds = await world.consent(case, recipient, Purpose.COUNSELLING)
    await world.consent(case, "caritas")
    await world.revoke(case, kinds[1])
    path, body = WRITTEN[what]
    assert (await post(api, world, case, f"/cases/{case.case_id}/{path}", body))["status_code"] == 201
    with pytest.raises(refusals.ConsentMissing) as refused:
        await ask(world, case, MOERS)
    assert refused.value.members["source"] == LAW["special_categories"]
    [_, special, _] = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    assert not await ask(world, case, MOERS)
    assert (await world.stored(case)).case_manager_id == there.id
    await world.revoke(case, special)
    assert (await world.stored(case)).ags == DINSLAKEN, "without it, it comes home"


async def test_away_from_home_nothing_is_written_that_the_municipality_there_must_not_know(
    world: World, api: Callers
) -> None:
    await world.post()
    await world.post(municipalities=frozenset({MOERS}))
    case = await world.in_phase(Phase.PLANNING)
    await world.consent(case, *KIM)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, topics=list(case.topics))
    await ask(world, case, MOERS)
    body = {"area": "work", "kind": "keep"}
    told = await post(api, world, await world.stored(case), f"/cases/{case.case_id}/goals", body)
    assert (told["code"], told["recipient"]) == ("consent-missing", f"municipality-{MOERS}")
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, topics=[Topic.WORK])
    told = await post(api, world, await world.stored(case), f"/cases/{case.case_id}/goals", body)
    assert told["status_code"] == 201


async def test_while_a_dead_letter_may_hide_a_revocation_no_consent_counts(world: World, api: Callers) -> None:
    await world.post()
    await world.post(municipalities=frozenset({MOERS}))
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, *KIM)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    [processing, *_] = await world.consent(case, "caritas")
    await written(api, world, case, "health")
    caritas = api.partner("caritas", DINSLAKEN)
    assert len((await caritas.get("/referrals")).json()) == 1
    dispatcher = await revoke_behind_a_dead_letter(world.database, REACTIONS, case.enquiry_id, processing)
    assert (await caritas.get("/referrals")).json() == []
    assert "health" not in await seen(api, case)
    assert set(await written(api, world, case, "housing")) == {f"consent-missing {LAW['processing']}"}
    with pytest.raises(refusals.ConsentMissing):
        await ask(world, case, MOERS)
    async with world.database.read() as conn:
        [letter] = await deadletters.dead_letters(conn)
    await deadletters.drop(world.database, dispatcher, letter.event_id)
    assert "health" in await seen(api, case)
    assert (await caritas.get("/referrals")).json() == [], "the revocation was heard at last"


async def test_a_case_that_is_elsewhere_is_not_read_there_while_its_consents_are_not_heard(
    world: World, api: Callers
) -> None:
    await world.post()
    await world.post(municipalities=frozenset({MOERS}))
    case = await world.accept()
    [processing, *_] = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    await ask(world, case, MOERS)
    there = api.manager_of(await world.stored(case))
    assert (await there.get(f"/cases/{case.case_id}")).status_code == 200
    await revoke_behind_a_dead_letter(world.database, REACTIONS, case.enquiry_id, processing)
    assert (await there.get(f"/cases/{case.case_id}")).status_code == 404
    assert (await there.get("/cases")).json()["cases"] == []
