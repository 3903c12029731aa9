"""The town is like the real one: whoever reads an event can make something of it."""

from tests.gateway_web.browser import Browser
from tests.gateway_web.town import Town


async def test_an_enquiry_with_all_that_follows_leaves_no_dead_letter(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    dead = {name: await part.database.pool.fetch("select * from parked") for name, part in our_town.parts.items()}
    assert {name: rows for name, rows in dead.items() if rows} == {}
    streamed = "select count(*) from municipal_event"
    assert await our_town.parts["coordination"].database.pool.fetchval(streamed) > 0, "there was one to be misled"
