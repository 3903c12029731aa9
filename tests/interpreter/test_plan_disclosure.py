"""What a coordinating office sees of a plan: who is asked and what it costs, never what the participant needs."""

from services.interpreter import plan_disclosure
from services.interpreter.costs import CostReason
from services.interpreter.ranking import Refusal
from shared.contracts.vocabulary import Gender
from tests.interpreter.agency import Agency
from tests.interpreter.people import DAY_OF_TALK, Booking, languages, slot
from tests.interpreter.planning import compute, planned

NEEDS = {CostReason.LANGUAGE_LEVEL, CostReason.SUBSTITUTE, CostReason.LESS_PREFERRED_LANGUAGE, CostReason.DIALECT}
NEEDS |= {CostReason.STAKES, CostReason.GENDER_WISH}


def test_every_cost_and_every_rule_is_either_open_or_of_the_participant() -> None:
    assert set(CostReason) - plan_disclosure.OPEN_COSTS == NEEDS
    assert set(Refusal) - plan_disclosure.OPEN_RULES == {
        Refusal.LANGUAGE_NOT_SPOKEN,
        Refusal.NOT_SWORN,
        Refusal.EXCLUDED_BY_POT,
        Refusal.CONFLICT_OF_INTEREST,
        Refusal.OTHER_GENDER,
    }


async def test_an_office_learns_neither_language_nor_gender_nor_the_time_of_a_single_talk(agency: Agency) -> None:
    chosen, second = await agency.knows(), await agency.knows(languages=languages(ti="b2"))
    wish = {"gender": Gender.MALE, "dialect": "ti-ER"}
    met, unmet, free = Booking(), Booking(), [chosen.id, second.id]
    asked = slot()
    await agency.hears(
        met.requested((asked, free), **wish),
        unmet.requested((slot(), free), languages=["prs"], gender=Gender.MALE, gender_binding=True),
    )
    path = await planned(agency)
    answer = await agency.client.get(path, headers=agency.token("coordinator", office="dinslaken"))
    shown = answer.json()
    [choice] = shown["choices"]
    assert (choice["interpreter_id"], choice["day"]) == (str(chosen.id), DAY_OF_TALK.isoformat())
    assert (choice["language"], choice["starts_at"], choice["ends_at"]) == (None, None, None)
    assert {each["reason"] for each in choice["costs"]} <= {"suitability", *plan_disclosure.OPEN_COSTS}
    assert choice["cost"] == sum(each["points"] for each in choice["costs"])
    assert choice["runner_up"]["costs_more"]["suitability"] > 0
    assert shown["unmet"][0]["refusals"] == {"not_suitable": 2}
    for hidden in ("prs", "gender", "dialect", "language_", asked.starts_at.isoformat()[:16]):
        assert hidden not in answer.text.replace('"language":null', ""), hidden


async def test_an_office_learns_that_a_plan_is_stale_and_not_what_the_participant_needs(agency: Agency) -> None:
    who, booking = await agency.knows(), Booking()
    await agency.hears(booking.requested((slot(), [who.id])))
    coordinator = agency.token("coordinator", office="dinslaken")
    asked = {"from": DAY_OF_TALK.isoformat(), "to": DAY_OF_TALK.isoformat(), "municipality": booking.ids["ags"]}
    path = (await agency.client.post("/plans", json=asked, headers=coordinator)).headers["location"]
    await compute(agency)
    await agency.knows(id=who.id, languages=languages(am="c1"))
    refused = await agency.client.post(f"{path}/adoption", headers=coordinator | {"If-Match": '"2"'})
    assert refused.status_code == 409
    [change] = refused.json()["changes"]
    assert (change["what"], change["rules"]) == ("rule_broken", ["not_suitable"])
