"""Calendar feeds by their public address, and the page on which staff get and revoke theirs."""

import re
from collections.abc import AsyncIterator

import pytest
from icalendar import Calendar

from services.gateway_web.limits import Limit, TooOften
from tests.gateway_web.browser import Browser
from tests.gateway_web.town import Town

MANAGER = "case-manager-dinslaken-1"


@pytest.fixture
async def manager(our_town: Town) -> AsyncIterator[Browser]:
    made = Browser(our_town.url)
    async with made.client:
        await made.sign_in("/staff/calendar", MANAGER)
        yield made


async def _address(browser: Browser) -> str:
    """A new one, as the page shows it once."""
    await browser.send("/staff/calendar/feed")
    [address] = re.findall(r"http://\S+/kalender/[A-Za-z0-9_-]{43}\.ics\?lang=de", browser.text)
    return str(address)


async def test_an_address_is_shown_once_and_everybody_who_has_it_reads_the_feed(
    manager: Browser, browser: Browser
) -> None:
    await _address(manager)
    await manager.send("/staff/calendar/feed/revoke")
    assert "Es gibt noch keine Adresse." in manager.text
    address = await _address(manager)
    await manager.go("/staff/calendar")
    assert "/kalender/" not in manager.text
    assert "Es gibt eine Adresse, seit" in manager.text
    read = await browser.client.get(address)
    assert (read.status_code, read.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert Calendar.from_ical(read.content)["x-wr-calname"] == "KIM"
    assert (read.headers["cache-control"], read.headers["referrer-policy"]) == ("private, max-age=300", "no-referrer")


async def test_who_has_read_the_feed_is_told_that_nothing_changed(manager: Browser, browser: Browser) -> None:
    address = await _address(manager)
    tag = (await browser.client.get(address)).headers["etag"]
    again = await browser.client.get(address, headers={"If-None-Match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await browser.client.get(address, headers={"If-None-Match": '"another"'})).status_code == 200


async def test_a_new_address_and_a_revocation_end_the_former_one(manager: Browser, browser: Browser) -> None:
    first = await _address(manager)
    second = await _address(manager)
    assert [(await browser.client.get(each)).status_code for each in (first, second)] == [404, 200]
    await manager.send("/staff/calendar/feed/revoke")
    assert "Es gibt noch keine Adresse." in manager.text
    assert (await browser.client.get(second)).status_code == 404


async def test_a_calendar_that_is_asked_for_too_often_has_to_wait(manager: Browser, browser: Browser) -> None:
    address = await _address(manager)
    answers = [await browser.client.get(address) for _ in range(26)]  # over the end of a minute, too
    assert {answer.status_code for answer in answers} == {200, 429}
    assert next(answer for answer in answers if answer.status_code == 429).headers["retry-after"] == "60"


@pytest.mark.parametrize("path", ["/kalender/short.ics", f"/kalender/{'a' * 43}", f"/kalender/{'a' * 42}!.ics"])
async def test_what_is_no_address_of_a_calendar_is_none(browser: Browser, path: str) -> None:
    assert (await browser.client.get(path)).status_code in {404, 422}


async def test_the_page_is_for_those_who_have_a_calendar(browser: Browser) -> None:
    await browser.sign_in("/staff/calendar", "coordinator-dinslaken")
    assert browser.page.status_code == 403


async def test_an_interpreter_gets_an_address_too(our_town: Town) -> None:
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.sign_in("/staff/calendar", "interpreter-01")
        assert (await interpreter.client.get(await _address(interpreter))).status_code == 200


def test_each_name_has_its_own_count_for_a_minute() -> None:
    limit = Limit(2)
    for at in (0.0, 59.0):
        limit.count("a", at)
    with pytest.raises(TooOften):
        limit.count("a", 59.5)
    limit.count("b", 59.5)
    limit.count("a", 60.0)


def test_too_many_names_share_one_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limit, "NAMES", 3)
    limit = Limit(2)
    for name in ("a", "b", "c", "d", "e"):
        limit.count(name, 0.0)
    with pytest.raises(TooOften):
        limit.count("f", 0.0)
