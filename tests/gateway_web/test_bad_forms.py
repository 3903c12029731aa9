"""Forms that are wrong: the page says in the reader's language what is wrong, and nothing changes in any service."""

from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from uuid import UUID

import pytest

from services.gateway_web.texts import CATALOGUES
from shared.clock import today
from shared.ids import new_id
from tests.access.table import PAGES, Route
from tests.gateway_web.browser import ENQUIRY, Browser
from tests.gateway_web.managing import Own, manager
from tests.gateway_web.town import Town

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "unknown postcode": ({"postcode": "99999"}, "postcode"),
    "postcode of elsewhere": ({"postcode": "50667"}, "postcode"),
    "postcode in other digits": ({"postcode": "\uff14\uff16\uff15\uff13\uff15"}, "postcode"),
    "postcode with NUL": ({"postcode": "46535\x00"}, "postcode"),
    "control character in the name": ({"name": "Selam\x07Tesfay"}, "name"),
    "override of direction in the name": ({"name": "Selam\u202eTesfay"}, "name"),
    "control character in the message": ({"message": "we\x1bseek"}, "message"),
    "name too long": ({"name": "a" * 201}, "name"),
    "message too long": ({"message": "a" * 4001}, "message"),
    "year of birth to come": ({"birth_year": "2990"}, "birth_year"),
    "foreign topic": ({"topics": ["gossip"]}, "topics"),
    "foreign language": ({"languages": ["ku"]}, "languages"),
    "foreign mode": ({"mode": "by_pigeon"}, "mode"),
    "foreign dialect": ({"dialect": "ti-XX"}, "dialect"),
    "dialect of a language that is not theirs": ({"dialect": "ar-SY"}, "dialect"),
    "foreign gender": ({"gender": "any"}, "gender"),
    "foreign condition": ({"gender_binding": "perhaps"}, "gender_binding"),
    "foreign criterion": ({"criteria": ["poor"]}, "criteria"),
    "foreign kind of contact": ({"contact_kind": "pigeon"}, "contact_kind"),
    "no consent": ({"consents": []}, "processing"),
}
"""What is wrong -> how the form is changed, and the field that the page speaks of."""
_MERGE = {"decision": "merge", "person_id": str(UUID(int=1)), "version": f'"{"0" * 32}"'}
_GIVEN = {
    "kind": "processing", "recipient": "kim", "purpose": "counselling", "topics": ["work"],
    "language_explained_in": "ti", "given_how": "orally", "valid_until": today().isoformat(),
}  # fmt: skip
_SERIES = {"day": "2026-12-01", "time": "10:00", "interval": "1", "count": "4", "whole": "no"}
_MARKS = {"understanding": "5", "punctuality": "5", "remarks": ["again_please"]}
_BEGIN = "talks/{booking_id}/series"
OF_CASE: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    **{
        f"{what}, {path}": (path, _MERGE, changed, "problem.422")
        for path in ("duplicates", "duplicates/confirm")
        for what, changed in {
            "decision that there is none": {"decision": "delete"},
            "no decision": {"decision": ""},
            "record that is none": {"person_id": "1; drop table person"},
            "version that is none": {"version": "*"},
            "version with a line break": {"version": _MERGE["version"] + "\r\nX-Role: administrator"},
        }.items()
    },
    "foreign kind of consent": ("consents", _GIVEN, {"kind": "everything"}, "error.kind"),
    "foreign recipient": ("consents", _GIVEN, {"recipient": "police"}, "error.recipient"),
    "recipient that is none by default": (
        "consents", _GIVEN, {"recipient": "foreigners-authority"}, "error.consent-by-explicit-act",
    ),
    "foreign purpose": ("consents", _GIVEN, {"purpose": "curiosity"}, "error.purpose"),
    "no topic": ("consents", _GIVEN, {"topics": []}, "error.topics"),
    "foreign topic of a consent": ("consents", _GIVEN, {"topics": ["gossip"]}, "error.topics"),
    "foreign language told": ("consents", _GIVEN, {"language_explained_in": "ku"}, "error.language_explained_in"),
    "consent told by a pigeon": ("consents", _GIVEN, {"given_how": "by_pigeon"}, "error.given_how"),
    "consent given online, says somebody else": ("consents", _GIVEN, {"given_how": "online"}, "error.given_how"),
    "no last day": ("consents", _GIVEN, {"valid_until": ""}, "error.valid_until"),
    "last day with NUL": ("consents", _GIVEN, {"valid_until": "2026-12-24\x00"}, "error.valid_until"),
    "last day that is past": ("consents", _GIVEN, {"valid_until": "2020-01-01"}, "error.consent-in-force"),
    "consent for ever": ("consents", _GIVEN, {"valid_until": "9999-12-31"}, "error.consent-renewed"),
    "day that there is not": (_BEGIN, _SERIES, {"day": "2026-02-31"}, "error.series_day"),
    "no day": (_BEGIN, _SERIES, {"day": ""}, "error.series_day"),
    "time in other digits": (_BEGIN, _SERIES, {"time": "\uff11\uff10:00"}, "error.series_day"),
    "no time": (_BEGIN, _SERIES, {"time": ""}, "error.series_time"),
    "interval with a rule inside": (_BEGIN, _SERIES, {"interval": "1;BYDAY=MO"}, "error.series_interval"),
    "interval that is none": (_BEGIN, _SERIES, {"interval": "0"}, "error.series_interval"),
    "too many talks": (_BEGIN, _SERIES, {"count": "27"}, "error.series_count"),
    "talks in other digits": (_BEGIN, _SERIES, {"count": "\uff14"}, "error.series_count"),
    "talks over more than a year": (_BEGIN, _SERIES, {"interval": "4", "count": "26"}, "error.series_count"),
    "neither all nor those that can be had": (_BEGIN, _SERIES, {"whole": "perhaps"}, "error.series_whole"),
    "no slot": ("talks/{booking_id}/choice", {"slot_id": "x"}, {"slot_id": ""}, "error.choice"),
    "no mark": ("talks/{booking_id}/feedback", _MARKS, {"punctuality": ""}, "error.marks"),
    "mark that is none": ("talks/{booking_id}/feedback", _MARKS, {"understanding": "6"}, "error.marks"),
    "mark in other digits": ("talks/{booking_id}/feedback", _MARKS, {"understanding": "\uff15"}, "error.marks"),
    "remark in free text": ("talks/{booking_id}/feedback", _MARKS, {"remarks": ["Selam was late"]}, "error.marks"),
}  # fmt: skip
"""What is wrong -> page of the case, what is right there, how it is changed, the text that says it."""
POSTS = sorted(route for route in PAGES if route.service == "gateway_web" and route.method == "POST")
FORMS = [route for route in POSTS if route.path != "/enquiry"]
"""The form of an enquiry shows itself again; the others end in a page that says why."""


