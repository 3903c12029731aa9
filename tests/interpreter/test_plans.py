"""A plan of all that is open in some days: asked for, looked at, explained."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.interpreter import commands_plans, plans
from services.interpreter.plan_contents import Stage
from services.interpreter.plan_refusals import DaysUpsideDown, TooLateToPlan, VersionOutdated
from services.interpreter.plans import Fault, PlanState, Progress, Scope
from services.interpreter.store_erasure import erase
from shared.clock import now
from shared.contracts.scheduling import BookingProposed
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, DAY_OF_TALK, DINSLAKEN, STARTS_AT, TODAY, Booking, languages, slot
from tests.interpreter.planning import ask, chosen, compute, days, look, made_of, planned

DAY = timedelta(days=1)


async def test_a_plan_is_asked_for_computed_and_explained_against_the_runner_up(agency: Agency) -> None:
    both = await agency.knows(languages=languages(ti="native", am="b2"))
    tigrinya = await agency.knows(languages=languages(ti="c1"))
    first, second, unmet = Booking(), Booking(), Booking()
    free = [both.id, tigrinya.id]
    await agency.hears(
        first.requested((slot(), free)),
        second.requested((slot(), free), languages=["am"]),
        unmet.requested((slot(), free), languages=["prs"]),
    )
    answer = await ask(agency)
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["etag"]) == (202, "1", '"1"')
    waiting = await look(agency, answer.headers["location"])
    assert (waiting["state"], waiting["stage"], waiting["choices"]) == ("computing", "waiting", [])
    await compute(agency)
    found = await look(agency, answer.headers["location"])
    assert (found["state"], found["percent"], found["from"]) == ("ready", 100, DAY_OF_TALK.isoformat())
    assert chosen(found) == {first.id: tigrinya.id, second.id: both.id}
    [mine] = [each for each in found["choices"] if each["request_id"] == str(first.id)]
    second_best = mine["runner_up"]
    assert (second_best["interpreter_id"], second_best["needed_for"]) == (str(both.id), [str(second.id)])
    assert second_best["costs_more"]["language_level"] < 0, "better at the language, and needed elsewhere"
    assert sum(second_best["costs_more"].values()) == second_best["cost"] - mine["cost"]
    assert mine["cost"] == sum(each["points"] for each in mine["costs"])
    [missing] = found["unmet"]
    assert missing == {
        "request_id": str(unmet.id),
        "needed_elsewhere": 0,
        "refusals": {"language_not_spoken": 2},
    }


async def test_only_what_can_be_chosen_on_those_days_in_that_municipality_is_planned(agency: Agency) -> None:
    who = (await agency.knows(municipalities=(DINSLAKEN, ALPEN))).id
    here, elsewhere, later, gone = Booking(), Booking(ags=ALPEN), Booking(), Booking()
    first, not_proposed = slot(), slot(STARTS_AT + timedelta(hours=3))
    await agency.hears(
        here.requested((first, [who]), (not_proposed, [who])),
        elsewhere.requested((slot(STARTS_AT + timedelta(hours=5)), [who])),
        later.requested((slot(STARTS_AT + 7 * DAY), [who])),
        gone.requested((slot(), [who])),
        gone.held(who, starts_at=STARTS_AT + 2 * DAY, ends_at=STARTS_AT + 3 * DAY),
        BookingProposed(**here.ids, slots=[first], proposed_on=TODAY),
    )
    found = await look(agency, await planned(agency))
    assert chosen(found) == {here.id: who}
    assert found["choices"][0]["slot_id"] == str(first.slot_id)
    county = await planned(agency, municipality=None, pool="kreis-wesel", **days(DAY_OF_TALK, DAY_OF_TALK + 10 * DAY))
    assert chosen(await look(agency, county)).keys() == {here.id, elsewhere.id, later.id}


async def test_whose_own_hours_forbid_it_by_now_is_not_planned(agency: Agency) -> None:
    who, booking = await agency.knows(), Booking()
    await agency.hears(booking.requested((slot(), [who.id])))
    mornings = [{"weekday": STARTS_AT.weekday(), "starts": "07:00:00", "ends": "08:00:00"}]
    answer = await agency.client.put(
        f"/interpreters/{who.id}/availability", json={"windows": mornings}, headers=agency.as_interpreter(who.id)
    )
    assert answer.status_code == 200
    [unmet] = (await look(agency, await planned(agency)))["unmet"]
    assert unmet["refusals"] == {"not_free": 1}


async def test_who_was_asked_for_another_talk_at_that_time_is_not_planned(agency: Agency) -> None:
    who, booking = (await agency.knows()).id, Booking()
    await agency.hears(booking.requested((slot(), [who])), Booking().held(who))
    [unmet] = (await look(agency, await planned(agency)))["unmet"]
    assert unmet["refusals"] == {"not_free": 1}


async def test_a_coordinator_plans_for_the_municipalities_of_the_office_alone(agency: Agency) -> None:
    coordinator = agency.token("coordinator", office="dinslaken")
    mine = await ask(agency, coordinator)
    assert mine.status_code == 202
    others = await ask(agency, municipality=ALPEN)
    refused = [await ask(agency, coordinator, municipality=ALPEN)]
    refused.append(await ask(agency, coordinator, municipality=None, pool="kreis-wesel"))
    assert [(each.status_code, each.json()["field"]) for each in refused] == [(403, "municipality"), (403, "pool")]
    seen = await agency.client.get(others.headers["location"], headers=coordinator)
    assert seen.status_code == 404
    listed = await agency.client.get("/plans", headers=coordinator)
    assert [each["plan_id"] for each in listed.json()] == [mine.json()["plan_id"]]
    everything = await agency.client.get("/plans", headers=agency.token("administrator"))
    assert len(everything.json()) == 2


async def test_too_many_plans_at_once_are_refused_for_a_while(agency: Agency) -> None:
    for _ in range(commands_plans.MOST_AT_ONCE):
        assert (await ask(agency)).status_code == 202
    refused = await ask(agency)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")


async def test_asked_twice_with_one_key_one_plan_is_made(agency: Agency) -> None:
    headers = agency.token("administrator") | {"Idempotency-Key": str(new_id())}
    first, again = await ask(agency, headers), await ask(agency, headers)
    assert (first.json(), first.headers["location"]) == (again.json(), again.headers["location"])
    assert again.headers["retry-after"] == "1"


async def test_a_plan_does_not_outlive_the_data_of_a_person_in_it(agency: Agency) -> None:
    who, one, other = (await agency.knows()).id, Booking(), Booking()
    await agency.hears(one.requested((slot(), [who])), other.requested((slot(), [who])))
    path = await planned(agency)
    async with agency.db.transaction() as conn:
        await erase(conn, [UUID(str(one.ids["enquiry_id"]))])
    assert (await agency.client.get(path, headers=agency.token("administrator"))).status_code == 404
    assert await agency.db.pool.fetchval("select count(*) from planned_request") == 0


async def test_who_is_erased_while_a_plan_is_computed_does_not_come_into_it(agency: Agency) -> None:
    who, one, other = (await agency.knows()).id, Booking(), Booking()
    await agency.hears(one.requested((slot(), [who])), other.requested((slot(), [who])))
    path = (await ask(agency)).headers["location"]
    async with agency.db.transaction() as conn:
        claimed = await commands_plans.claim(conn)
    assert claimed
    made = await made_of(agency)
    async with agency.db.transaction() as conn:
        await erase(conn, [UUID(str(one.ids["enquiry_id"]))])
    async with agency.db.transaction() as conn:
        await commands_plans.finish(conn, claimed, made)
    assert (await look(agency, path))["state"] == "computing"
    await compute(agency)
    assert chosen(await look(agency, path)) == {other.id: who}


async def test_plans_are_forgotten_30_days_after_their_last_day(agency: Agency) -> None:
    kept, over = await planned(agency), await planned(agency)
    for path, days_ago in ((kept, 30), (over, 31)):
        await agency.db.pool.execute(
            "update assignment_plan set forget_on = $2::date + 30 where id = $1",
            *(UUID(path.rpartition("/")[2]), TODAY - days_ago * DAY),
        )
    async with agency.db.transaction() as conn:
        assert await commands_plans.forget(conn) == 1
    assert (await look(agency, kept))["state"] == "ready"
    assert (await agency.client.get(over, headers=agency.token("administrator"))).status_code == 404


def test_a_plan_has_an_end_after_its_beginning_and_not_in_the_past() -> None:
    for first, last in ((TODAY, TODAY - DAY), (TODAY, TODAY + 31 * DAY)):
        with pytest.raises(DaysUpsideDown):
            plans.request(new_id(), Scope(first, last, None), now())
    with pytest.raises(TooLateToPlan):
        plans.request(new_id(), Scope(TODAY - 3 * DAY, TODAY - DAY, None), now())
    assert plans.request(new_id(), Scope(TODAY - DAY, TODAY + 29 * DAY, None), now()).state is PlanState.COMPUTING


def test_a_plan_that_was_begun_three_times_and_never_ended_has_failed() -> None:
    at = now()
    plan = plans.request(new_id(), Scope(TODAY, TODAY, None), at)
    for _ in range(plans.MOST_ATTEMPTS):
        plan = plans.claim(plan, at, at)
        assert plan.is_computing
    plan = plans.claim(plan, at, at)
    assert (plan.state, plan.fault) == (PlanState.FAILED, Fault.INTERRUPTED)


def test_progress_never_goes_back() -> None:
    at = now()
    plan = plans.go_on(plans.request(new_id(), Scope(TODAY, TODAY, None), at), Progress(Stage.SOLVING, 70), at)
    assert plans.go_on(plan, Progress(Stage.SOLVING, 65), at).percent == 70


def test_a_plan_is_adopted_by_its_version_and_again_is_the_same() -> None:
    at = now()
    ready = plans.computed(plans.request(new_id(), Scope(TODAY, TODAY, None), at), 7)
    with pytest.raises(VersionOutdated):
        plans.adopt(ready, ready.version - 1, at)
    adopted = plans.adopt(ready, ready.version, at)
    assert plans.adopt(adopted, adopted.version, at) is adopted
