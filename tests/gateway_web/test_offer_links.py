"""An interpreter answers one request by its link, without signing in."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, async_playwright, expect

from services.gateway_web.texts import CATALOGUES
from services.interpreter.commands_links import make_link
from services.interpreter.offers import Answered, Way
from tests.gateway_web.browser import Browser
from tests.gateway_web.test_in_chromium import FLAGS
from tests.gateway_web.town import Town

MAILED = Answered(Way.MAILED_LINK, "person")


async def _link(town: Town, browser: Browser) -> str:
    """The path of a link to the offer that a new enquiry led to."""
    await browser.ask()
    await town.carry()
    await browser.send("/status")
    await browser.send("/status/bookings", slot_id=browser.choices("slot_id")[0])
    await town.carry()
    part = town.parts["interpreter"]
    async with part.database.transaction() as conn:
        offer_id = await conn.fetchval("select id from offer order by made_at desc, id desc limit 1")
        token, _ = await make_link(conn, part.app.state.links, offer_id, MAILED)
    return f"/offer/{token}"


async def _state(town: Town) -> str:
    async with town.parts["interpreter"].database.read() as conn:
        return str(await conn.fetchval("select state from offer order by made_at desc, id desc limit 1"))


async def test_looking_at_a_link_answers_nothing_and_an_answer_counts_once(our_town: Town, browser: Browser) -> None:
    path = await _link(our_town, browser)
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        for _ in range(2):
            await interpreter.go(path)
            assert "Können Sie bei diesem Gespräch dolmetschen?" in interpreter.text
        assert await _state(our_town) == "open"
        await interpreter.send("/offer/", answer="accept")
        assert "Sie haben zugesagt" in interpreter.text
        await our_town.carry()
        await browser.go("/status")
        assert "Ihr Termin steht fest" in browser.text
        await interpreter.go(path)
        await interpreter.send("/offer/", answer="withdraw")
        assert CATALOGUES["de"]("offer.given_back") in interpreter.text
        await our_town.carry()
        await browser.go("/status")
        assert "Ihr Termin steht fest" not in browser.text
        await interpreter.go(path)
        assert interpreter.page.status_code == 404
        assert "Dieser Link gilt nicht mehr" in interpreter.text


async def test_a_form_of_another_page_answers_nothing(our_town: Town, browser: Browser) -> None:
    path = await _link(our_town, browser)
    stranger = Browser(our_town.url)
    async with stranger.client:
        refused = await stranger.client.post(path, data={"answer": "accept"})
    assert refused.status_code == 403
    assert await _state(our_town) == "open"


async def test_a_request_taken_back_is_told_to_who_answers_late(our_town: Town, browser: Browser) -> None:
    path = await _link(our_town, browser)
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.go(path)
        async with our_town.parts["interpreter"].database.transaction() as conn:
            await conn.execute("update offer set state = 'withdrawn' where state = 'open'")
        await interpreter.send("/offer/", answer="accept")
        assert interpreter.page.status_code == 409
        assert "Diese Anfrage ist nicht mehr offen" in interpreter.text
        await interpreter.go("/offer/" + "x" * 32 + "?lang=en")
        assert interpreter.page.status_code == 404
        assert "This link is no longer valid" in interpreter.text


@pytest.fixture
async def telephone() -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield await chromium.new_page(locale="en-GB", viewport={"width": 375, "height": 667})
        await chromium.close()


async def test_the_page_fits_a_telephone_and_its_policy(our_town: Town, browser: Browser, telephone: Page) -> None:
    refused: list[str] = []
    telephone.on("console", lambda message: refused.append(message.text))
    await telephone.goto(our_town.url + await _link(our_town, browser))
    accept = telephone.get_by_role("button", name="Accept")
    await expect(accept).to_be_in_viewport()
    assert await telephone.evaluate("document.documentElement.scrollWidth") <= 375
    await accept.click()
    await expect(telephone.get_by_role("status")).to_have_text("You have accepted. Thank you!")
    assert refused == []
