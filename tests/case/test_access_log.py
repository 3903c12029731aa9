"""Who read what of a case: a row for each reading, in the reading's own transaction, for "who saw my data"."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.case.accesses import Read
from services.case.case import Case
from services.person.domain import Accessed
from shared.contracts.vocabulary import Phase, ReferralService
from tests.case.callers import Callers
from tests.case.test_consents import offer
from tests.case.world import DINSLAKEN, World

PARTS = {
    "": Read.CASE,
    "/talks": Read.TALKS,
    "/choice": Read.CHOICE,
    "/plan": Read.PLAN,
    "/assessments": Read.ASSESSMENTS,
    "/referrals": Read.REFERRALS,
    "/conferences": Read.CONFERENCES,
}


@pytest.fixture
async def case(world: World) -> Case:
    await world.post()
    return await world.in_phase(Phase.LINKING)


async def log(world: World) -> list[tuple[UUID, str, str, str, str]]:
    rows = await world.database.pool.fetch("select enquiry_id, who, role, what, why from access_log order by at, id")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("part", PARTS)
async def test_each_part_of_a_case_that_is_read_leaves_its_row(
    world: World, api: Callers, case: Case, part: str
) -> None:
    answer = await api.manager_of(case).get(f"/cases/{case.case_id}{part}")
    assert answer.status_code == 200, answer.text
    who = str(case.case_manager_id)
    assert await log(world) == [(case.enquiry_id, who, "case_manager", PARTS[part], "counselling")]


async def test_a_service_leaves_a_row_for_each_participant_whom_it_is_shown(
    world: World, api: Callers, case: Case
) -> None:
    other = await world.in_phase(Phase.LINKING)
    for each in (case, other):
        await world.consent(each, ReferralService.CARITAS)
        await offer(world, each)
    assert len((await api.partner("caritas", DINSLAKEN).get("/referrals")).json()) == 2
    assert sorted(await log(world)) == sorted(
        (each.enquiry_id, "caritas", "partner", Read.REFERRALS, "referral") for each in (case, other)
    )


async def test_who_is_shown_nobody_leaves_no_row(world: World, api: Callers, case: Case) -> None:
    assert (await api.partner("caritas", DINSLAKEN).get("/referrals")).json() == []
    assert (await api.role("case_manager").get(f"/cases/{case.case_id}")).status_code == 404
    assert await log(world) == []


async def test_what_is_read_again_within_a_minute_is_one_reading(world: World, api: Callers, case: Case) -> None:
    caller, path = api.manager_of(case), f"/cases/{case.case_id}"
    for seconds in (0, 59):
        await caller.get(path)
        world.pass_time(timedelta(seconds=seconds))
    assert len(await log(world)) == 1
    await caller.get(f"{path}/plan")
    assert len(await log(world)) == 2, "of something else it is another"
    world.pass_time(timedelta(seconds=1))
    await caller.get(path)
    assert len(await log(world)) == 3


async def test_nothing_is_given_that_the_access_log_does_not_have(world: World, api: Callers, case: Case) -> None:
    await world.consent(case, ReferralService.CARITAS)
    await offer(world, case)
    await world.database.pool.execute("alter table access_log add constraint nobody_reads check (who = '-') not valid")
    try:
        for caller, path in (
            (api.manager_of(case), f"/cases/{case.case_id}"),
            (api.partner("caritas", DINSLAKEN), "/referrals"),
        ):
            assert (await caller.get(path)).status_code == 500
    finally:
        await world.database.pool.execute("alter table access_log drop constraint nobody_reads")


async def test_person_alone_is_told_them_and_an_erasure_takes_them(world: World, api: Callers, case: Case) -> None:
    await api.manager_of(case).get(f"/cases/{case.case_id}/plan")
    path = f"/internal/enquiries/{case.enquiry_id}/accesses"
    [told] = (await api.role("service", "person").get(path)).json()
    assert (told["who"], told["role"], told["what"], told["why"]) == (
        str(case.case_manager_id), "case_manager", "plan", "counselling",
    )  # fmt: skip
    assert (await api.role("service", "scheduling").get(path)).status_code == 404
    await world.erase(case.enquiry_id)
    assert await log(world) == []
    assert (await api.role("service", "person").get(path)).json()["code"] == "nothing-held"


def test_person_has_words_for_whatever_is_read() -> None:
    assert {*Read} <= {*Accessed}
