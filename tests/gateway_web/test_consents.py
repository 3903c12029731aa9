"""Consents on the case manager's pages: read for a purpose, recorded as given, taken back with open eyes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from services.gateway_web.consents_shown import State, shown
from services.gateway_web.texts import CATALOGUES
from shared.clock import today
from shared.ids import new_id
from tests.gateway_web.browser import Browser
from tests.gateway_web.managing import Own, manager
from tests.gateway_web.town import Town

DE, EN = CATALOGUES["de"], CATALOGUES["en"]
GIVEN: dict[str, Any] = {
    "kind": "confidentiality_release", "recipient": "jobcenter", "purpose": "referral", "topics": ["work", "money"],
    "language_explained_in": "ti", "given_how": "orally_with_interpreter",
    "valid_until": (today() + timedelta(days=365)).isoformat(),
}  # fmt: skip
Managed = tuple[Browser, Own]


@pytest.fixture
async def managed(our_town: Town, browser: Browser) -> AsyncIterator[Managed]:
    async with manager(our_town, browser) as made:
        yield made


async def _reads(town: Town, own: Own) -> list[str]:
    """For what the consents were read."""
    rows = await town.parts["person"].database.pool.fetch(
        "select why from access_log where person_id = $1 and what = 'consents'", own.person_id
    )
    return [row["why"] for row in rows]


async def _record(made: Browser, own: Own, **changed: Any) -> None:
    await made.go(f"{own.path}/consents/new?why=counselling")
    await made.send(f"{own.path}/consents", **(GIVEN | changed))


async def test_nothing_is_read_before_it_is_said_what_for(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await made.go(f"{own.path}/consents")
    assert DE("consents.why_hint") in made.text
    assert await _reads(our_town, own) == []
    await made.go(f"{own.path}/consents?why=answer_participant")
    assert await _reads(our_town, own) == ["answer_participant"]
    assert (await made.go(f"{own.path}/consents?why=curiosity")).status_code == 422


async def test_each_consent_is_shown_with_all_that_makes_it(managed: Managed) -> None:
    made, own = managed
    await made.go(f"{own.path}/consents?why=counselling")
    assert made.text.count(DE("consent_state.in_force")) == 2
    for key in ("recipient.kim", "recipient.office-dinslaken", "given_how.with_enquiry", "consents.themselves"):
        assert DE(key) in made.text
    assert "Deutsch" in made.text
    await made.go(f"{own.path}/consents?why=counselling&lang=en")
    assert EN("given_how.with_enquiry") in made.text


async def test_a_consent_is_recorded_as_it_was_given(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await _record(made, own)
    assert str(made.page.url).endswith(f"{own.path}/consents?why=counselling")
    for key in (
        "recipient.jobcenter",
        "staff_consent_kind.confidentiality_release",
        "given_how.orally_with_interpreter",
    ):
        assert DE(key) in made.text
    row = await our_town.parts["person"].database.pool.fetchrow(
        "select valid_until, recorded_by, topics from consent where enquiry_id = $1 and recipient = 'jobcenter'",
        own.enquiry_id,
    )
    assert row["valid_until"] == today() + timedelta(days=365)
    assert row["recorded_by"] in made.text
    assert sorted(row["topics"]) == ["money", "work"]


async def test_a_form_that_is_sent_twice_records_once(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await made.go(f"{own.path}/consents/new")
    form = made.page
    for _ in range(2):
        made.page = form
        await made.send(f"{own.path}/consents", **GIVEN)
        assert made.page.status_code == 200
    recorded = await our_town.parts["person"].database.pool.fetchval(
        "select count(*) from consent where enquiry_id = $1 and recipient = 'jobcenter'", own.enquiry_id
    )
    assert recorded == 1


async def test_the_foreigners_authority_is_a_recipient_only_by_an_act_of_its_own(managed: Managed) -> None:
    made, own = managed
    await _record(made, own, recipient="foreigners-authority")
    assert (made.page.status_code, DE("error.consent-by-explicit-act") in made.text) == (422, True)
    await made.send(
        f"{own.path}/consents", **(GIVEN | {"recipient": "foreigners-authority"}), recipient_confirmed="yes"
    )
    assert (made.page.status_code, DE("recipient.foreigners-authority") in made.text) == (200, True)


async def test_one_of_several_is_taken_back_and_counselling_goes_on(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await _record(made, own)
    consent_id = await our_town.parts["person"].database.pool.fetchval(
        "select id from consent where enquiry_id = $1 and recipient = 'jobcenter'", own.enquiry_id
    )
    await made.send(f"{own.path}/consents/{consent_id}")
    assert (made.page.status_code, DE("consent_state.revoked") in made.text) == (200, True)
    await our_town.carry()
    assert await _reason(our_town, own) is None


async def test_that_counselling_ends_is_said_before_it_is_sent(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await made.go(f"{own.path}/consents?why=counselling")
    assert made.text.count(DE("consents.ends")) == 1
    consent_id = await our_town.parts["person"].database.pool.fetchval(
        "select id from consent where enquiry_id = $1 and purpose = 'counselling'", own.enquiry_id
    )
    await made.send(f"{own.path}/consents/{consent_id}")
    assert (made.page.status_code, DE("error.ends_unseen") in made.text) == (422, True)
    await our_town.carry()
    assert await _reason(our_town, own) is None
    await made.send(f"{own.path}/consents/{consent_id}", seen="yes")
    assert made.page.status_code == 200
    assert DE("consents.ends") not in made.text
    await our_town.carry()
    assert await _reason(our_town, own) == "consent_revoked"
    await made.go(f"{own.path}/consents?why=counselling")
    assert made.page.status_code == 200


async def test_what_was_taken_back_meanwhile_is_told(our_town: Town, managed: Managed) -> None:
    made, own = managed
    await made.go(f"{own.path}/consents?why=counselling")
    consent_id = await our_town.parts["person"].database.pool.fetchval(
        "update consent set revoked_on = current_date where enquiry_id = $1 and purpose = 'coordination' returning id",
        own.enquiry_id,
    )
    await made.send(f"{own.path}/consents/{consent_id}")
    assert (made.page.status_code, DE("error.changed") in made.text) == (409, True)


@pytest.mark.parametrize("page", ["consents", "consents/new"])
async def test_another_case_manager_sees_no_consents(our_town: Town, managed: Managed, page: str) -> None:
    _, own = managed
    stranger = Browser(our_town.url)
    async with stranger.client:
        await stranger.sign_in(f"{own.path}/{page}", "case-manager-xanten-1")
        assert stranger.page.status_code == 404


def _consent(**changed: Any) -> dict[str, Any]:
    is_for_counselling = {"kind": "processing", "recipient": "kim", "purpose": "counselling"}
    return {"id": new_id(), "valid_until": today().isoformat(), "revoked_on": None, **is_for_counselling, **changed}


def test_counselling_ends_with_the_last_consent_to_it_that_is_in_force() -> None:
    over, revoked = _consent(valid_until="2020-01-01"), _consent(revoked_on="2026-01-01")
    [first, second, third] = shown([over, revoked, _consent()], today())
    assert [each.state for each in (first, second, third)] == [State.OVER, State.REVOKED, State.IN_FORCE]
    assert [each.ends_counselling for each in (first, second, third)] == [False, False, True]
    assert not any(each.ends_counselling for each in shown([_consent(), _consent()], today()))
    assert not shown([_consent(purpose="coordination")], today())[0].ends_counselling


async def _reason(town: Town, own: Own) -> str | None:
    """Why the case is closed."""
    found: str | None = await town.parts["case"].database.pool.fetchval(
        "select reason from case_file where id = $1", own.case_id
    )
    return found