async def _rows(town: Town) -> dict[str, int]:
    """Service.table -> number of rows."""
    counted = {}
    for name, part in town.parts.items():
        for (table,) in await part.database.pool.fetch("select tablename from pg_tables where schemaname = 'public'"):
            counted[f"{name}.{table}"] = await part.database.pool.fetchval(f"select count(*) from {table}")  # noqa: S608
    return counted


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("what", WRONG)
async def test_a_wrong_form_is_explained_and_changes_nothing(our_town: Town, what: str, language: str) -> None:
    changed, field = WRONG[what]
    browser = Browser(our_town.url, **{"Accept-Language": language})
    async with browser.client:
        await browser.go("/enquiry")
        before = await _rows(our_town)
        await browser.send("/enquiry", **(ENQUIRY | changed))
        assert browser.page.status_code == 422
        assert CATALOGUES[language](f"error.{field}") in browser.text
        assert await _rows(our_town) == before


@pytest.fixture(scope="module")
async def managed(our_town: Town) -> AsyncIterator[tuple[Browser, Own]]:
    """One for all: nothing changes."""
    browser = Browser(our_town.url)
    async with browser.client, manager(our_town, browser) as made:
        yield made


@pytest.mark.parametrize("what", OF_CASE)
async def test_a_wrong_form_of_a_case_is_explained_and_changes_nothing(
    our_town: Town, managed: tuple[Browser, Own], what: str
) -> None:
    made, own = managed
    path, right, changed, key = OF_CASE[what]
    token = made._forms().hidden["/staff/sign-out"]["form_token"]
    before = await _rows(our_town)
    pool = our_town.parts["scheduling"].database.pool
    booking_id = await pool.fetchval("select id from booking where enquiry_id = $1", own.enquiry_id)
    path = path.format(booking_id=booking_id)
    answer = await made.client.post(f"{own.path}/{path}", data=right | changed | {"form_token": token})
    assert (answer.status_code, CATALOGUES["de"](key) in unescape(answer.text)) == (422, True)
    assert await _rows(our_town) == before


