"""Another service is away: a friendly page, and what was typed stays."""

import pytest

from tests.gateway_web.browser import ENQUIRY, Browser
from tests.gateway_web.managing import manager
from tests.gateway_web.test_consents import GIVEN
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


async def test_a_consent_stays_in_the_form_and_is_recorded_once_when_it_is_sent_again(
    our_town: Town, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with manager(our_town, browser) as (made, own):
        await made.go(f"{own.path}/consents/new")
        with monkeypatch.context() as away:
            away.setitem(our_town.settings.__dict__, "person_url", NOWHERE)
            await made.send(f"{own.path}/consents", **GIVEN)
        assert made.page.status_code == 503
        assert "Ihre Angaben stehen noch im Formular" in made.text
        assert 'value="jobcenter" selected' in made.text
        await made.send(f"{own.path}/consents", **GIVEN)
        assert made.page.status_code == 200


async def test_an_address_stays_in_the_form(our_town: Town, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    path = "/staff/interpreters/019a0000-0000-7000-8000-000200000030/contact"
    await browser.sign_in(path, "administrator")
    monkeypatch.setitem(our_town.settings.__dict__, "person_url", NOWHERE)
    await browser.send(path, email="kanarienvogel@example.org", language="de")
    assert browser.page.status_code == 503
    assert "kanarienvogel@example.org" in browser.text
