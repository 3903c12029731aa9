"""A participant is told why a time is proposed, and why there is none."""

import re

from tests.gateway_web.browser import Browser
from tests.gateway_web.town import Town

DINSLAKEN = "05170008"


async def test_the_earliest_time_is_named(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    assert len(browser.choices("slot_id")) > 1
    assert browser.text.count("Der früheste Termin") == 1
    await browser.go("/status?lang=en")
    assert "The earliest time" in browser.text


async def test_somebody_who_interpreted_before_is_announced(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    scheduling = our_town.parts["scheduling"].database.pool
    await scheduling.execute("update proposed_slot set talks_together = 2")
    await browser.send("/status")
    assert "mit jemandem, der schon für Sie übersetzt hat" in browser.text


async def test_without_a_free_room_it_is_told_and_what_would_help(our_town: Town, browser: Browser) -> None:
    scheduling = our_town.parts["scheduling"].database.pool
    await scheduling.execute("update resource set active = false where kind = 'room' and $1 = any(ags)", DINSLAKEN)
    try:
        await browser.ask()
        await our_town.carry()
        await browser.send("/status")
    finally:
        await scheduling.execute("update resource set active = true where kind = 'room'")
    assert "kein Raum frei" in browser.text
    assert "Das würde helfen" in browser.text
    assert "Am Telefon oder per Video gäbe es Termine" in browser.text
    assert re.search(r"In [\w-]+ gäbe es Termine: \d+", browser.text), "in the offices of another town"
