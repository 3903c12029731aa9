"""Counselling is voluntary: what ends with the consent to it, and begins again with a new one (Art. 7(3) GDPR)."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.case import commands_posts, listing, store_posts, store_referrals
from services.case.case import Case, ClosingOutcome, ClosingReason, TalkState
from services.case.commands import Edit
from shared.consent_rules import CounsellingNotConsented
from shared.contracts.case import CasePhaseChanged
from shared.contracts.person import ConsentRevoked, CounsellingExpired
from shared.contracts.vocabulary import Phase, Purpose, Recipient, ReferralState
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.test_consents import offer, state_of
from tests.case.world import MOERS, World, accepted

OPEN = [phase for phase in Phase if phase is not Phase.CLOSED]


async def consented(world: World, phase: Phase = Phase.LINKING) -> tuple[Case, UUID]:
    """A case in the phase, and the id of the consent on which its counselling stands."""
    await world.post()
    case = await world.in_phase(phase)
    [consent_id, *_] = await world.consent(case, "kim", Purpose.COUNSELLING)
    return await world.stored(case), consent_id


@pytest.mark.parametrize("phase", OPEN)
async def test_with_the_consent_to_counselling_the_case_is_closed_whatever_its_phase(
    world: World, phase: Phase
) -> None:
    case, consent_id = await consented(world, phase)
    await world.revoke(case, consent_id, ends_counselling=True)
    closed = await world.stored(case)
    assert (closed.phase, closed.reason, closed.outcome) == (Phase.CLOSED, ClosingReason.CONSENT_REVOKED, None)
    assert closed.version > case.version
    told = await world.last(CasePhaseChanged)
    assert (told.case_id, told.phase) == (case.case_id, Phase.CLOSED), "by which scheduling cancels what is arranged"


async def test_what_scheduling_makes_of_it_is_kept(world: World) -> None:
    await world.post()
    case, booking = await world.accept(), new_id()
    await world.confirm(case, booking)
    await world.revoke(case, new_id(), ends_counselling=True)
    await world.release(case, booking)
    assert [talk.state for talk in (await world.stored(case)).talks] == [TalkState.RELEASED]


async def test_with_the_case_go_its_referrals_and_what_waits_for_approval(world: World) -> None:
    supervisor = new_id()
    await world.post(supervisor_id=supervisor)
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "caritas")
    await world.consent(case, f"municipality-{MOERS}", Purpose.COUNSELLING)
    referral = await offer(world, case)
    case = await world.stored(case)
    assert case.case_manager_id
    async with world.database.transaction() as conn:
        await commands_posts.ask(conn, Edit(case.case_id, case.version), case.case_manager_id, MOERS, None)
    await world.revoke(case, new_id(), ends_counselling=True)
    assert await state_of(world, referral) is ReferralState.REVOKED
    async with world.database.read() as conn:
        assert await store_posts.pending_of(conn, supervisor) == []
        [found] = await store_referrals.referrals(conn, case.case_id)
    assert found.state is ReferralState.REVOKED


CONTENTS = ("talks", "choice", "plan", "assessments", "referrals", "conferences", "notes")
TELLING = ("topics", "languages", "mode", "speaks_language", "dialect", "gender", "gender_binding")


async def test_of_a_case_without_consent_nothing_is_read_or_done_but_that_it_is_closed(
    world: World, api: Callers
) -> None:
    case, consent_id = await consented(world)
    manager = api.manager_of(case)
    for each in CONTENTS[:-1]:
        assert (await manager.get(f"/cases/{case.case_id}/{each}")).status_code == 200
    await world.revoke(case, consent_id, ends_counselling=True)
    for each in CONTENTS:
        answer = await manager.get(f"/cases/{case.case_id}/{each}")
        assert (answer.status_code, answer.json()["code"]) == (409, "counselling-not-consented")
        assert answer.json()["source"] == "Art. 7(3) GDPR"
    note = await manager.call("POST", f"/cases/{case.case_id}/notes", {"text": "a note"})
    assert note.json()["code"] == "counselling-not-consented"
    shown = (await manager.get(f"/cases/{case.case_id}")).json()
    assert (shown["reason"], shown["may_be_counselled"], shown["reachable"]) == ("consent_revoked", False, [])
    version = f'"{shown["version"]}"'
    reopened = await manager.call("POST", f"/cases/{case.case_id}/phase", {"phase": "assessment"}, If_Match=version)
    assert reopened.json()["code"] == "counselling-not-consented"


async def test_of_a_case_without_consent_neither_list_nor_file_tells_of_the_person(world: World, api: Callers) -> None:
    case, consent_id = await consented(world)
    manager = api.manager_of(case)

    async def shown() -> list[dict[str, Any]]:
        [listed] = (await manager.get("/cases")).json()["cases"]
        return [listed, (await manager.get(f"/cases/{case.case_id}")).json()]

    before = await shown()
    assert before[0] == before[1]
    assert before[0]["topics"] == ["housing", "residence"]
    await world.revoke(case, consent_id, ends_counselling=True)
    for each in await shown():
        assert [each[name] for name in TELLING] == [None] * len(TELLING)
        assert (each["phase"], each["reason"]) == ("closed", "consent_revoked")
    finding = await manager.call(
        "POST", f"/cases/{case.case_id}/findings", {"kind": "missing_offer", "about": "housing"},
        Idempotency_Key=str(new_id()),
    )  # fmt: skip
    assert (finding.status_code, finding.json()["code"]) == (409, "counselling-not-consented")
    await world.consent(case, "kim", Purpose.COUNSELLING)
    assert [each["topics"] for each in await shown()] == [["housing", "residence"]] * 2


async def test_with_a_new_consent_the_case_is_reopened(world: World, api: Callers) -> None:
    case, consent_id = await consented(world)
    await world.revoke(case, consent_id, ends_counselling=True)
    await world.consent(case, "kim", Purpose.COORDINATION)
    assert not (await world.stored(case)).may_be_counselled, "for another purpose"
    await world.consent(case, "kim", Purpose.COUNSELLING)
    assert (await world.move(await world.stored(case), Phase.ASSESSMENT)).phase is Phase.ASSESSMENT
    assert (await api.manager_of(case).get(f"/cases/{case.case_id}/plan")).status_code == 200


async def test_a_case_that_was_closed_while_it_waited_gets_a_case_manager_with_a_new_consent(world: World) -> None:
    case = await world.accept()
    [consent_id, *_] = await world.consent(case, "kim", Purpose.COUNSELLING)
    await world.revoke(case, consent_id, ends_counselling=True)
    new = await world.post()
    assert await world.assign_waiting() == 0
    await world.consent(case, "kim", Purpose.COUNSELLING)
    assert await world.assign_waiting() == 1
    given = await world.stored(case)
    assert (given.case_manager_id, given.phase) == (new.id, Phase.CLOSED)
    assert (await world.move(given, Phase.ASSESSMENT)).phase is Phase.ASSESSMENT


async def test_another_consent_revoked_closes_nothing(world: World) -> None:
    case, _ = await consented(world)
    [other, *_] = await world.consent(case, "office-dinslaken", Purpose.COORDINATION)
    await world.revoke(case, other)
    assert await world.stored(case) == case


async def test_a_case_that_was_closed_before_keeps_its_reason_and_is_read_no_more(world: World, api: Callers) -> None:
    case, consent_id = await consented(world)
    closed = await world.close(case)
    await world.revoke(case, consent_id, ends_counselling=True)
    shut = await world.stored(case)
    assert (shut.reason, shut.outcome) == (ClosingReason.GOALS_REACHED, ClosingOutcome.IMPROVED)
    assert shut.version > closed.version
    assert (await api.manager_of(case).get(f"/cases/{case.case_id}/plan")).status_code == 409


async def test_a_revocation_that_is_heard_first_opens_no_case(world: World) -> None:
    await world.post()
    enquiry = accepted()
    revoked = ConsentRevoked(
        person_id=new_id(),
        consent_id=new_id(),
        enquiry_id=enquiry.enquiry_id,
        revoked_on=world.today,
        ends_counselling=True,
    )
    await world.hear(revoked)
    with pytest.raises(CounsellingNotConsented):
        await world.hear(enquiry)
    assert await world.told() == []


async def test_when_person_tells_that_the_consent_is_over_the_case_is_closed_and_shut(
    world: World, api: Callers
) -> None:
    case, _ = await consented(world)
    await world.expire(case)
    closed = await world.stored(case)
    assert (closed.phase, closed.reason, closed.outcome) == (Phase.CLOSED, ClosingReason.CONSENT_EXPIRED, None)
    assert (await api.manager_of(case).get(f"/cases/{case.case_id}/plan")).status_code == 409
    await world.expire(case)
    assert await world.stored(case) == closed, "heard again, it changes nothing"
    await world.consent(case, "kim", Purpose.COUNSELLING)
    assert (await world.move(await world.stored(case), Phase.ASSESSMENT)).phase is Phase.ASSESSMENT


async def test_an_expiry_that_is_heard_first_opens_no_case(world: World) -> None:
    await world.post()
    enquiry = accepted()
    await world.hear(CounsellingExpired(person_id=new_id(), enquiry_id=enquiry.enquiry_id, expired_on=world.today))
    with pytest.raises(CounsellingNotConsented):
        await world.hear(enquiry)


async def test_a_month_before_that_it_is_a_task_to_ask_for_a_new_consent(world: World, api: Callers) -> None:
    case, _ = await consented(world)
    await world.consent(case, "caritas", valid_until=world.today)

    async def tasks() -> list[object]:
        found = (await api.manager_of(case).get("/tasks")).json()
        return [(each["case_id"], each["consent_until"], each["is_overdue"]) for each in found]

    last = world.today + timedelta(days=100)
    world.pass_time(timedelta(days=69))
    assert await tasks() == []
    world.pass_time(timedelta(days=1))
    assert await tasks() == [(str(case.case_id), last.isoformat(), False)]
    await world.consent(case, "kim", Purpose.COUNSELLING)
    assert await tasks() == []


@pytest.mark.parametrize("reason", ["consent_revoked", "consent_expired", "enquiry_withdrawn"])
async def test_nobody_chooses_a_reason_that_is_told(world: World, api: Callers, reason: str) -> None:
    case, _ = await consented(world)
    body = {"phase": "closed", "reason": reason, "outcome": "unknown"}
    answer = await api.manager_of(case).call("POST", f"/cases/{case.case_id}/phase", body, If_Match=f'"{case.version}"')
    assert (answer.status_code, answer.json()["code"]) == (422, "reason-uncalled-for")


async def test_a_connection_that_has_read_nothing_yet_can_read_the_list(world: World) -> None:
    """What a row within a row is made of, the driver cannot look up: it has to know the types."""
    manager = await world.post()
    case = await world.accept()
    await world.consent(case, Recipient.KIM, Purpose.COUNSELLING, valid_until=world.today)
    await world.database.pool.expire_connections()
    async with world.database.pool.acquire() as conn:
        told = json.loads(await listing.page(conn, manager.id, None, None, 10))
    assert [each["topics"] for each in told["cases"]] == [list(case.topics)]
