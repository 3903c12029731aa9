"""Several are asked at once where the pot's rules say so: the first to accept comes, the others are told."""

import asyncio
from uuid import UUID

from services.interpreter.matching import question
from services.interpreter.tariffs import TARIFFS, tariff
from shared.contracts.interpreter import (
    CandidatesRanked,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRetracted,
)
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import DAY_OF_TALK, Booking, slot


async def asked(agency: Agency, booking: Booking, number: int = 3) -> dict[UUID, UUID]:
    """Interpreter -> id of the offer, best first."""
    first, *others = [(await agency.knows()).id for _ in range(number)]
    await agency.hears(booking.held(first, also_asked=others))
    return {made.interpreter_id: made.offer_id for made in await agency.told(OfferMade)}


async def test_every_interpreter_of_a_round_has_an_offer(agency: Agency) -> None:
    booking = Booking()
    offers = await asked(agency, booking)
    assert len(offers) == 3
    assert await agency.states(booking.id) == dict.fromkeys(offers, "open")


async def test_the_first_to_accept_comes_and_the_others_are_told(agency: Agency) -> None:
    booking = Booking()
    offers = await asked(agency, booking)
    slow, quick, other = offers
    assert (await agency.answer("accept", offers[quick], quick)).status_code == 200
    assert await agency.states(booking.id) == {slow: "withdrawn", quick: "accepted", other: "withdrawn"}
    assert {told.interpreter_id for told in await agency.told(OfferRetracted)} == {slow, other}
    refused = await agency.answer("accept", offers[slow], slow)
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-is-withdrawn")


async def test_of_a_round_that_accepts_at_once_exactly_one_comes(agency: Agency) -> None:
    booking = Booking()
    offers = await asked(agency, booking, 6)
    answers = await asyncio.gather(*(agency.answer("accept", offer, who) for who, offer in offers.items()))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert len(await agency.told(OfferAccepted)) == 1
    assert len(await agency.told(OfferRetracted)) == 5
    assert sorted((await agency.states(booking.id)).values()) == ["accepted"] + ["withdrawn"] * 5


async def test_a_decline_leaves_the_others_of_the_round_open(agency: Agency) -> None:
    booking = Booking()
    offers = await asked(agency, booking, 2)
    first, second = offers
    await agency.answer("decline", offers[first], first)
    assert await agency.states(booking.id) == {first: "declined", second: "open"}
    assert len(await agency.told(OfferDeclined)) == 1


async def test_the_silence_of_a_whole_round_is_never_acceptance(agency: Agency) -> None:
    booking, who = Booking(), [(await agency.knows()).id for _ in range(2)]
    await agency.hears(booking.held(who[0], also_asked=who[1:]))
    await agency.let_time_pass()
    assert await agency.expire() == 2
    assert len(await agency.told(OfferExpired)) == 2
    assert await agency.told(OfferAccepted) == []


async def test_a_round_in_which_one_is_unknown_is_refused_as_a_whole(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who, also_asked=[new_id()]))
    assert await agency.rejections() == ["unknown-interpreter"]
    assert await agency.states(booking.id) == {}


async def test_a_hold_of_a_round_published_again_after_an_acceptance_changes_nothing(agency: Agency) -> None:
    booking, who = Booking(), [(await agency.knows()).id for _ in range(2)]
    hold = booking.held(who[0], also_asked=who[1:])
    await agency.hears(hold)
    offers = {made.interpreter_id: made.offer_id for made in await agency.told(OfferMade)}
    await agency.answer("accept", offers[who[1]], who[1])
    await agency.hears(hold)
    assert await agency.states(booking.id) == {who[0]: "withdrawn", who[1]: "accepted"}


async def test_scheduling_is_told_how_many_the_pot_in_use_asks_at_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    asks = booking.requested((slot(), [who]))
    await agency.hears(asks)
    [ranked] = (await agency.told(CandidatesRanked))[0].slots
    in_force, _, _ = question(asks, asks.slots[0])
    assert ranked.ask_at_once == in_force.rules.asking.at_once


def test_a_pot_may_ask_one_by_one_or_in_rounds() -> None:
    at_once = {pot: tariff(DAY_OF_TALK, pot).rules.asking.at_once for pot in TARIFFS.pots}
    assert at_once == {"heinsberg": 1, "rhein-erft": 3, "steinfurt": 2, "borken": 1}
