"""Referrals, hand-overs and conferences stand on consent: given, revoked, expired; and who approves."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.case import (
    commands_consents,
    commands_posts,
    commands_referrals,
    refusals,
    store_managers,
    store_posts,
    store_referrals,
)
from services.case.case import Case
from services.case.choice import Obstacle
from services.case.commands import Edit
from services.case.commands_posts import Moved
from services.case.manager import CaseManager
from services.case.referrals import Referral
from shared.contracts.case import CaseAssigned, CaseUnassigned, ReferralChanged
from shared.contracts.person import ConflictsStated
from shared.contracts.vocabulary import ConsentKind, Phase, Purpose, ReferralService, ReferralState, Topic
from shared.errors import NotFound
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.world import DINSLAKEN, MOERS, TODAY, World

CARITAS = ReferralService.CARITAS
LAW = {
    "processing": "Art. 6(1)(a) GDPR",
    "special_categories": "Art. 9(2)(a) GDPR",
    "confidentiality_release": "§ 203 StGB",
}


def edit(case: Case) -> Edit:
    return Edit(case.case_id, case.version)


async def offer(world: World, case: Case, area: Topic = Topic.HOUSING, service: ReferralService = CARITAS) -> Referral:
    case = await world.stored(case)
    assert case.case_manager_id
    async with world.database.transaction() as conn:
        _, made = await commands_referrals.offer(conn, edit(case), case.case_manager_id, service, area)
    return made


async def state_of(world: World, referral: Referral) -> ReferralState:
    async with world.database.read() as conn:
        return (await store_referrals.referral(conn, referral.referral_id)).referral.state


async def ask(world: World, case: Case, ags: str, successor: Any = None) -> bool:
    case = await world.stored(case)
    assert case.case_manager_id
    async with world.database.transaction() as conn:
        _, awaits = await commands_posts.ask(conn, edit(case), case.case_manager_id, ags, successor)
    return awaits


@pytest.mark.parametrize("lacking", ConsentKind)
async def test_a_referral_without_one_of_its_consents_is_told_which_and_by_what_law(
    world: World, api: Callers, lacking: ConsentKind
) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    consents = dict(zip(ConsentKind, await world.consent(case, CARITAS), strict=True))
    await world.revoke(case, consents[lacking])
    path, body = f"/cases/{case.case_id}/referrals", {"service": "caritas", "area": "health"}
    answer = await api.manager_of(case).call("POST", path, body, If_Match=f'"{case.version}"')
    told = answer.json()
    assert (answer.status_code, told["code"], told["rule"]) == (409, "consent-missing", "consent-before-disclosure")
    assert (told["kind"], told["recipient"], told["purpose"]) == (lacking, "caritas", "referral")
    assert told["source"] == LAW[lacking]
    assert await world.stored(case) == case


async def test_consent_for_another_recipient_or_purpose_is_none(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "awo")
    await world.consent(case, CARITAS, Purpose.COUNSELLING)
    with pytest.raises(refusals.ConsentMissing):
        await offer(world, case)


async def test_consent_for_another_topic_is_none_and_a_referral_falls_with_the_consent_for_its_own(
    world: World,
) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS, topics=[Topic.WORK])
    with pytest.raises(refusals.ConsentMissing):
        await offer(world, case, Topic.HOUSING)
    processing, *_ = await world.consent(case, CARITAS, topics=[Topic.HOUSING, Topic.MONEY])
    referral = await offer(world, case, Topic.HOUSING)
    await world.revoke(case, processing)
    assert await state_of(world, referral) is ReferralState.REVOKED


async def test_a_referral_falls_when_the_consent_for_its_topic_expires_whatever_others_remain(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS, topics=[Topic.HOUSING], valid_until=world.today)
    await world.consent(case, CARITAS, topics=[Topic.WORK])
    referral = await offer(world, case, Topic.HOUSING)
    world.pass_time(timedelta(days=1))
    async with world.database.transaction() as conn:
        assert await commands_consents.revoke_expired(conn) == 1
    assert await state_of(world, referral) is ReferralState.REVOKED


async def test_a_consent_counts_on_its_last_day_and_no_longer(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS, valid_until=world.today)
    await offer(world, case)
    world.pass_time(timedelta(days=1))
    with pytest.raises(refusals.ConsentExpired) as refused:
        await offer(world, case)
    assert refused.value.members["source"] == "Art. 6(1)(a) GDPR"


async def confer(world: World, api: Callers, case: Case, *areas: str, on: date | None = None) -> Any:
    """With the Caritas and the AWO at the table, today or on that day; the answer."""
    held_on = (on or world.today).isoformat()
    body = {"held_on": held_on, "participants": [], "services": ["awo", "caritas"], "areas": areas}
    version = (await world.stored(case)).version
    answer = await api.manager_of(case).call(
        "POST", f"/cases/{case.case_id}/conferences", body, If_Match=f'"{version}"'
    )
    return answer.json()


async def test_no_service_sits_at_the_table_without_consent_to_every_area_that_is_talked_about(
    world: World, api: Callers
) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "kim", Purpose.COUNSELLING)
    await world.consent(case, "awo")
    told = await confer(world, api, case, "work")
    assert (told["code"], told["recipient"], told["purpose"]) == ("consent-missing", "caritas", "referral")
    processing, special, release = await world.consent(case, CARITAS, topics=[Topic.WORK, Topic.HEALTH])
    assert (await confer(world, api, case, "work", "housing"))["code"] == "consent-missing"
    held = await confer(world, api, case, "work", "health")
    assert held["areas"] == ["work", "health"]
    await world.revoke(case, special)
    assert (await confer(world, api, case, "work"))["areas"] == ["work"]
    told = await confer(world, api, case, "work", "health")
    assert (told["kind"], told["source"]) == ("special_categories", LAW["special_categories"])
    await world.revoke(case, release)
    told = await confer(world, api, case, "work")
    assert (told["kind"], told["source"]) == ("confidentiality_release", LAW["confidentiality_release"])
    await world.revoke(case, processing)
    assert (await confer(world, api, case, "work"))["kind"] == "processing"


async def test_areas_may_be_consented_to_one_by_one(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "awo")
    for topic in (Topic.WORK, Topic.HOUSING):
        await world.consent(case, CARITAS, topics=[topic])
    assert (await confer(world, api, case, "work", "housing"))["areas"] == ["work", "housing"]


async def _convened(world: World, api: Callers, days: int = 0, **terms: Any) -> tuple[Case, str, UUID]:
    """A case, its conference with the Caritas in so many days, and a consent on which that stands."""
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "awo")
    processing, *_ = await world.consent(case, CARITAS, **terms)
    held = await confer(world, api, case, "work", on=world.today + timedelta(days=days))
    return case, held["conference_id"], processing


async def conclude(world: World, api: Callers, case: Case, conference: str, outcome: str) -> httpx.Response:
    path, version = f"/conferences/{conference}/outcome", (await world.stored(case)).version
    return await api.manager_of(case).call("POST", path, {"outcome": outcome}, If_Match=f'"{version}"')


async def outcomes(world: World, case: Case) -> list[str | None]:
    async with world.database.read() as conn:
        return [each.outcome for each in await store_referrals.conferences(conn, case.case_id)]


async def test_a_conference_to_come_whose_consent_is_revoked_ends_and_says_why(world: World, api: Callers) -> None:
    case, conference, processing = await _convened(world, api, days=3)
    [other, *_] = await world.consent(case, "diakonie")
    await world.revoke(case, other)
    assert await outcomes(world, case) == [None]
    before = await world.stored(case)
    await world.revoke(case, processing)
    assert await outcomes(world, case) == ["consent_gone"]
    assert (await world.stored(case)).version > before.version
    answer = await conclude(world, api, case, conference, "escalated")
    assert (answer.status_code, answer.json()["code"]) == (409, "conference-concluded")


async def test_of_a_conference_that_was_held_with_consent_the_outcome_is_noted_also_when_that_is_over(
    world: World, api: Callers
) -> None:
    """Art. 7(3) GDPR: what was lawful before stays so."""
    case, conference, processing = await _convened(world, api, valid_until=TODAY)
    world.pass_time(timedelta(days=1))
    await world.revoke(case, processing)
    assert await outcomes(world, case) == [None]
    assert (await conclude(world, api, case, conference, "escalated")).status_code == 200
    assert await outcomes(world, case) == ["escalated"]


async def test_a_conference_is_convened_for_days_alone_on_which_the_consent_counts(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "awo")
    await world.consent(case, CARITAS, valid_until=world.today + timedelta(days=2))
    assert "conference_id" in await confer(world, api, case, "work", on=world.today + timedelta(days=2))
    told = await confer(world, api, case, "work", on=world.today + timedelta(days=3))
    assert (told["code"], told["recipient"]) == ("consent-expired", "caritas")


@pytest.mark.parametrize("passed", [0, 5])
async def test_a_conference_that_is_not_held_is_called_off_before_or_after_its_day_without_any_consent(
    world: World, api: Callers, passed: int
) -> None:
    case, conference, _ = await _convened(world, api, days=3, valid_until=TODAY + timedelta(days=3))
    world.pass_time(timedelta(days=passed))
    answer = await conclude(world, api, case, conference, "called_off")
    assert (answer.status_code, answer.json()["outcome"]) == (200, "called_off")
    again = await conclude(world, api, case, conference, "called_off")
    assert again.json()["code"] == "conference-concluded"


async def test_that_a_consent_is_gone_is_no_outcome_to_be_chosen(world: World, api: Callers) -> None:
    case, conference, _ = await _convened(world, api)
    answer = await conclude(world, api, case, conference, "consent_gone")
    assert (answer.status_code, answer.json()["code"]) == (422, "outcome-uncalled-for")
    assert await outcomes(world, case) == [None]


async def test_with_a_closed_case_its_conferences_to_come_are_off(world: World, api: Callers) -> None:
    case, _, _ = await _convened(world, api, days=3)
    await confer(world, api, case, "work")
    await world.close(await world.stored(case))
    assert await outcomes(world, case) == [None, "called_off"], "in the order of their days"


async def test_with_the_consent_to_counselling_go_the_conferences_to_come(world: World, api: Callers) -> None:
    case, _, _ = await _convened(world, api, days=3)
    await confer(world, api, case, "work")
    await world.revoke(case, new_id(), ends_counselling=True)
    assert await outcomes(world, case) == ["consent_gone", "consent_gone"]


async def test_with_a_revoked_consent_goes_what_stood_on_it(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "kim", Purpose.COUNSELLING)
    processing, special, _ = await world.consent(case, CARITAS)
    health, housing = await offer(world, case, Topic.HEALTH), await offer(world, case, Topic.HOUSING)
    await world.revoke(case, special)
    assert await state_of(world, health) is ReferralState.REVOKED
    assert await state_of(world, housing) is ReferralState.OFFERED
    await world.revoke(case, processing)
    assert await state_of(world, housing) is ReferralState.REVOKED
    assert (await world.last(ReferralChanged)).state is ReferralState.REVOKED


async def test_with_an_expired_consent_goes_what_stood_on_it(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS, valid_until=world.today)
    referral = await offer(world, case)
    async with world.database.transaction() as conn:
        assert await commands_consents.revoke_expired(conn) == 0
    world.pass_time(timedelta(days=1))
    async with world.database.transaction() as conn:
        assert await commands_consents.revoke_expired(conn) == 1
    assert await state_of(world, referral) is ReferralState.REVOKED


async def test_a_service_answers_what_it_was_offered(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS)
    referral = await offer(world, case)
    caritas = api.partner("caritas", DINSLAKEN)
    [seen] = (await caritas.get("/referrals")).json()
    assert seen["referral_id"] == str(referral.referral_id)
    assert str(case.case_id) not in str(seen)
    path = f"/referrals/{referral.referral_id}/answer"
    for other in (api.partner("awo", DINSLAKEN), api.partner("caritas", MOERS)):
        assert (await other.get("/referrals")).json() == []
        assert (await other.call("POST", path, {"state": "accepted"})).status_code == 404
    for state in ("accepted", "done"):
        assert (await caritas.call("POST", path, {"state": state})).json()["state"] == state
    again = await caritas.call("POST", path, {"state": "rejected"})
    assert (again.status_code, again.json()["reachable"]) == (409, [])
    assert (await caritas.get("/referrals")).json() == []


async def test_a_service_sees_nothing_whose_consent_has_expired(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS, valid_until=world.today)
    referral, caritas = await offer(world, case), api.partner("caritas", DINSLAKEN)
    world.pass_time(timedelta(days=1))
    assert (await caritas.get("/referrals")).json() == []
    answer = await caritas.call("POST", f"/referrals/{referral.referral_id}/answer", {"state": "accepted"})
    assert (answer.status_code, answer.json()["code"]) == (409, "consent-expired")


async def test_an_erasure_leaves_no_consent_and_nothing_that_stood_on_one(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, CARITAS)
    await offer(world, case)
    await world.erase(case.enquiry_id)
    for table in ("consent", "referral", "goal", "note", "conference", "assessment"):
        assert await world.database.pool.fetchval(f"select count(*) from {table}") == 0  # noqa: S608


async def _elsewhere(world: World, supervisor: Any = None) -> tuple[Case, CaseManager]:
    await world.post(supervisor_id=supervisor)
    there = await world.post(municipalities=frozenset({MOERS}))
    return await world.accept(), there


async def test_another_municipality_gets_a_case_with_a_new_consent_alone(world: World) -> None:
    case, there = await _elsewhere(world)
    await world.consent(case, "office-moers", Purpose.COORDINATION)
    with pytest.raises(refusals.ConsentMissing):
        await ask(world, case, MOERS)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    assert not await ask(world, case, MOERS)
    moved = await world.stored(case)
    assert (moved.ags, moved.case_manager_id) == (MOERS, there.id)
    told = await world.last(CaseAssigned)
    assert (told.ags, told.case_manager_id) == (MOERS, there.id)


async def test_another_municipality_gets_a_case_with_consent_to_each_of_its_topics_alone(world: World) -> None:
    case, there = await _elsewhere(world)
    assert case.topics == (Topic.HOUSING, Topic.RESIDENCE)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, topics=[Topic.HOUSING])
    with pytest.raises(refusals.ConsentMissing):
        await ask(world, case, MOERS)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, topics=[Topic.RESIDENCE])
    assert not await ask(world, case, MOERS)
    assert (await world.stored(case)).case_manager_id == there.id


async def test_a_case_on_health_goes_elsewhere_with_consent_to_special_categories_alone(world: World) -> None:
    await world.post()
    await world.post(municipalities=frozenset({MOERS}))
    case = await world.accept(topics=[Topic.HEALTH])
    _, special, _ = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    await world.revoke(case, special)
    with pytest.raises(refusals.ConsentMissing) as refused:
        await ask(world, case, MOERS)
    assert refused.value.members["source"] == LAW["special_categories"]


async def test_where_there_is_a_supervisor_they_approve_and_consent_counts_then_too(world: World) -> None:
    supervisor = new_id()
    case, there = await _elsewhere(world, supervisor)
    [processing, *_] = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    assert await ask(world, case, MOERS)
    with pytest.raises(refusals.HandOverUnderWay):
        await ask(world, case, MOERS)

    async def decide(who: Any, *, approved: bool) -> None:
        async with world.database.transaction() as conn:
            await commands_posts.decide(conn, case.case_id, who, approved=approved)

    for nobody in (new_id(), case.case_manager_id):
        with pytest.raises(NotFound):
            await decide(nobody, approved=True)
    await decide(supervisor, approved=False)
    assert (await world.stored(case)).case_manager_id == case.case_manager_id
    assert await ask(world, case, MOERS)
    await world.revoke(case, processing)
    with pytest.raises(NotFound):
        await decide(supervisor, approved=True)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, valid_until=world.today)
    assert await ask(world, case, MOERS)
    world.pass_time(timedelta(days=1))
    with pytest.raises(refusals.ConsentExpired):
        await decide(supervisor, approved=True)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    await decide(supervisor, approved=True)
    assert (await world.stored(case)).case_manager_id == there.id


async def _away(world: World, **changed: Any) -> tuple[Case, CaseManager, UUID]:
    """A case that Dinslaken has handed over to Moers, its case manager there, and one of the consents for that."""
    case, there = await _elsewhere(world)
    [processing, *_] = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, **changed)
    assert not await ask(world, case, MOERS)
    return await world.stored(case), there, processing


async def test_a_case_comes_home_when_the_consent_to_another_municipality_is_revoked(
    world: World, api: Callers
) -> None:
    case, there, processing = await _away(world)
    [other, *_] = await world.consent(case, "caritas")
    await world.revoke(case, other)
    assert await world.stored(case) == case
    await world.revoke(case, processing)
    home = await world.stored(case)
    assert (home.ags, home.is_away) == (DINSLAKEN, False)
    assert home.case_manager_id not in {None, there.id}
    told = await world.last(CaseAssigned)
    assert (told.ags, told.case_manager_id) == (DINSLAKEN, home.case_manager_id), "from whom reading rights follow"
    caller = api.role("case_manager", there.id)
    assert (await caller.get(f"/cases/{case.case_id}")).status_code == 404


async def test_a_closed_case_comes_home_too_and_is_reopened_there(world: World, api: Callers) -> None:
    case, there, processing = await _away(world)
    await world.close(case)
    await world.revoke(case, processing)
    home = await world.stored(case)
    assert (home.ags, home.phase) == (DINSLAKEN, Phase.CLOSED)
    assert home.case_manager_id not in {None, there.id}
    told = await world.last(CaseAssigned)
    assert (told.ags, told.phase, told.case_manager_id) == (DINSLAKEN, Phase.CLOSED, home.case_manager_id)
    await _reads_nothing(api, there, case)
    assert (await api.manager_of(home).get(f"/cases/{case.case_id}/plan")).status_code == 200
    assert (await world.move(home, Phase.ASSESSMENT)).phase is Phase.ASSESSMENT


async def test_a_closed_case_that_comes_home_where_nobody_has_room_waits_there_and_asks_for_no_talk(
    world: World, api: Callers
) -> None:
    case, there, processing = await _away(world)
    await world.close(case)
    for manager in await everybody(world):
        if manager.id != there.id:
            await world.post(id=manager.id, fte=Decimal(0))
    await world.revoke(case, processing)
    assert (await world.stored(case)).case_manager_id is None
    await _reads_nothing(api, there, case)
    requested = (await world.names()).count("CounsellingRequested")
    new = await world.post()
    assert await world.assign_waiting() == 1
    given = await world.stored(case)
    assert (given.case_manager_id, given.phase) == (new.id, Phase.CLOSED)
    assert (await world.names()).count("CounsellingRequested") == requested
    assert await world.assign_waiting() == 0


@pytest.mark.parametrize("closed", [False, True])
async def test_a_case_comes_home_when_the_consent_to_another_municipality_is_over(
    world: World, api: Callers, *, closed: bool
) -> None:
    case, there, _ = await _away(world, valid_until=TODAY)
    if closed:
        await world.close(case)
    assert await bring_home(world) == 0
    assert (await api.role("case_manager", there.id).get(f"/cases/{case.case_id}/plan")).status_code == 200
    world.pass_time(timedelta(days=1))
    await _reads_nothing(api, there, case)
    assert await bring_home(world) == 1
    assert (await world.stored(case)).ags == DINSLAKEN
    assert await bring_home(world) == 0


async def bring_home(world: World) -> int:
    async with world.database.transaction() as conn:
        return await commands_consents.bring_home_expired(conn)


async def _reads_nothing(api: Callers, manager: CaseManager, case: Case) -> None:
    """By the clock at once, whether the case has come home already or not."""
    caller = api.role("case_manager", manager.id)
    assert (await caller.get("/cases")).json()["cases"] == []
    for what in ("", "/talks", "/choice", "/plan", "/assessments", "/referrals", "/conferences", "/notes"):
        assert (await caller.get(f"/cases/{case.case_id}{what}")).status_code == 404, what


async def test_with_the_consent_to_another_municipality_goes_the_hand_over_that_waits_for_approval(
    world: World, api: Callers
) -> None:
    supervisor = new_id()
    case, _ = await _elsewhere(world, supervisor)
    caller = api.role("case_manager", supervisor)
    [processing, *_] = await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    assert await ask(world, case, MOERS)
    await world.revoke(case, processing)
    assert (await caller.get("/approvals")).json() == []
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING, valid_until=world.today)
    assert await ask(world, case, MOERS), "none waits any more"
    world.pass_time(timedelta(days=1))
    async with world.database.transaction() as conn:
        assert await commands_consents.drop_expired_hand_overs(conn) == 1
    assert (await caller.get("/approvals")).json() == []
    assert (await world.stored(case)).ags == DINSLAKEN


async def test_a_case_that_comes_home_where_nobody_has_room_waits_there(world: World) -> None:
    case, there, processing = await _away(world)
    for manager in await everybody(world):
        if manager.id != there.id:
            await world.post(id=manager.id, fte=Decimal(0))
    await world.revoke(case, processing)
    waiting = await world.stored(case)
    assert (waiting.ags, waiting.case_manager_id) == (DINSLAKEN, None)
    told = await world.last(CaseUnassigned)
    assert told.ags == DINSLAKEN
    new = await world.post()
    assert await world.assign_waiting() == 1
    assert (await world.stored(case)).case_manager_id == new.id


async def everybody(world: World) -> list[CaseManager]:
    async with world.database.read() as conn:
        return await store_managers.everybody(conn)


async def test_with_a_closed_case_goes_the_hand_over_that_waits_for_approval(world: World, api: Callers) -> None:
    supervisor = new_id()
    case, _ = await _elsewhere(world, supervisor)
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    assert await ask(world, case, MOERS)
    caller = api.role("case_manager", supervisor)
    assert [each["case_id"] for each in (await caller.get("/approvals")).json()] == [str(case.case_id)]
    await world.close(await world.stored(case))
    assert (await caller.get("/approvals")).json() == []


async def test_within_a_municipality_a_named_colleague_gets_the_case(world: World) -> None:
    case, elsewhere = await _elsewhere(world)
    colleague = await world.post()
    with pytest.raises(refusals.HandOverToOneself):
        await ask(world, case, DINSLAKEN, case.case_manager_id)
    for unable in (elsewhere.id, new_id()):
        with pytest.raises(refusals.SuccessorUnable):
            await ask(world, case, DINSLAKEN, unable)
    assert not await ask(world, case, DINSLAKEN, colleague.id)
    assert (await world.stored(case)).case_manager_id == colleague.id


async def test_when_somebody_falls_ill_every_open_case_moves_and_each_choice_explains_itself(
    world: World, api: Callers
) -> None:
    ill = await world.post()
    cases = [await world.accept() for _ in range(5)]
    closed = await world.close(cases.pop())
    colleagues = {(await world.post()).id, (await world.post()).id}
    body = {"absent_from": world.today.isoformat()}
    answer = await api.role("administrator").call("POST", f"/case-managers/{ill.id}/absence", body)
    moved = {each["case_id"]: each["case_manager_id"] for each in answer.json()}
    assert moved.keys() == {str(case.case_id) for case in cases}
    for case in cases:
        stored = await world.stored(case)
        assert stored.case_manager_id in colleagues
        choice = (await api.manager_of(stored).get(f"/cases/{case.case_id}/choice")).json()
        assert choice["ranked"][0]["case_manager_id"] == str(stored.case_manager_id)
        assert {"case_manager_id": str(ill.id), "obstacle": "not_available"} in choice["excluded"]
    assert (await world.stored(closed)).case_manager_id == ill.id
    assert len(set(moved.values())) == 2, "by capacity, not all to one"


async def test_cases_for_whom_nobody_has_room_wait_and_are_assigned_without_another_first_talk(world: World) -> None:
    ill = await world.post()
    case = await world.accept()
    async with world.database.transaction() as conn:
        assert await commands_posts.fall_ill(conn, ill.id, world.today, None) == [Moved(case.case_id, None)]
    assert (await world.names())[-1] == "CaseUnassigned"
    with pytest.raises(NotFound):
        await ask_as(world, case, ill)
    new = await world.post()
    assert await world.assign_waiting() == 1
    assert (await world.stored(case)).case_manager_id == new.id
    assert (await world.names()).count("CounsellingRequested") == 1


async def ask_as(world: World, case: Case, manager: CaseManager) -> None:
    async with world.database.transaction() as conn:
        await commands_posts.declare_conflict(conn, edit(await world.stored(case)), manager.id)


async def test_who_is_partial_never_gets_the_case_back(world: World) -> None:
    partial, case = await world.post(), await world.accept()
    await ask_as(world, case, partial)
    assert await world.assign_waiting() == 0
    async with world.database.read() as conn:
        assert await store_posts.in_conflict(conn, case.case_id) == {partial.id}
    impartial = await world.post()
    assert await world.assign_waiting() == 1
    assert (await world.stored(case)).case_manager_id == impartial.id


async def test_an_equal_token_keeps_a_case_from_a_case_manager(world: World, api: Callers) -> None:
    token = "a" * 64
    await world.post(conflict_tokens=frozenset({token}))
    case = await world.accept()
    other = await world.post(conflict_tokens=frozenset({"b" * 64}))
    await world.hear(ConflictsStated(person_id=new_id(), enquiry_id=case.enquiry_id, tokens=[token]))
    stored = await world.stored(case)
    assert stored.case_manager_id == other.id
    choice = (await api.manager_of(stored).get(f"/cases/{case.case_id}/choice")).json()
    assert [each["obstacle"] for each in choice["excluded"]] == [Obstacle.NOT_AVAILABLE]


async def test_nobody_reads_that_a_colleague_has_a_conflict_of_interest(world: World, api: Callers) -> None:
    """Of a family, a village or a community it would tell. Absence and a lack of room look the same."""
    await world.post()
    case = await world.accept()
    token = "a" * 64
    partial = await world.post(conflict_tokens=frozenset({token}))
    ill, full = await world.post(absent_from=TODAY), await world.post(fte=Decimal(0))
    await world.post()
    await world.hear(ConflictsStated(person_id=new_id(), enquiry_id=case.enquiry_id, tokens=[token]))
    await ask(world, case, DINSLAKEN)
    case = await world.stored(case)
    excluded = (await api.manager_of(case).get(f"/cases/{case.case_id}/choice")).json()["excluded"]
    obstacles = {each["case_manager_id"]: each["obstacle"] for each in excluded}
    assert {obstacles[str(each.id)] for each in (partial, ill, full)} == {"not_available"}
    path = f"/cases/{case.case_id}/hand-over"
    for unable in (partial, ill):
        body = {"ags": DINSLAKEN, "case_manager_id": str(unable.id)}
        answer = await api.manager_of(case).call("POST", path, body, If_Match=f'"{case.version}"')
        assert (answer.status_code, answer.json()["obstacle"]) == (409, "not_available")
