"""Asking for counselling in a browser without JavaScript."""

import asyncio
import json

from services.intake.participant_code import normalised
from tests.gateway_web.browser import ENQUIRY, Browser
from tests.gateway_web.town import Town


async def _enquiries(town: Town) -> int:
    async with town.parts["intake"].database.read() as conn:
        return int(await conn.fetchval("select count(*) from enquiry"))


async def test_an_enquiry_ends_in_a_code_shown_once(our_town: Town, browser: Browser) -> None:
    before = await _enquiries(our_town)
    code = await browser.ask()
    assert len(normalised(code)) == 28
    assert "Ihre Anfrage ist angekommen" in browser.text
    assert await _enquiries(our_town) == before + 1
    assert browser.page.headers["cache-control"] == "no-store"


async def test_a_double_click_makes_one_enquiry(our_town: Town, browser: Browser) -> None:
    await browser.go("/enquiry")
    form = browser._forms().hidden["/enquiry"] | ENQUIRY
    before = await _enquiries(our_town)
    first, second = await asyncio.gather(*(browser.client.post("/enquiry", data=form) for _ in range(2)))
    assert (first.status_code, second.status_code) == (201, 201)
    codes = set()
    for browser.page in (first, second):
        codes.add(browser._forms().hidden["/status"]["code"])
    assert len(codes) == 1
    assert await _enquiries(our_town) == before + 1


async def test_a_form_sent_again_with_other_details_is_kept_and_explained(our_town: Town, browser: Browser) -> None:
    await browser.go("/enquiry")
    form = browser._forms().hidden["/enquiry"] | ENQUIRY
    await browser.client.post("/enquiry", data=form)
    before = await _enquiries(our_town)
    browser.page = await browser.client.post("/enquiry", data=form | {"message": "something else"})
    assert browser.page.status_code == 422
    assert "something else" in browser.text
    assert browser._forms().hidden["/enquiry"]["key"] != form["key"]
    assert await _enquiries(our_town) == before


async def test_a_wrong_field_is_named_and_what_was_typed_stays(our_town: Town, browser: Browser) -> None:
    before = await _enquiries(our_town)
    await browser.go("/enquiry")
    await browser.send("/enquiry", **(ENQUIRY | {"postcode": "50667", "name": "<b>Selam</b>"}))
    assert browser.page.status_code == 422
    assert "Bitte geben Sie eine Postleitzahl im Kreis Wesel mit fünf Ziffern an." in browser.text
    assert 'value="50667"' in browser.page.text
    assert 'value="&lt;b&gt;Selam&lt;/b&gt;"' in browser.page.text
    assert "ሰላም" in browser.text
    assert await _enquiries(our_town) == before


async def test_the_consents_are_unticked_at_first_and_each_its_own(browser: Browser) -> None:
    await browser.go("/enquiry")
    boxes = [line for line in browser.page.text.splitlines() if 'name="consents"' in line]
    assert len(boxes) == 3
    assert not any(" checked" in box for box in boxes)


async def test_a_form_that_is_not_ours_changes_nothing(our_town: Town, browser: Browser) -> None:
    before = await _enquiries(our_town)
    browser.page = await browser.client.post("/enquiry", data=ENQUIRY | {"form_token": "made up"})
    assert browser.page.status_code == 422
    assert "Die Seite war zu lange offen" in browser.text
    assert "Selam Tesfay" in browser.text
    assert await _enquiries(our_town) == before


async def test_in_english_for_who_prefers_it(our_town: Town) -> None:
    english = Browser(our_town.url, **{"Accept-Language": "en-GB,en;q=0.9,de;q=0.5"})
    async with english.client:
        await english.go("/enquiry")
        assert "Ask for counselling" in english.text
        await english.send("/enquiry", **(ENQUIRY | {"topics": []}))
        assert "Please choose at least one topic." in english.text
        await english.go("/?lang=de")
        await english.go("/enquiry")
        assert "Beratung anfragen" in english.text


async def test_nothing_inline_may_run(browser: Browser) -> None:
    await browser.go("/enquiry")
    policy = browser.page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "style=" not in browser.page.text
    assert "<script" not in browser.page.text


async def test_an_unknown_page_is_a_page_for_people_and_a_problem_for_programs(browser: Browser) -> None:
    await browser.go("/nowhere")
    assert browser.page.status_code == 404
    assert "Diese Seite gibt es nicht" in browser.text
    plain = await browser.client.get("/nowhere", headers={"Accept": "application/json"})
    assert plain.headers["content-type"] == "application/problem+json"
    assert json.loads(plain.text)["status"] == 404
