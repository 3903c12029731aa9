"""Who must not come by what is learned late: asked no more, and paid where it is late, since it was not their doing."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.interpreter import commands_profiles
from shared.clock import now
from shared.contracts.case import InterpretingNeedsChanged
from shared.contracts.interpreter import CandidateBarred, OfferAccepted, OfferMade
from shared.contracts.vocabulary import Gender
from tests.interpreter.agency import Agency
from tests.interpreter.people import STARTS_AT, TODAY, Booking, credentials, interpreter, languages, slot

LATE = {"starts_at": now() + timedelta(hours=2), "ends_at": now() + timedelta(hours=3)}
EARLY = {"starts_at": STARTS_AT, "ends_at": STARTS_AT + timedelta(hours=1)}


def wants_a_man(booking: Booking) -> InterpretingNeedsChanged:
    needs: dict[str, Any] = {"dialect": None, "gender": Gender.MALE, "gender_binding": True, "conflict_tokens": []}
    return InterpretingNeedsChanged(**booking.ids, **needs, changed_on=TODAY)


async def asked(agency: Agency, booking: Booking, **when: Any) -> tuple[UUID, UUID]:
    """A woman, and the offer that is made to her."""
    who = (await agency.knows()).id
    await agency.hears(booking.requested((slot(when["starts_at"]), [who])), booking.held(who, **when))
    return who, (await agency.told(OfferMade))[-1].offer_id


async def agreed(agency: Agency, booking: Booking, **when: Any) -> UUID:
    who, offer = await asked(agency, booking, **when)
    assert (await agency.answer("accept", offer, who)).status_code == 200
    return who


async def paid(agency: Agency, who: UUID) -> list[tuple[str, str]]:
    [found] = await agency.assignments(who)
    assert found["cancelled_at"] is not None
    return [(line["item"], line["amount"]) for line in found["fee"]["lines"]]


@pytest.mark.parametrize(("when", "fee"), [(LATE, [("late_cancellation", "25.00")]), (EARLY, [])])
async def test_who_is_barred_is_paid_as_for_a_cancellation(
    agency: Agency, when: dict[str, Any], fee: list[tuple[str, str]]
) -> None:
    booking = Booking()
    who = await agreed(agency, booking, **when)
    await agency.hears(booking.confirmed(who, **when), wants_a_man(booking))
    assert await paid(agency, who) == fee
    assert [told.interpreter_id for told in await agency.told(CandidateBarred)] == [who]


async def test_who_is_barred_before_the_confirmation_is_heard_is_paid_all_the_same(agency: Agency) -> None:
    booking, man = Booking(), (await agency.knows(gender=Gender.MALE)).id
    who = await agreed(agency, booking, **LATE)
    await agency.hears(wants_a_man(booking), booking.confirmed(who, **LATE), booking.swapped(man))
    assert await paid(agency, who) == [("late_cancellation", "25.00")]


async def test_who_gives_back_before_the_confirmation_is_heard_is_paid_nothing(agency: Agency) -> None:
    booking, other = Booking(), (await agency.knows()).id
    who, offer = await asked(agency, booking, **LATE)
    for verb in ("accept", "withdraw"):
        assert (await agency.answer(verb, offer, who)).status_code == 200
    await agency.hears(booking.confirmed(who, **LATE), booking.swapped(other))
    assert await paid(agency, who) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False},
        {"credentials": credentials(None)},
        {"languages": languages(am="native")},
        {"municipalities": ()},
    ],
)
async def test_a_profile_that_breaks_a_hard_rule_bars_from_what_was_offered(
    agency: Agency, changed: dict[str, Any]
) -> None:
    booking = Booking()
    who, offer = await asked(agency, booking, **EARLY)
    async with agency.db.transaction() as conn:
        await commands_profiles.put_interpreter(conn, interpreter(id=who, **changed))
    assert [told.interpreter_id for told in await agency.told(CandidateBarred)] == [who]
    assert (await agency.answer("accept", offer, who)).json()["code"] == "offer-is-withdrawn"
    assert await agency.told(OfferAccepted) == []


async def test_a_profile_that_breaks_no_rule_leaves_the_offer(agency: Agency) -> None:
    who, offer = await asked(agency, Booking(), **EARLY)
    async with agency.db.transaction() as conn:
        await commands_profiles.put_interpreter(conn, interpreter(id=who, languages=languages(ti="b2")))
    assert (await agency.answer("accept", offer, who)).status_code == 200
    assert await agency.told(CandidateBarred) == []


async def test_nobody_accepts_who_must_not_come(agency: Agency) -> None:
    """Whatever changed behind the offer's back, such as a credential on the wrong side of the day of the talk."""
    booking = Booking()
    who, offer = await asked(agency, booking, **EARLY)
    async with agency.db.transaction() as conn:
        await conn.execute("update interpreter set active = false where id = $1", who)
    for _ in range(2):
        refused = await agency.answer("accept", offer, who)
        assert (refused.status_code, refused.json()["code"]) == (409, "must-not-come")
    assert await agency.states(booking.id) == {who: "open"}
    assert (await agency.answer("decline", offer, who)).status_code == 200
