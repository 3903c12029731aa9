"""An interpreter opens the link to a request in Telegram and answers with a button."""

import pytest

from services.gateway_bot.texts import TEXTS
from shared.contracts.interpreter import OfferMade, OfferWithdrawn
from tests.gateway_bot.conftest import County
from tests.gateway_bot.telegram import Person
from tests.interpreter.people import Booking

DE = TEXTS["de"]
pytestmark = pytest.mark.usefixtures("bot")


async def linked(county: County, booking: Booking) -> str:
    """The token of a link to the offer for the booking."""
    await county.agency.hears(booking.held((await county.agency.knows()).id))
    [made] = [told for told in await county.agency.told(OfferMade) if told.booking_id == booking.id]
    return await county.agency.link(made.offer_id)


@pytest.mark.parametrize(("label", "state", "text"), [
    (DE.accept, "accepted", DE.offers["accepted"]), (DE.decline, "declined", DE.offers["declined"]),
])  # fmt: skip
async def test_a_request_is_answered_with_a_button(
    county: County, somebody: Person, label: str, state: str, text: str
) -> None:
    booking = Booking()
    await somebody.type(f"/start offer_{await linked(county, booking)}")
    shown = await somebody.reads(DE.offers["open"])
    assert "ትግርኛ · Dinslaken" in shown
    assert list((await county.agency.states(booking.id)).values()) == ["open"]
    await somebody.press(label)
    await somebody.reads(text)
    assert list((await county.agency.states(booking.id)).values()) == [state]


async def test_a_link_that_was_used_says_so(county: County, somebody: Person) -> None:
    booking = Booking()
    token = await linked(county, booking)
    await county.agency.answer_by_link(token, "decline")
    await somebody.type(f"/start offer_{token}")
    await somebody.reads(DE.offer_over)


async def test_who_is_slower_than_the_link_reads_that_it_is_over(county: County, somebody: Person) -> None:
    booking = Booking()
    token = await linked(county, booking)
    await somebody.type(f"/start offer_{token}")
    await somebody.reads(DE.offers["open"])
    await county.agency.answer_by_link(token, "decline")
    await somebody.press(DE.accept)
    await somebody.reads(DE.offer_over)
    assert list((await county.agency.states(booking.id)).values()) == ["declined"]


async def test_who_cannot_come_after_all_gives_the_talk_back_with_a_button(county: County, somebody: Person) -> None:
    booking = Booking()
    await somebody.type(f"/start offer_{await linked(county, booking)}")
    await somebody.reads(DE.offers["open"])
    await somebody.press(DE.accept)
    await somebody.reads(DE.offers["accepted"])
    await somebody.press(DE.give_back)
    await somebody.reads(DE.offers["given_back"])
    assert list((await county.agency.states(booking.id)).values()) == ["given_back"]
    [told] = await county.agency.told(OfferWithdrawn)
    assert told.booking_id == booking.id