def _path(route: Route) -> str:
    return route.path.format_map(
        {
            **dict.fromkeys(
                ("booking_id", "case_id", "consent_id", "interpreter_id", "offer_id", "plan_id", "series_id"), new_id()
            ),
            "token": "a" * 32,
        }
    )


@pytest.mark.parametrize("route", FORMS, ids=str)
async def test_a_form_of_another_site_is_refused(our_town: Town, browser: Browser, route: Route) -> None:
    """Without our cookie and its MAC, with one of the two, or with those of another browser."""
    await browser.go("/enquiry")
    theirs = browser._forms().hidden["/enquiry"]["form_token"]
    before = await _rows(our_town)
    other = Browser(our_town.url)
    async with other.client:
        tried = [await other.client.post(_path(route), data=data) for data in ({}, {"form_token": theirs})]
        await other.go("/enquiry")
        tried += [await other.client.post(_path(route), data={"form_token": made}) for made in ("", "made up", theirs)]
    assert [answer.status_code for answer in tried] == [403] * 5
    assert all("text/html" in answer.headers["content-type"] for answer in tried)
    assert await _rows(our_town) == before


@pytest.mark.parametrize("route", POSTS, ids=str)
async def test_a_form_that_is_too_large_or_none_changes_nothing(our_town: Town, browser: Browser, route: Route) -> None:
    await browser.go("/enquiry")
    before = await _rows(our_town)
    large = await browser.client.post(_path(route), data={"message": "a" * 70_000})
    assert large.status_code == 413
    for kind, body in (
        ("application/json", b'{"name": "Selam"}'),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken"),
        ("multipart/form-data", b"no boundary"),
        ("application/x-www-form-urlencoded", b"name=%ff%fe&postcode=%00"),
    ):
        answer = await browser.client.post(_path(route), content=body, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500, (kind, answer.text)
    assert await _rows(our_town) == before


@pytest.mark.parametrize("name", ["name", "postcode", "topics", "form_token", "key"])
async def test_a_file_in_the_place_of_a_text_is_refused(our_town: Town, browser: Browser, name: str) -> None:
    await browser.go("/enquiry")
    form = {**browser._forms().hidden["/enquiry"], **ENQUIRY}
    del form[name]
    before = await _rows(our_town)
    answer = await browser.client.post("/enquiry", data=form, files={name: ("a.txt", b"Selam")})
    assert answer.status_code == 400
    assert await _rows(our_town) == before


@pytest.mark.parametrize("path", ["/", "/enquiry", "/status", "/staff", "/nowhere", "/staff/callback?code=a&state=b"])
async def test_a_page_is_neither_framed_nor_kept_nor_told_on(browser: Browser, path: str) -> None:
    headers = (await browser.go(path)).headers
    policy = headers["content-security-policy"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} <= {
        part.strip() for part in policy.split(";")
    }
    assert "unsafe" not in policy
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
