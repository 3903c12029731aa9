"""Interpreters' addresses on the administrator's page: set, changed, removed, and never shown."""

import re
from collections.abc import AsyncIterator

import pytest

from services.gateway_web.texts import CATALOGUES
from shared.ids import new_id
from tests.gateway_web.browser import Browser
from tests.gateway_web.test_main_job import _asked_interpreter
from tests.gateway_web.town import Town

DE, EN = CATALOGUES["de"], CATALOGUES["en"]
SOMEBODY = "019a0000-0000-7000-8000-000200000030"
PATH = f"/staff/interpreters/{SOMEBODY}/contact"
ADDRESS = "kanarienvogel@example.org"


@pytest.fixture
async def administrator(our_town: Town) -> AsyncIterator[Browser]:
    made = Browser(our_town.url)
    async with made.client:
        await made.sign_in("/staff/interpreters", "administrator")
        yield made


async def _reached(town: Town) -> int:
    found: int = await town.parts["person"].database.pool.fetchval(
        "select count(*) from interpreter_contact where interpreter_id = $1", SOMEBODY
    )
    return found


async def test_an_address_is_removed_and_set_again_and_never_shown(our_town: Town, administrator: Browser) -> None:
    assert administrator.text.count(DE("contacts.there")) == 30
    await administrator.send(f"{PATH}/remove")
    assert (administrator.page.status_code, await _reached(our_town)) == (200, 0)
    assert administrator.text.count(DE("contacts.none")) == 1
    await administrator.go(f"{PATH}?lang=en")
    assert EN("contacts.sealed") in administrator.text
    await administrator.send(PATH, email=ADDRESS, language="en")
    assert (administrator.page.status_code, await _reached(our_town)) == (200, 1)
    assert administrator.text.count(EN("contacts.there")) == 30
    assert ADDRESS not in administrator.text
    await administrator.go(PATH)
    assert ADDRESS not in administrator.text


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.org, b@example.org"}, "email"),
        ({"email": "a\x00@example.org"}, "email"),
        ({"email": "a" * 200 + "@example.org"}, "email"),
        ({"email": "a@example.org\r\nBcc: b@example.org"}, "email"),
        ({"language": "ku"}, "contact_language"),
        ({"language": ""}, "contact_language"),
    ],
    ids=["none", "no address", "two", "with NUL", "too long", "with a header", "foreign language", "no language"],
)
async def test_a_wrong_address_is_explained_and_changes_nothing(
    our_town: Town, administrator: Browser, changed: dict[str, str], key: str
) -> None:
    person = our_town.parts["person"].database.pool
    before = await person.fetch("select * from interpreter_contact order by interpreter_id")
    await administrator.go(PATH)
    await administrator.send(PATH, **({"email": ADDRESS, "language": "de"} | changed))
    assert (administrator.page.status_code, DE(f"error.{key}") in administrator.text) == (422, True)
    assert await person.fetch("select * from interpreter_contact order by interpreter_id") == before


async def test_there_is_no_address_for_somebody_who_is_no_interpreter(our_town: Town, administrator: Browser) -> None:
    token = administrator._forms().hidden["/staff/sign-out"]["form_token"]
    path = f"/staff/interpreters/{new_id()}/contact"
    typed = {"email": ADDRESS, "language": "de", "form_token": token}
    assert (await administrator.client.post(path, data=typed)).status_code == 404
    assert (await administrator.go(path)).status_code == 404
    assert await _reached(our_town) == 1


async def test_a_link_goes_to_the_address_of_whoever_is_asked(our_town: Town, browser: Browser) -> None:
    """Also to those of the demo data, where there is a mail server at all."""
    await browser.ask()
    await our_town.carry()
    sent = len(our_town.post_office.mails)
    await browser.send("/status")
    await browser.send("/status/bookings", slot_id=browser.choices("slot_id")[0])
    await our_town.carry()
    asked = await _asked_interpreter(our_town)
    [mail] = [each for each in our_town.post_office.mails[sent:] if str(each["to"]).startswith(asked)]
    assert mail["to"] == f"{asked}@interpreters.invalid"
    link = re.search(r"/offer/[A-Za-z0-9_-]+", mail.get_content())
    assert link
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.go(link[0])
        await interpreter.send("/offer/", answer="accept")
        assert DE("offer.accepted") in interpreter.text


async def test_nobody_but_an_administrator_sets_addresses(browser: Browser) -> None:
    await browser.sign_in(PATH, "interpreter-30")
    assert browser.page.status_code == 403
