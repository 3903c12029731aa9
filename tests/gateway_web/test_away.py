"""Another service is away: a friendly page, and what was typed stays."""

import pytest

from tests.gateway_web.browser import ENQUIRY, Browser
from tests.gateway_web.town import Town

NOWHERE = "http://127.0.0.1:9"


async def test_the_form_keeps_what_was_typed(our_town: Town, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await browser.go("/enquiry")
    monkeypatch.setitem(our_town.settings.__dict__, "intake_url", NOWHERE)
    await browser.send("/enquiry", **ENQUIRY)
    assert browser.page.status_code == 503
    assert "Ihre Angaben stehen noch im Formular" in browser.text
    assert "Selam Tesfay" in browser.text


async def test_the_status_page_offers_to_try_again(
    our_town: Town, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await browser.ask()
    await browser.send("/status")
    monkeypatch.setitem(our_town.settings.__dict__, "scheduling_url", NOWHERE)
    await browser.go("/status")
    assert browser.page.status_code == 503
    assert "Noch einmal versuchen" in browser.text
    assert "retry-after" in browser.page.headers
