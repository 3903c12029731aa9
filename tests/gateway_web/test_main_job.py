"""The main job, seen through browsers: participant, interpreter and coordinating office."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from deploy.client import Client
from deploy.issuer.identities import identities
from services.scheduling import commands_series, store
from services.scheduling.series_views import SeriesInput
from shared.clock import now
from shared.ids import new_id
from tests.gateway_web.browser import ENQUIRY, Browser
from tests.gateway_web.proofs import code_from_case_manager
from tests.gateway_web.town import Town


@pytest.fixture
async def office(our_town: Town) -> AsyncIterator[Browser]:
    made = Browser(our_town.url)
    async with made.client:
        await made.sign_in("/office/dinslaken", "coordinator-dinslaken")
        yield made


async def _asked_interpreter(town: Town) -> str:
    """The development user who got the last offer."""
    async with town.parts["interpreter"].database.read() as conn:
        found = await conn.fetchval("select interpreter_id from offer order by made_at desc limit 1")
    return f"interpreter-{str(found)[-2:]}"


async def _write_note(town: Town, text: str) -> None:
    """As the case manager of the latest case does, with the key that case gets from person."""
    async with town.parts["case"].database.read() as conn:
        case = await conn.fetchrow("select id, case_manager_id from case_file order by id desc limit 1")
    name = next(each.name for each in identities().people if each.sub == str(case["case_manager_id"]))
    async with Client(town.settings) as client:
        url = f"{town.settings.case_url}/cases/{case['id']}/notes"
        await client.call("POST", url, token=await client.token(name), json={"text": text})


async def test_from_the_form_to_the_confirmed_appointment(our_town: Town, browser: Browser, office: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    slots = browser.choices("slot_id")
    assert 0 < len(slots) <= 3
    assert "Bitte wählen Sie einen Termin" in browser.text
    assert 'http-equiv="refresh"' not in browser.text

    await browser.send("/status/bookings", slot_id=slots[0])
    assert "Der Termin ist für Sie reserviert" in browser.text
    assert 'http-equiv="refresh"' in browser.text

    await our_town.carry()
    interpreter = Browser(our_town.url)
    async with interpreter.client:
        await interpreter.sign_in("/interpreter", await _asked_interpreter(our_town))
        assert "Tigrinya · Dinslaken" in interpreter.text
        [accept] = [each for each in interpreter.actions() if each.endswith("/accept")]
        await interpreter.send(accept)
        assert interpreter.page.status_code == 200
    await our_town.carry()

    await browser.go("/status")
    assert "Ihr Termin steht fest" in browser.text
    assert "Mit Sprachmittlung: Tigrinya" in browser.text
    await office.go("/office/dinslaken")
    assert "Termin bestätigt" in office.text
    assert "Wohnen, Aufenthalt" in office.text
    assert "Selam" not in office.text


async def test_a_consent_is_taken_back(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    revocations = [each for each in browser.actions() if each.endswith("/revoke")]
    assert len(revocations) == 2
    assert "Koordinationsbüro Dinslaken" in browser.text
    assert browser.text.count("endet die Beratung") == 1
    await browser.send(revocations[1])
    assert browser.text.count("zurückgenommen am") == 1
    assert browser.text.count("endet die Beratung") == 1
    await browser.send(revocations[0])
    assert browser.text.count("zurückgenommen am") == 2
    assert "endet die Beratung" not in browser.text
    await our_town.carry()
    await browser.go("/status")
    async with our_town.parts["case"].database.read() as conn:
        assert await conn.fetchval("select reason from case_file order by id desc limit 1") == "consent_revoked"


async def test_who_read_the_data_is_shown_after_a_code_from_the_case_manager(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    assert "sehen Sie mit einem Code" in browser.text
    code = await code_from_case_manager(our_town)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    await browser.send("/status/second-factor", code=wrong)
    assert (browser.page.status_code, "falsch, schon benutzt oder abgelaufen" in browser.text) == (422, True)
    await browser.send("/status/second-factor", code=code)
    assert "Ihre Beraterin oder Ihr Berater: hat Ihnen einen Code gegeben" in browser.text
    shown = browser.page
    await _write_note(our_town, "Die Wohnung schimmelt.")
    await browser.send("/status/export")
    with ZipFile(BytesIO(browser.page.content)) as packed:
        assert set(packed.namelist()) == {"data.json", "data.de.html", "data.en.html"}
        data = json.loads(packed.read("data.json"))
    assert data["contact"]["name"] == ENQUIRY["name"]
    assert data["services"]["intake"]["enquiry"][0]["postcode"] == ENQUIRY["postcode"]
    assert {"booking", "proposed_slot"} <= data["services"]["scheduling"].keys()
    assert all(data["services"].values()), "every service has something"
    assert [note["text"] for note in data["services"]["case"]["note"]] == ["Die Wohnung schimmelt."]
    browser.page = shown
    await browser.send("/status/leave")
    await browser.go("/status")
    assert "hat Ihnen einen Code gegeben" not in browser.text


async def test_without_consent_the_office_sees_that_fields_are_withheld(
    our_town: Town, browser: Browser, office: Browser
) -> None:
    await browser.ask(consents=["processing"])
    await our_town.carry()
    await office.go("/office/dinslaken")
    assert "nicht freigegeben" in re.split("</thead>", office.text)[1]


async def test_an_office_sees_events_as_they_happen(our_town: Town, browser: Browser, office: Browser) -> None:
    address = re.search(r'data-stream="([^"]+)"', office.page.text)
    assert address
    async with office.client.stream("GET", address[1]) as stream, asyncio.timeout(20):
        assert stream.headers["content-type"].startswith("text/event-stream")
        await browser.ask()
        await our_town.carry()
        lines = stream.aiter_lines()
        seen = [line async for line in _until(lines, "Anfrage eingegangen")]
    assert any(re.fullmatch(r"id: 05170008:\d+", line) for line in seen)


async def _until(lines: AsyncIterator[str], text: str) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if text in line:
            return


async def test_the_talks_of_a_series_are_shown_beside_the_one_that_is_to_be_chosen(
    our_town: Town, browser: Browser
) -> None:
    await browser.ask()
    await our_town.carry()
    scheduling = our_town.parts["scheduling"].database
    starts = datetime.combine(now().date() + timedelta(days=60), time(10))
    async with scheduling.transaction() as conn:
        like = await store.look(conn, await conn.fetchval("select id from booking order by id desc limit 1"))
        series = SeriesInput(starts=starts, rrule="FREQ=DAILY;COUNT=7", whole=False).series(new_id(), like)
        await commands_series.begin(conn, like, series)
    await our_town.carry()
    async with scheduling.read() as conn:
        held = await conn.fetchval(
            "select count(*) from booking where series_id = $1 and state = 'held'", series.series_id
        )
    assert held > 1
    await browser.send("/status")
    assert "Bitte wählen Sie einen Termin" in browser.text
    assert "Weitere Gespräche" in browser.text
    assert browser.text.count("10:00") >= held
    async with scheduling.transaction() as conn:
        await commands_series.end(conn, series.series_id)
    await our_town.carry()
    await browser.send("/status")
    assert "Weitere Gespräche" not in browser.text


async def test_a_slot_has_to_be_chosen(our_town: Town, browser: Browser) -> None:
    await browser.ask()
    await our_town.carry()
    await browser.send("/status")
    await browser.send("/status/bookings")
    assert browser.page.status_code == 422
    assert "Bitte wählen Sie einen Termin." in browser.text


async def test_a_wrong_code_opens_nothing(browser: Browser) -> None:
    await browser.go("/status")
    await browser.send("/status", code="0000-0000-0000-0000-0000-0000-0000")
    assert browser.page.status_code == 401
    assert "Dieser Code ist nicht bekannt." in browser.text


async def test_the_token_is_kept_where_no_script_and_no_other_site_reaches_it(browser: Browser) -> None:
    await browser.ask()
    await browser.send("/status")
    [kept] = [each for each in browser.page.history[0].headers.get_list("set-cookie") if "kim_participant" in each]
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept


async def test_signing_out_ends_the_session(browser: Browser) -> None:
    await browser.sign_in("/office/dinslaken", "coordinator-dinslaken")
    await browser.send("/staff/sign-out")
    await browser.go("/office/dinslaken")
    assert browser.page.url.path == "/authorize"


@pytest.mark.parametrize(
    ("path", "user", "status"),
    [
        ("/office/moers", "coordinator-dinslaken", 404),
        ("/office/nowhere", "coordinator-dinslaken", 404),
        ("/office/dinslaken", "interpreter-01", 403),
        ("/interpreter", "coordinator-dinslaken", 403),
    ],
)
async def test_nobody_sees_what_is_not_theirs(browser: Browser, path: str, user: str, status: int) -> None:
    await browser.sign_in(path, user)
    assert browser.page.status_code == status
    assert "Das hat nicht geklappt" in browser.text


async def test_the_stream_of_an_office_needs_a_session(browser: Browser) -> None:
    answer = await browser.client.get("/office/dinslaken/stream", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


async def test_a_made_up_way_back_is_refused(browser: Browser) -> None:
    await browser.go("/staff/callback?code=made&state=up")
    assert browser.page.status_code == 401
    assert "Die Anmeldung hat nicht geklappt" in browser.text


async def test_nobody_is_sent_to_another_site_after_signing_in(our_town: Town, browser: Browser) -> None:
    await browser.sign_in("/staff/sign-in?to=//evil.example/", "coordinator-dinslaken")
    assert str(browser.page.url) == f"{our_town.url}/staff"
