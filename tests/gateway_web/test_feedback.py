"""A participant says on their page how they were interpreted, if they like."""

from services.gateway_web.texts import CATALOGUES
from tests.gateway_web.browser import Browser
from tests.gateway_web.test_offer_links import _link
from tests.gateway_web.town import Town

DE = CATALOGUES["de"]


async def test_marks_for_a_talk_that_took_place_are_given_once(our_town: Town, browser: Browser) -> None:
    path = await _link(our_town, browser)
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.go(path)
        await interpreter.send("/offer/", answer="accept")
    await our_town.carry()
    bookings, assignments = our_town.parts["scheduling"].database, our_town.parts["interpreter"].database
    booking_id = await assignments.pool.fetchval("select booking_id from assignment order by confirmed_at desc limit 1")
    await assignments.pool.execute(
        "update assignment set starts_at = now() - interval '2 hours', ends_at = now() - interval '1 hour'"
        " where booking_id = $1",
        booking_id,
    )
    await bookings.pool.execute("update booking set state = 'attended' where id = $1", booking_id)
    await browser.go("/status")
    assert DE("status.feedback") in browser.text
    await browser.send(f"/status/bookings/{booking_id}/feedback", understanding="", punctuality="5")
    assert (browser.page.status_code, DE("error.marks") in browser.text) == (422, True)
    await browser.send(f"/status/bookings/{booking_id}/feedback", understanding="4", punctuality="5")
    assert browser.page.status_code == 200
    [given] = await assignments.pool.fetch("select by, understanding, punctuality from feedback")
    assert tuple(given) == ("participant", 4, 5)
    await browser.send(f"/status/bookings/{booking_id}/feedback", understanding="1", punctuality="1")
    assert browser.page.status_code == 409
