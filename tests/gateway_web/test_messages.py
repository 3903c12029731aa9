"""Participants read on their page what they were told: behind their code and the second factor, in both languages."""

from datetime import timedelta

import pytest

from services.gateway_web.texts import CATALOGUES
from services.person import messages, store
from services.person.messages import Kind, Message
from services.person.texts import Place
from shared.clock import BERLIN, now
from shared.contracts.vocabulary import Mode
from tests.gateway_web.browser import Browser
from tests.gateway_web.proofs import code_from_case_manager, latest
from tests.gateway_web.town import Town

STARTS = now() + timedelta(days=1)


async def remind(town: Town) -> None:
    """The latest participant of a talk on the phone."""
    values = {"starts_at": STARTS, "place": Place(Mode.PHONE, "Dinslaken")}
    async with town.parts["person"].database.transaction() as conn:
        person_id = await store.person_of(conn, (await latest(town))[0])
        await messages.post(
            conn, town.parts["person"].app.state.vault, person_id, Message(Kind.REMINDER, values, STARTS)
        )


@pytest.mark.parametrize("language", ["de", "en"])
async def test_messages_are_read_after_the_second_factor_alone(our_town: Town, language: str) -> None:
    texts = CATALOGUES[language]
    browser = Browser(our_town.url, **{"Accept-Language": language})
    async with browser.client:
        await browser.ask()
        await our_town.carry()
        await remind(our_town)
        await browser.send("/status")
        begins = f"{STARTS.astimezone(BERLIN):%d.%m.%Y, %H:%M}"
        assert texts("status.messages_shut") in browser.text
        assert begins not in browser.text
        await browser.send("/status/second-factor", code=await code_from_case_manager(our_town))
        for shown in (texts("message_kind.reminder"), texts("message_state.on_page"), begins):
            assert shown in browser.text


async def test_whoever_was_told_nothing_reads_that(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    await browser.send("/status/second-factor", code=await code_from_case_manager(our_town))
    assert CATALOGUES["de"]("status.messages_none") in browser.text
