"""Participants read who saw their data in their own language, whichever of both the page around it speaks."""

import pytest
from justhtml import JustHTML

from services.gateway_web.texts import ACCESS
from services.person.texts import LANGUAGES, TEXTS
from tests.gateway_web.browser import Browser
from tests.gateway_web.proofs import code_from_case_manager
from tests.gateway_web.town import Town

every_language = pytest.mark.parametrize("language", LANGUAGES)


async def proven(town: Town, browser: Browser, language: str) -> None:
    """Somebody who prefers that language, after the second factor."""
    await browser.ask(languages=[language])
    await town.carry()
    await browser.send("/status")
    await browser.send("/status/second-factor", code=await code_from_case_manager(town))


def is_told(page: str, language: str) -> None:
    """Who it was, what for, and that it is said in that language."""
    direction = "rtl" if language == "ar" else "ltr"
    heading = f'<h2 id="access" lang="{language}" dir="{direction}">{ACCESS[language]["title"]}</h2>'
    assert heading in page
    assert f'<ul class="rows" lang="{language}" dir="{direction}">' in page
    texts = TEXTS[language]["access"]
    line = next(line for line in page.splitlines() if texts["what"]["second_factor"] in line)
    assert texts["who"]["case_manager"] in line
    assert texts["why"]["answer_participant"] in line
    JustHTML(page, strict=True)


@every_language
async def test_they_read_it_in_the_language_that_they_prefer(our_town: Town, browser: Browser, language: str) -> None:
    await proven(our_town, browser, language)
    is_told(browser.text, language)


async def test_where_there_are_no_texts_in_theirs_it_is_the_pages_and_each_other_can_be_chosen(
    our_town: Town, browser: Browser
) -> None:
    await proven(our_town, browser, "ti")
    is_told(browser.text, "de")
    for language in LANGUAGES:
        assert f'href="/status?access={language}#access"' in browser.text
        await browser.go(f"/status?access={language}")
        is_told(browser.text, language)
    await browser.go("/status?access=%3Cscript%3E")
    is_told(browser.text, "de")


def test_there_is_a_heading_in_every_language_that_there_are_texts_in() -> None:
    assert set(ACCESS) == set(LANGUAGES)
