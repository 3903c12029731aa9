"""The page on which whoever coordinates has all open talks planned, sees why, and adopts the plan."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from services.gateway_web.texts import CATALOGUES
from services.interpreter.plan_desk import PlanDesk
from shared.clock import today
from shared.ids import new_id
from tests.gateway_web.browser import Browser
from tests.gateway_web.proofs import latest
from tests.gateway_web.town import Town

DINSLAKEN, MOERS = "05170008", "05170024"
DAYS = {"from": today().isoformat(), "to": (today() + timedelta(days=30)).isoformat()}


async def signed_in(town: Town, who: str) -> AsyncIterator[Browser]:
    browser = Browser(town.url)
    async with browser.client:
        await browser.sign_in("/staff/plans", who)
        yield browser


@pytest.fixture
async def administrator(our_town: Town) -> AsyncIterator[Browser]:
    async for browser in signed_in(our_town, "administrator"):
        yield browser


@pytest.fixture
async def coordinator(our_town: Town) -> AsyncIterator[Browser]:
    async for browser in signed_in(our_town, "coordinator-dinslaken"):
        yield browser


async def compute(town: Town) -> None:
    """What the service does beside its requests."""
    part = town.parts["interpreter"]
    await PlanDesk(part.app.state.settings.database_url).run(part.database)


async def planned(town: Town, browser: Browser, place: str) -> str:
    """Path of a plan that is ready, as the browser looks at it."""
    await browser.go("/staff/plans")
    await browser.send("/staff/plans", place=place, **DAYS)
    path = browser.page.url.path
    await compute(town)
    await browser.go(path)
    return path


async def open_talk(town: Town, participant: Browser) -> UUID:
    """A booking with slots to choose from, for which an interpreter is needed. Returns its id."""
    await participant.ask(languages=["ti"])
    await town.carry()
    enquiry_id, _ = await latest(town)
    found: UUID = await town.parts["interpreter"].database.pool.fetchval(
        "select booking_id from ranking join open_request using (booking_id) where enquiry_id = $1", enquiry_id
    )
    assert found
    return found


async def test_a_plan_is_requested_watched_seen_with_runner_ups_and_adopted(
    our_town: Town, browser: Browser, administrator: Browser
) -> None:
    booking_id = await open_talk(our_town, browser)
    await administrator.send("/staff/plans", place="kreis-wesel", **DAYS)
    path = administrator.page.url.path
    assert ("Wird berechnet" in administrator.text, "<progress" in administrator.text) == (True, True)
    assert '<meta http-equiv="refresh" content="2">' in administrator.text
    await compute(our_town)
    await administrator.go(path)
    assert "refresh" not in administrator.text
    row = next(each for each in administrator.text.split("<tr>") if f'title="{booking_id}"' in each)
    chosen, second = re.findall(r'<abbr title="([0-9a-f-]{36})">', row)[1:3]
    assert "Tigrinisch" in row or "Tigrinya" in row
    assert re.search(r"[+-]\d+", row), "by how much the runner-up would cost more or less"
    await administrator.send(f"{path}/adoption")
    assert "Übernommen am" in administrator.text
    await our_town.carry()
    asked = await our_town.parts["scheduling"].database.pool.fetch(
        "select interpreter_id from ranked_candidate join proposed_slot on proposed_slot.id = slot_id"
        " where booking_id = $1 and rank = 0",
        booking_id,
    )
    assert chosen in {str(each["interpreter_id"]) for each in asked}
    assert chosen != second


async def test_a_stale_plan_is_not_adopted_and_the_page_says_what_changed(
    our_town: Town, browser: Browser, administrator: Browser
) -> None:
    booking_id = await open_talk(our_town, browser)
    path = await planned(our_town, administrator, "kreis-wesel")
    await our_town.parts["interpreter"].database.pool.execute(
        "delete from open_request where booking_id = $1", booking_id
    )
    await administrator.send(f"{path}/adoption")
    assert administrator.page.status_code == 409
    for text in ("error.plan_stale", "plan_change.request_gone", "plans.stale"):
        assert CATALOGUES["de"](text) in administrator.text
    assert administrator.actions() == ["/staff/sign-out"]
    await administrator.go(f"{path}?lang=en")
    assert CATALOGUES["en"]("plan_change.request_gone") in administrator.text


async def test_a_coordinator_plans_for_the_office_and_sees_no_language(
    our_town: Town, browser: Browser, coordinator: Browser
) -> None:
    booking_id = await open_talk(our_town, browser)
    assert "ganz Kreis Wesel" not in coordinator.text
    await planned(our_town, coordinator, DINSLAKEN)
    row = next(each for each in coordinator.text.split("<tr>") if f'title="{booking_id}"' in each)
    assert "Tigrin" not in coordinator.text
    assert not re.search(r"\d{2}:\d{2}", row)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"from": ""}, "plan_days"),
        ({"to": "2027-02-30"}, "plan_days"),
        ({"to": (today() + timedelta(days=40)).isoformat()}, "plan_days"),
        ({"from": "2026-01-01", "to": "2026-01-07"}, "plan_late"),
        ({"place": "99999999"}, "plan_place"),
        ({"place": "05112000\x00"}, "plan_place"),
        ({"place": MOERS}, "plan_place"),
    ],
)
async def test_a_wrong_form_of_a_plan_is_explained_and_changes_nothing(
    our_town: Town, coordinator: Browser, changed: dict[str, str], error: str
) -> None:
    database = our_town.parts["interpreter"].database
    before = await database.pool.fetchval("select count(*) from assignment_plan")
    await coordinator.send("/staff/plans", **(DAYS | {"place": DINSLAKEN} | changed))
    assert coordinator.page.status_code in {403, 422}
    assert CATALOGUES["de"](f"error.{error}") in coordinator.text
    assert await database.pool.fetchval("select count(*) from assignment_plan") == before


async def test_a_form_that_names_no_version_is_refused(coordinator: Browser) -> None:
    token = coordinator._forms().hidden["/staff/plans"]["form_token"]
    for version in ("", "*", '2"\r\nX-Role: administrator'):
        sent = {"form_token": token, "version": version}
        assert (await coordinator.client.post(f"/staff/plans/{new_id()}/adoption", data=sent)).status_code == 422


async def test_the_page_is_for_those_who_coordinate(browser: Browser) -> None:
    await browser.sign_in("/staff/plans", "interpreter-01")
    assert browser.page.status_code == 403
