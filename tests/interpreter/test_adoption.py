"""An adopted plan says who is asked first; what went stale is refused as a whole, and says why."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.interpreter import adopting, store_rankings
from shared.contracts.case import InterpretingNeedsChanged
from shared.contracts.interpreter import CandidatesReordered
from shared.contracts.person import InterpreterConflictsStated
from shared.contracts.scheduling import BookingProposed, Slot
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import ALPEN, DINSLAKEN, STARTS_AT, TODAY, Booking, languages, slot
from tests.interpreter.planning import adopt, chosen, look, planned

LATER = STARTS_AT + timedelta(hours=4)


class Two:
    """Two talks at one time and two interpreters; one of them could do either, and would be first for both."""

    def __init__(self, agency: Agency) -> None:
        self.agency = agency
        self.first, self.second = Booking(), Booking()
        self.first_slot, self.second_slot = slot(), slot()
        self.other_time = Slot(slot_id=new_id(), starts_at=LATER, ends_at=LATER + timedelta(hours=3))
        """A longer talk, so it costs more."""

    async def ask(self) -> None:
        self.both = (await self.agency.knows(languages=languages(ti="native", am="b2"))).id
        self.tigrinya = (await self.agency.knows(languages=languages(ti="native"))).id
        free = [self.both, self.tigrinya]
        await self.agency.hears(
            self.first.requested((self.first_slot, free), (self.other_time, free)),
            self.second.requested((self.second_slot, free), languages=["am"]),
        )


@pytest.fixture
async def two(agency: Agency) -> Two:
    made = Two(agency)
    await made.ask()
    return made


async def orders(agency: Agency, booking_id: UUID) -> dict[UUID, list[UUID]]:
    """Slot -> who is asked, the first one first: as it was told last, and as the ranking explains it."""
    told = [each for each in await agency.told(CandidatesReordered) if each.booking_id == booking_id][-1]
    found = {each.slot_id: [one.interpreter_id for one in each.asked] for each in told.slots}
    async with agency.db.read() as conn:
        _, ranked = await store_rankings.ranking(conn, booking_id)
    explained: dict[UUID, list[UUID]] = {}
    for each in ranked:
        explained.setdefault(each["slot_id"], []).append(each["interpreter_id"])
    assert {at: explained[at] for at in found} == found
    return found


async def test_whoever_the_plan_has_chosen_is_asked_first_and_whom_it_needs_elsewhere_last(two: Two) -> None:
    path = await planned(two.agency)
    answer = await adopt(two.agency, path)
    assert (answer.status_code, answer.json()["state"], answer.headers["etag"]) == (200, "adopted", '"3"')
    assert await orders(two.agency, two.first.id) == {
        two.first_slot.slot_id: [two.tigrinya, two.both],
        two.other_time.slot_id: [two.both, two.tigrinya],
    }
    assert await orders(two.agency, two.second.id) == {two.second_slot.slot_id: [two.both]}
    ranking = await two.agency.client.get(f"/rankings/{two.first.id}", headers=two.agency.token("administrator"))
    reasons = {
        each["interpreter_id"]: [one["reason"] for one in each["reasons"]]
        for each in ranking.json()
        if each["slot_id"] == str(two.first_slot.slot_id)
    }
    assert "planned" in reasons[str(two.tigrinya)]
    assert "planned_elsewhere" in reasons[str(two.both)]


async def test_where_the_plan_means_another_of_their_languages_that_one_is_told(agency: Agency) -> None:
    tigrinya = (await agency.knows(languages=languages(ti="native"))).id
    amharic = (await agency.knows(languages=languages(am="native"))).id
    first, second, asked, needed = Booking(), Booking(), slot(), slot()
    await agency.hears(
        first.requested((asked, [tigrinya, amharic]), languages=["ti", "am"]),
        second.requested((needed, [tigrinya])),
    )
    await adopt(agency, await planned(agency))
    [told] = [each for each in await agency.told(CandidatesReordered) if each.booking_id == first.id]
    [reordered] = told.slots
    assert [(one.interpreter_id, one.language) for one in reordered.asked] == [(amharic, "am"), (tigrinya, "ti")]


async def test_adopted_again_nothing_more_is_told(two: Two) -> None:
    path = await planned(two.agency)
    await adopt(two.agency, path)
    told = await two.agency.told(CandidatesReordered)
    again = await adopt(two.agency, path, version=3)
    assert (again.status_code, again.json()["state"]) == (200, "adopted")
    assert await two.agency.told(CandidatesReordered) == told


async def test_of_two_adoptions_at_once_one_wins(two: Two) -> None:
    path = await planned(two.agency)
    answers = await asyncio.gather(*(adopt(two.agency, path) for _ in range(8)))
    assert sorted(each.status_code for each in answers) == [200] + [409] * 7
    refused = next(each.json() for each in answers if each.status_code == 409)
    assert (refused["code"], refused["version"], refused["field"]) == ("version-outdated", 3, "If-Match")
    assert len(await two.agency.told(CandidatesReordered)) == 2


async def test_of_two_plans_about_the_same_request_the_one_that_is_adopted_first_wins(two: Two) -> None:
    paths = [await planned(two.agency), await planned(two.agency, municipality=None, pool="kreis-wesel")]
    answers = await asyncio.gather(*(adopt(two.agency, path) for path in paths))
    assert sorted(each.status_code for each in answers) == [200, 409]
    [refused] = [each.json() for each in answers if each.status_code == 409]
    assert refused["code"] == "plan-is-stale"
    assert {(each["request_id"], each["what"]) for each in refused["changes"]} == {
        (str(booking.id), "planned_otherwise") for booking in (two.first, two.second)
    }
    newer = await planned(two.agency)
    assert (await adopt(two.agency, newer)).status_code == 200, "computed afterwards, it knows"


async def test_whom_another_adopted_plan_needs_at_that_time_is_not_planned_again(agency: Agency) -> None:
    who = (await agency.knows(municipalities=(DINSLAKEN, ALPEN))).id
    await agency.hears(Booking().requested((slot(), [who])))
    stale = Booking(ags=ALPEN)
    await agency.hears(stale.requested((slot(), [who])))
    path = await planned(agency, municipality=ALPEN)
    await adopt(agency, await planned(agency))
    [change] = (await look(agency, path))["changes"]
    assert (change["what"], change["rules"]) == ("rule_broken", ["not_free"])
    [unmet] = (await look(agency, await planned(agency, municipality=ALPEN)))["unmet"]
    assert (unmet["request_id"], unmet["refusals"]) == (str(stale.id), {"not_free": 1})


async def gone(two: Two) -> dict[str, Any]:
    await two.agency.hears(two.second.held(two.both, starts_at=LATER, ends_at=LATER + timedelta(hours=1)))
    return {"request_id": str(two.second.id), "what": "request_gone", "rules": []}


async def released(two: Two) -> dict[str, Any]:
    await two.agency.hears(two.second.released())
    return {"request_id": str(two.second.id), "what": "request_gone", "rules": []}


async def not_proposed(two: Two) -> dict[str, Any]:
    await two.agency.hears(BookingProposed(**two.second.ids, slots=[slot()], proposed_on=TODAY))
    return {"request_id": str(two.second.id), "what": "slot_gone", "rules": []}


async def asked_anew(two: Two) -> dict[str, Any]:
    await two.agency.hears(two.second.requested((slot(), [two.both]), languages=["am"]))
    return {"request_id": str(two.second.id), "what": "slot_gone", "rules": []}


def broken(two: Two, *rules: str) -> dict[str, Any]:
    who = {"interpreter_id": str(two.both)}
    return {"request_id": str(two.second.id), "what": "rule_broken", "rules": list(rules)} | who


async def engaged(two: Two) -> dict[str, Any]:
    await two.agency.hears(Booking().confirmed(two.both))
    return broken(two, "not_free")


async def asked_for_another(two: Two) -> dict[str, Any]:
    await two.agency.hears(Booking().held(two.both))
    return broken(two, "not_free")


async def new_hours(two: Two) -> dict[str, Any]:
    answer = await two.agency.client.put(
        f"/interpreters/{two.both}/availability", json={}, headers=two.agency.token("administrator")
    )
    assert answer.status_code == 200
    return broken(two, "not_free")


async def conflict(two: Two) -> dict[str, Any]:
    token = "0" * 64
    of_case = {name: two.second.ids[name] for name in ("case_id", "enquiry_id", "ags")}
    needs = {"dialect": None, "gender": None, "gender_binding": False, "conflict_tokens": [token]}
    await two.agency.hears(
        InterpretingNeedsChanged(**of_case, **needs, changed_on=TODAY),
        InterpreterConflictsStated(interpreter_id=two.both, tokens=[token]),
    )
    return broken(two, "conflict_of_interest")


async def inactive(two: Two) -> dict[str, Any]:
    await two.agency.knows(id=two.both, languages=languages(ti="native", am="b2"), active=False)
    return broken(two, "inactive")


CHANGES = (
    gone, released, not_proposed, asked_anew, engaged, asked_for_another, new_hours, conflict, inactive,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_stale_plan_says_what_changed_and_nothing_of_it_is_adopted(
    two: Two, change: Callable[[Two], Awaitable[dict[str, Any]]]
) -> None:
    path = await planned(two.agency)
    assert chosen(await look(two.agency, path))[two.second.id] == two.both
    expected = await change(two)
    before = await kept(two.agency)
    refused = await adopt(two.agency, path)
    assert (refused.status_code, refused.json()["code"]) == (409, "plan-is-stale")
    [told] = refused.json()["changes"]
    assert told == told | expected
    assert await kept(two.agency) == before
    assert await two.agency.told(CandidatesReordered) == []
    seen = await look(two.agency, path)
    assert (seen["state"], seen["changes"][0]["what"]) == ("stale", expected["what"])


async def test_a_request_that_could_not_be_met_may_come_to_its_end(two: Two) -> None:
    nobody = Booking()
    await two.agency.hears(nobody.requested((slot(), []), languages=["prs"]))
    path = await planned(two.agency)
    await two.agency.hears(nobody.released())
    assert (await adopt(two.agency, path)).status_code == 200


async def test_a_crash_in_an_adoption_leaves_nothing_of_it_and_it_can_be_repeated(two: Two) -> None:
    path = await planned(two.agency)
    before = await kept(two.agency)
    with pytest.raises(ConnectionError):
        await crash(two.agency, UUID(path.rpartition("/")[2]))
    assert await kept(two.agency) == before
    assert (await adopt(two.agency, path)).status_code == 200
    assert len(await two.agency.told(CandidatesReordered)) == 2


async def crash(agency: Agency, plan_id: UUID) -> None:
    async with agency.db.transaction() as conn:
        await adopting.adopt(conn, plan_id, 2, lambda _: None)
        raise ConnectionError


async def kept(agency: Agency) -> dict[str, str]:
    """All that is stored, what is to be told included."""
    names = await agency.db.pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    rows = "select coalesce(string_agg(row::text, '\n' order by row::text), '') from {} row"
    return {row["tablename"]: await agency.db.pool.fetchval(rows.format(row["tablename"])) for row in names}


async def test_without_the_version_that_was_read_nothing_is_adopted(two: Two) -> None:
    path = await planned(two.agency)
    administrator = two.agency.token("administrator")
    missing = await two.agency.client.post(f"{path}/adoption", headers=administrator)
    assert (missing.status_code, missing.json()["code"]) == (428, "version-missing")
    assert (await adopt(two.agency, path, version=1)).json()["code"] == "version-outdated"
