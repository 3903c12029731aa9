"""Holds become offers, offers get answers; on a real database."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from services.interpreter import commands_offers
from services.interpreter.offers import OfferHasExpired, accept, decline
from shared.clock import now
from shared.contracts.interpreter import OfferAccepted, OfferDeclined, OfferExpired, OfferMade
from shared.ids import new_id
from tests.interpreter.agency import Agency
from tests.interpreter.people import Booking

TOO_SHORT = timedelta(minutes=15)
"""A hold that ends in so little time leaves none to answer."""


async def offered(agency: Agency, booking: Booking, who: UUID) -> UUID:
    """Id of the offer that a hold of the booking made."""
    await agency.hears(booking.held(who))
    return (await agency.told(OfferMade))[-1].offer_id


async def test_a_hold_asks_its_interpreter(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    [made] = await agency.told(OfferMade)
    assert (made.booking_id, made.interpreter_id, made.language) == (booking.id, who, "ti")
    assert await agency.states(booking.id) == {who: "open"}


async def test_a_hold_without_interpreter_asks_nobody(agency: Agency) -> None:
    await agency.hears(Booking().held(None))
    assert await agency.told(OfferMade) == []
    assert await agency.rejections() == []


async def test_the_same_hold_published_twice_asks_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    hold = booking.held(who)
    await agency.hears(hold, hold)
    assert len(await agency.told(OfferMade)) == 1


async def test_a_hold_published_again_after_the_answer_does_not_ask_again(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    hold = booking.held(who)
    await agency.hears(hold)
    [made] = await agency.told(OfferMade)
    await agency.answer("decline", made.offer_id, who)
    await agency.hears(hold)
    assert await agency.states(booking.id) == {who: "declined"}
    assert len(await agency.told(OfferMade)) == 1


async def test_nobody_is_asked_who_could_not_answer_before_the_hold_ends(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who, expires_at=now() + TOO_SHORT))
    assert await agency.told(OfferMade) == []
    assert await agency.expire() == 0
    assert await agency.rejections() == []


async def test_another_hold_of_the_same_booking_asks_again(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who), booking.released(), booking.held(who))
    assert len(await agency.told(OfferMade)) == 2
    assert await agency.states(booking.id) == {who: "open"}


async def test_the_next_interpreter_is_asked_and_the_one_before_no_more(agency: Agency) -> None:
    booking = Booking()
    first, second = (await agency.knows()).id, (await agency.knows()).id
    await agency.hears(booking.held(first), booking.swapped(second))
    assert await agency.states(booking.id) == {first: "withdrawn", second: "open"}
    assert [made.interpreter_id for made in await agency.told(OfferMade)] == [first, second]


async def test_an_interpreter_who_is_not_known_is_a_recorded_refusal(agency: Agency) -> None:
    await agency.hears(Booking().held(new_id()), Booking().confirmed(new_id()), Booking().swapped(new_id()))
    assert await agency.rejections() == ["unknown-interpreter"] * 3


async def test_an_interpreter_without_language_is_a_recorded_refusal(agency: Agency) -> None:
    await agency.hears(Booking().held((await agency.knows()).id, language=None))
    assert await agency.rejections() == ["language-missing"]


async def test_accepting_again_has_the_same_result_and_is_told_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    first, again = [await agency.answer("accept", offer_id, who) for _ in range(2)]
    assert (first.status_code, first.json()["state"]) == (200, "accepted")
    assert again.json() == first.json()
    assert [told.offer_id for told in await agency.told(OfferAccepted)] == [offer_id]


async def test_declining_again_has_the_same_result_and_is_told_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    first, again = [await agency.answer("decline", offer_id, who) for _ in range(2)]
    assert (first.json()["state"], again.json()) == ("declined", first.json())
    assert len(await agency.told(OfferDeclined)) == 1


async def test_of_two_answers_at_once_one_counts(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    answers = await asyncio.gather(*(agency.answer(verb, offer_id, who) for verb in ("accept", "decline") * 4))
    told = [*await agency.told(OfferAccepted), *await agency.told(OfferDeclined)]
    assert len(told) == 1
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [409] * 4


async def test_an_answer_otherwise_is_refused_by_name(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    await agency.answer("accept", offer_id, who)
    refused = await agency.answer("decline", offer_id, who)
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-is-answered")
    assert await agency.states(booking.id) == {who: "accepted"}


@pytest.mark.parametrize("verb", ["accept", "decline"])
async def test_others_offers_are_not_there(agency: Agency, verb: str) -> None:
    booking, who, other = Booking(), (await agency.knows()).id, (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    for stranger, id in ((other, offer_id), (who, new_id())):
        assert (await agency.answer(verb, id, stranger)).status_code == 404
    assert await agency.states(booking.id) == {who: "open"}
    assert await agency.offers(other) == []


async def test_an_open_offer_is_shown_with_what_is_needed_to_decide(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    [shown] = await agency.offers(who)
    assert shown["offer_id"] == str(offer_id)
    assert set(shown) == {
        "offer_id",
        "state",
        "language",
        "mode",
        "ags",
        "starts_at",
        "ends_at",
        "expires_at",
    }
    await agency.answer("decline", offer_id, who)
    assert await agency.offers(who) == []


async def test_silence_expires_and_is_told_once(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    await agency.let_time_pass()
    assert await agency.offers(who) == []
    assert [await agency.expire(), await agency.expire()] == [1, 0]
    [expired] = await agency.told(OfferExpired)
    assert (expired.booking_id, expired.interpreter_id) == (booking.id, who)
    assert await agency.states(booking.id) == {who: "expired"}


async def test_an_offer_that_still_has_time_does_not_expire(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    assert await agency.expire() == 0
    assert await agency.states(booking.id) == {who: "open"}


@pytest.mark.parametrize("expired_by_loop", [True, False])
async def test_too_late_an_answer_is_refused_by_name(agency: Agency, *, expired_by_loop: bool) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    await agency.let_time_pass()
    [made] = await agency.told(OfferMade)
    if expired_by_loop:
        await agency.expire()
    refused = await agency.answer("accept", made.offer_id, who)
    assert (refused.status_code, refused.json()["code"]) == (409, OfferHasExpired.code)
    assert await agency.told(OfferAccepted) == []


async def test_two_loops_at_once_expire_each_offer_once(agency: Agency) -> None:
    who = (await agency.knows()).id
    await agency.hears(*(Booking().held(who) for _ in range(10)))
    await agency.let_time_pass()
    taken = await asyncio.gather(*(agency.expire() for _ in range(4)))
    assert sum(taken) == 10
    assert len({told.offer_id for told in await agency.told(OfferExpired)}) == 10


async def test_an_offer_locked_by_an_answer_is_left_to_it(agency: Agency) -> None:
    who = (await agency.knows()).id
    await agency.hears(Booking().held(who))
    await agency.let_time_pass()
    async with agency.db.transaction() as conn:
        await conn.execute("select 1 from offer for update")
        assert await agency.expire() == 0
    assert await agency.expire() == 1


async def test_a_released_booking_withdraws_its_offer(agency: Agency) -> None:
    booking, other = Booking(), Booking()
    who = (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    await offered(agency, other, who)
    await agency.hears(booking.released())
    assert await agency.states(booking.id) == {who: "withdrawn"}
    assert await agency.states(other.id) == {who: "open"}
    refused = await agency.answer("accept", offer_id, who)
    assert (refused.status_code, refused.json()["code"]) == (409, "offer-is-withdrawn")


async def test_an_accepted_offer_of_a_released_booking_is_withdrawn_too(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.answer("accept", await offered(agency, booking, who), who)
    await agency.hears(booking.released())
    assert await agency.states(booking.id) == {who: "withdrawn"}


async def test_a_release_of_what_was_never_offered_is_no_fault(agency: Agency) -> None:
    await agency.hears(Booking().released())
    assert await agency.rejections() == []


@pytest.mark.parametrize("verb", [accept, decline])
async def test_an_answer_that_is_not_committed_tells_nothing(agency: Agency, verb: commands_offers.Answer) -> None:
    booking, who = Booking(), (await agency.knows()).id
    offer_id = await offered(agency, booking, who)
    async with agency.db.pool.acquire() as conn:
        transaction = conn.transaction()
        await transaction.start()
        await commands_offers.answer_offer(conn, verb, offer_id, who)
        await transaction.rollback()
    assert await agency.states(booking.id) == {who: "open"}
    assert await agency.told(OfferAccepted) == []
    assert await agency.told(OfferDeclined) == []
