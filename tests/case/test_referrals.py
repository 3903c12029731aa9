"""The loop of a referral: offered, accepted or rejected, done or revoked, by whoever may say so."""

from dataclasses import replace

import httpx
import pytest

from services.case import referrals, refusals
from services.case.case import Case
from services.case.consents import Consent
from services.case.referrals import Referral
from shared.contracts.case import ReferralChanged
from shared.contracts.vocabulary import (
    ConsentKind,
    Mode,
    Phase,
    Purpose,
    Recipient,
    ReferralService,
    ReferralState,
    Topic,
)
from shared.ids import new_id
from tests.case.callers import Callers
from tests.case.test_consents import offer, state_of
from tests.case.world import DINSLAKEN, TODAY, World

OFFERED, ACCEPTED, REJECTED, DONE, REVOKED = ReferralState
FOLLOWS = {OFFERED: {ACCEPTED, REJECTED, REVOKED}, ACCEPTED: {DONE, REVOKED}}
"""What may follow, by hand; nothing else does."""
ASSOCIATIONS = ("awo", "caritas", "paritaet", "drk", "diakonie", "zwst")
CASE = Case(new_id(), new_id(), DINSLAKEN, DINSLAKEN, (Topic.WORK,), ("ti",), Mode.PHONE, TODAY, phase=Phase.LINKING)


def consents(service: ReferralService) -> list[Consent]:
    return [
        Consent(new_id(), kind, Recipient(service.value), Purpose.REFERRAL, valid_until=TODAY) for kind in ConsentKind
    ]


@pytest.mark.parametrize("wanted", ReferralState)
@pytest.mark.parametrize("present", ReferralState)
def test_a_referral_goes_along_its_ways_alone(present: ReferralState, wanted: ReferralState) -> None:
    referral = Referral(new_id(), ReferralService.AWO, Topic.WORK, TODAY, TODAY, present)
    known = consents(ReferralService.AWO)
    if wanted in FOLLOWS.get(present, set()):
        moved, [told] = referrals.move(CASE, known, referral, wanted, TODAY)
        assert moved == replace(referral, state=wanted)
        assert isinstance(told, ReferralChanged)
        assert (told.referral_id, told.state) == (referral.referral_id, wanted)
    else:
        with pytest.raises(refusals.ReferralStateNotReachable):
            referrals.move(CASE, known, referral, wanted, TODAY)


@pytest.mark.parametrize("service", ReferralService)
def test_each_service_needs_its_own_consents(service: ReferralService) -> None:
    """The consents of the others are none, and with its own it is offered."""
    wish = Referral(new_id(), service, Topic.WORK, TODAY, TODAY)
    others = [consent for other in set(ReferralService) - {service} for consent in consents(other)]
    with pytest.raises(refusals.ConsentMissing) as refused:
        referrals.offer(CASE, others, wish, TODAY)
    assert refused.value.members["recipient"] == service.value
    assert referrals.offer(CASE, consents(service), wish, TODAY)[0] == wish


@pytest.mark.parametrize("state", [ACCEPTED, REJECTED])
@pytest.mark.parametrize("association", ASSOCIATIONS)
async def test_each_welfare_association_answers_for_itself(
    world: World, api: Callers, association: str, state: ReferralState
) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, association)
    referral = await offer(world, case, service=ReferralService(association))
    path = f"/referrals/{referral.referral_id}/answer"
    answer = await api.partner(association, DINSLAKEN).call("POST", path, {"state": state})
    assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert await state_of(world, referral) is state
    shown = (await api.manager_of(case).get(f"/cases/{case.case_id}/referrals")).json()
    assert [(each["service"], each["state"]) for each in shown] == [(association, state)]


async def answered(api: Callers, referral: Referral, state: ReferralState) -> httpx.Response:
    path = f"/referrals/{referral.referral_id}/answer"
    return await api.partner("caritas", DINSLAKEN).call("POST", path, {"state": state})


async def shown(api: Callers, **query: str) -> list[str]:
    """To Caritas, whose referrals are open."""
    return [each["referral_id"] for each in (await api.partner("caritas", DINSLAKEN).get("/referrals", **query)).json()]


async def test_with_a_closed_case_go_its_offers_and_what_was_accepted_is_brought_to_its_end(
    world: World, api: Callers
) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "caritas")
    offered, accepted = await offer(world, case), await offer(world, case, Topic.WORK)
    assert (await answered(api, accepted, ACCEPTED)).status_code == 200
    closed = await world.close(await world.stored(case))
    assert (await state_of(world, offered), await state_of(world, accepted)) == (REVOKED, ACCEPTED)
    told = await world.last(ReferralChanged)
    assert (told.referral_id, told.state) == (offered.referral_id, REVOKED)
    late = await answered(api, offered, ACCEPTED)
    assert (late.status_code, late.json()["code"]) == (409, "referral-state-not-reachable")
    assert await shown(api) == [str(accepted.referral_id)]
    done = await answered(api, accepted, DONE)
    assert (done.status_code, done.json()["state"]) == (200, DONE)
    assert (await world.stored(closed)).is_closed
    assert await shown(api) == []


async def test_with_an_enquiry_that_is_withdrawn_go_its_offers(world: World) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "caritas")
    offered = await offer(world, case)
    await world.withdraw(case.enquiry_id)
    assert await state_of(world, offered) is REVOKED


async def test_a_service_pages_through_what_it_was_offered(world: World, api: Callers) -> None:
    await world.post()
    case = await world.in_phase(Phase.LINKING)
    await world.consent(case, "caritas")
    known = [str((await offer(world, case, area)).referral_id) for area in (Topic.WORK, Topic.HOUSING, Topic.MONEY)]
    assert await shown(api) == known
    assert await shown(api, limit="2") == known[:2]
    assert await shown(api, limit="2", after=known[1]) == known[2:]
    assert await shown(api, after=known[2]) == []
