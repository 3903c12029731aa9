"""Series of talks on the case manager's page: begun, one moved, one cancelled, ended."""

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from services.gateway_web.texts import CATALOGUES
from services.scheduling.working_days import is_working_day
from shared.clock import today
from tests.gateway_web.browser import Browser
from tests.gateway_web.managing import Own, manager
from tests.gateway_web.town import Town

DE, EN = CATALOGUES["de"], CATALOGUES["en"]
Managed = tuple[Browser, Own]
TALKS = 4


@pytest.fixture
async def managed(our_town: Town, browser: Browser) -> AsyncIterator[Managed]:
    """Somebody who speaks German: nobody has to be asked, and what is free is fixed at once."""
    async with manager(our_town, browser, languages=["de"], mode="phone") as made:
        yield made


def _tuesdays() -> Iterator[date]:
    """The first of four on which people work, and no two of them have one in common."""
    later = today() + timedelta(days=60)
    tuesday = later + timedelta(days=(1 - later.weekday()) % 7)
    while True:
        works = all(is_working_day(tuesday + timedelta(weeks=n)) for n in range(TALKS))
        if works:
            yield tuesday
        tuesday += timedelta(weeks=TALKS if works else 1)


TUESDAYS = _tuesdays()


@pytest.fixture
def first() -> date:
    return next(TUESDAYS)


async def _begin(made: Browser, own: Own, first: date, **changed: Any) -> None:
    """Like the talk that is being arranged."""
    await made.go(f"{own.path}/talks")
    [path] = {part.split('"')[0] for part in made.text.split('href="') if part.split('"')[0].endswith("/series")}
    await made.go(path)
    asked = {"day": first.isoformat(), "time": "10:00", "interval": "1", "count": str(TALKS), "whole": "no"}
    await made.send(path, **(asked | changed))


async def _states(town: Town, own: Own) -> list[str]:
    """Of the talks of a series, by time; those that were moved are left out."""
    rows = await town.parts["scheduling"].database.pool.fetch(
        "select state from booking where enquiry_id = $1 and series_id is not null"
        " and id not in (select replaces from booking where replaces is not null) order by occurrence",
        own.enquiry_id,
    )
    return [row["state"] for row in rows]


def _actions(made: Browser, what: str) -> list[str]:
    return [each for each in made.actions() if each.endswith(f"/{what}")]


async def test_one_talk_of_a_series_is_moved_and_one_cancelled_while_the_others_stay(
    our_town: Town, managed: Managed, first: date
) -> None:
    made, own = managed
    await _begin(made, own, first)
    assert (made.page.status_code, await _states(our_town, own)) == (200, ["confirmed"] * TALKS)
    assert DE("talks.exception") in made.text
    assert made.text.count(DE("talk_state.confirmed")) == TALKS

    await made.send(_actions(made, "cancel")[1])
    assert await _states(our_town, own) == ["confirmed", "released", "confirmed", "confirmed"]
    assert DE("talk_state.released") in made.text

    await made.send(_actions(made, "reschedule")[1])
    assert await _states(our_town, own) == ["confirmed", "released", "proposed", "confirmed"]
    assert DE("talks.former_stands") in made.text
    choice = next(each for each in _actions(made, "choice") if each in made.text.split(DE("talks.alone"))[0])
    slots = made.text.split(choice)[1].split('name="slot_id" value="')[1:]
    await made.send(choice, slot_id=slots[0].split('"')[0])
    assert await _states(our_town, own) == ["confirmed", "released", "confirmed", "confirmed"]


async def test_a_series_is_ended(our_town: Town, managed: Managed, first: date) -> None:
    made, own = managed
    await _begin(made, own, first, count="2")
    [end] = _actions(made, "end")
    assert DE("talks.end_hint") in made.text
    await made.send(end)
    assert await _states(our_town, own) == ["released"] * 2
    assert DE("talks.ended") in made.text
    await made.go(f"{own.path}/talks?lang=en")
    assert EN("talks.ended") in made.text


async def test_of_a_series_that_is_wanted_as_a_whole_the_missing_talks_are_told_and_nothing_is_booked(
    our_town: Town, managed: Managed, first: date
) -> None:
    made, own = managed
    sunday = first + timedelta(days=5)
    await _begin(made, own, first, day=sunday.isoformat(), whole="yes")
    assert made.page.status_code == 409
    assert DE("error.series-incomplete") in made.text
    assert made.text.count(DE("gap.day_off")) == TALKS
    assert f'value="{sunday}"' in made.text
    assert await _states(our_town, own) == []


async def test_what_cannot_be_had_of_a_series_is_told_beside_the_others(
    our_town: Town, managed: Managed, first: date
) -> None:
    made, own = managed
    pool = our_town.parts["scheduling"].database.pool
    away = first + timedelta(weeks=1)
    await pool.execute(
        "insert into absence select case_manager_id, tstzrange($2::date, $2::date + 1) from booking"
        " where enquiry_id = $1 limit 1",
        own.enquiry_id, away,
    )  # fmt: skip
    try:
        await _begin(made, own, first)
    finally:
        await pool.execute("delete from absence where during = tstzrange($1::date, $1::date + 1)", away)
    assert await _states(our_town, own) == ["confirmed"] * (TALKS - 1)
    assert made.text.count(DE("gap.case_manager")) == 1


async def test_a_double_click_begins_one_series(our_town: Town, managed: Managed, first: date) -> None:
    made, own = managed
    await _begin(made, own, first, count="2")
    path = str(made.page.history[0].url.path)
    sent = made.page.history[0].request.content
    again = await made.client.post(path, content=sent, headers={"content-type": "application/x-www-form-urlencoded"})
    assert again.status_code == 200
    assert await _states(our_town, own) == ["confirmed"] * 2


async def test_another_case_manager_sees_no_talks(our_town: Town, managed: Managed) -> None:
    _, own = managed
    stranger = Browser(our_town.url)
    async with stranger.client:
        await stranger.sign_in(f"{own.path}/talks", "case-manager-xanten-1")
        assert stranger.page.status_code == 404
