"""Duplicates on the case manager's pages: looked at, merged, undone, dismissed, each after being asked once more."""

import random
from collections.abc import AsyncIterator
from itertools import count
from string import ascii_lowercase
from typing import NamedTuple

import pytest

from services.gateway_web.texts import CATALOGUES
from shared.ids import new_id
from tests.gateway_web.browser import Browser
from tests.gateway_web.managing import Own, give_to, manager, own_case, signed_in
from tests.gateway_web.proofs import latest
from tests.gateway_web.town import Town

DE, EN = CATALOGUES["de"], CATALOGUES["en"]
PHONES = (f"0203 555{number:04}" for number in count(1))


class Pair(NamedTuple):
    """Two records that agree in their telephone, and one case manager of both at a browser."""

    manager: Browser
    former: Own
    later: Own

    @property
    def path(self) -> str:
        return f"{self.later.path}/duplicates"

    async def ask(self, decision: str) -> None:
        """From the list to the page that asks once more."""
        await self.manager.go(self.path)
        await self.manager.send(f"{self.path}/confirm", decision=decision, person_id=str(self.former.person_id))
        assert self.manager.page.status_code == 200, self.manager.text

    async def decide(self, decision: str) -> None:
        await self.ask(decision)
        await self.manager.send(self.path)


async def _asked(town: Town, browser: Browser, phone: str) -> Own:
    """By somebody who is like nobody else in name."""
    name = "".join(random.choices(ascii_lowercase, k=12))  # noqa: S311
    await browser.ask(contact_kind="phone", contact=phone, name=name)
    await town.carry()
    return await own_case(town)


@pytest.fixture
async def pair(our_town: Town, browser: Browser) -> AsyncIterator[Pair]:
    phone = next(PHONES)
    former, later = await _asked(our_town, browser, phone), await _asked(our_town, browser, phone)
    _, case_manager_id = await latest(our_town)
    await give_to(our_town, case_manager_id, former, later)
    async with signed_in(our_town, case_manager_id) as made:
        yield Pair(made, former, later)


async def _links(town: Town) -> set[tuple[str, str]]:
    """(merged record, survivor)."""
    rows = await town.parts["person"].database.pool.fetch("select person_id::text, survivor_id::text from merge")
    return {tuple(row) for row in rows}


async def test_candidates_are_shown_by_id_and_by_what_agrees_never_by_what_they_say(pair: Pair) -> None:
    await pair.manager.go("/staff/cases")
    assert f'href="{pair.path}"' in pair.manager.text
    await pair.manager.go(pair.path)
    assert str(pair.former.person_id) in pair.manager.text
    assert DE("part.phone") in pair.manager.text
    assert str(pair.former.enquiry_id) in pair.manager.text
    assert "Selam" not in pair.manager.text
    await pair.manager.go(f"{pair.path}?lang=en")
    assert EN("part.phone") in pair.manager.text


async def test_the_list_of_cases_goes_on_behind_the_last_one_shown(pair: Pair) -> None:
    await pair.manager.go(f"/staff/cases?after={pair.former.case_id}&lang=en")
    assert EN("cases.lead") in pair.manager.text
    assert str(pair.later.case_id) in pair.manager.text
    assert f"/staff/cases/{pair.former.case_id}" not in pair.manager.text


async def test_a_merge_says_what_it_does_before_it_is_sent_and_is_undone(our_town: Town, pair: Pair) -> None:
    link = (str(pair.former.person_id), str(pair.later.person_id))
    await pair.ask("merge")
    assert DE("duplicates.sure_merge") in pair.manager.text
    assert DE("duplicates.means_reversible") in pair.manager.text
    assert link not in await _links(our_town)
    await pair.manager.send(pair.path)
    assert (pair.manager.page.status_code, link in await _links(our_town)) == (200, True)
    assert DE("duplicates.merged") in pair.manager.text

    await pair.manager.go(f"{pair.former.path}/duplicates")
    assert DE("duplicates.survivor") in pair.manager.text
    await pair.decide("undo")
    assert link not in await _links(our_town)
    assert DE("duplicates.merged") not in pair.manager.text


async def test_a_merged_record_gives_itself_back_too(our_town: Town, pair: Pair) -> None:
    await pair.decide("merge")
    path = f"{pair.former.path}/duplicates"
    await pair.manager.go(path)
    await pair.manager.send(f"{path}/confirm")
    assert DE("duplicates.then_undo") in pair.manager.text
    await pair.manager.send(path)
    assert (str(pair.former.person_id), str(pair.later.person_id)) not in await _links(our_town)


async def test_two_people_are_not_suggested_again(pair: Pair) -> None:
    await pair.decide("dismiss")
    assert str(pair.former.person_id) not in pair.manager.text
    assert DE("duplicates.none") in pair.manager.text


async def test_what_was_decided_on_an_older_page_changes_nothing(our_town: Town, pair: Pair) -> None:
    await pair.ask("dismiss")
    asked = pair.manager.page
    await pair.decide("merge")
    pair.manager.page = asked
    before = await _links(our_town)
    await pair.manager.send(pair.path, decision="undo")
    assert (pair.manager.page.status_code, await _links(our_town)) == (409, before)
    assert DE("error.changed") in pair.manager.text


async def test_only_who_is_responsible_for_both_can_merge(our_town: Town, pair: Pair) -> None:
    person = our_town.parts["person"].database.pool
    another = await person.fetchval(
        "update responsibility set case_manager_id = $2 where case_id = $1 returning case_manager_id",
        pair.former.case_id, new_id(),
    )  # fmt: skip
    await pair.manager.go(pair.path)
    assert DE("duplicates.not_yours") in pair.manager.text
    assert str(another) in pair.manager.text
    assert pair.manager.text.count('value="merge"') == 0
    await pair.manager.send(f"{pair.path}/confirm", decision="merge")
    await pair.manager.send(pair.path)
    assert pair.manager.page.status_code == 409
    assert DE("error.not_both") in pair.manager.text


async def test_erasure_that_is_asked_for_comes_before_a_merge(our_town: Town, pair: Pair) -> None:
    await our_town.parts["person"].database.pool.execute(
        "update person set erasure_asked_at = now(), erasure_id = $2 where id = $1", pair.former.person_id, new_id()
    )
    await pair.decide("merge")
    assert pair.manager.page.status_code == 409
    assert DE("error.erasure-before-merge") in pair.manager.text


async def test_without_consent_to_be_counselled_nobody_looks(our_town: Town, browser: Browser) -> None:
    async with manager(our_town, browser) as (made, own):
        await our_town.parts["person"].database.pool.execute(
            "update consent set revoked_on = now() where enquiry_id = $1", own.enquiry_id
        )
        await made.go(f"{own.path}/duplicates")
        assert made.page.status_code == 409
        assert DE("error.consent-before-counselling") in made.text


async def test_another_case_manager_sees_none_of_it(our_town: Town, pair: Pair) -> None:
    stranger = Browser(our_town.url)
    async with stranger.client:
        await stranger.sign_in(pair.path, "case-manager-xanten-1")
        assert stranger.page.status_code == 404
        await stranger.go("/staff/cases")
        assert str(pair.later.case_id) not in stranger.text


@pytest.mark.parametrize("path", ["/staff/cases", "/staff/cases/019a5f3e-7b1c-7c52-9b1e-3f0f6b0c1a01/duplicates"])
async def test_nobody_but_case_managers_has_cases(browser: Browser, path: str) -> None:
    await browser.sign_in(path, "interpreter-01")
    assert browser.page.status_code == 403
