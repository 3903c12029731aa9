"""Interpreters say themselves when they are away, and are not asked for that time."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.interpreter import Absence, CandidateBarred, InterpreterAvailabilityChanged, OfferMade
from tests.interpreter.agency import Agency
from tests.interpreter.people import ENDS_AT, STARTS_AT, Booking

DAY = timedelta(days=1)
HOLIDAY = {"starts_at": (STARTS_AT - DAY).isoformat(), "ends_at": (ENDS_AT + DAY).isoformat()}
BEFORE = {"starts_at": (STARTS_AT - DAY).isoformat(), "ends_at": STARTS_AT.isoformat()}


async def goes_away(agency: Agency, who: UUID, *absences: dict[str, str]) -> dict[str, Any]:
    answer = await agency.client.put(
        f"/interpreters/{who}/availability", json={"absences": list(absences)}, headers=agency.as_interpreter(who)
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_a_holiday_is_kept_and_told_and_gone_when_it_is_taken_back(agency: Agency) -> None:
    who = (await agency.knows()).id
    await goes_away(agency, who, HOLIDAY)
    shown = await goes_away(agency, who, HOLIDAY, BEFORE, HOLIDAY)
    assert [Absence(**each) for each in shown["absences"]] == [
        Absence.model_validate(each) for each in (BEFORE, HOLIDAY)
    ]
    seen = await agency.client.get(f"/interpreters/{who}/availability", headers=agency.as_interpreter(who))
    assert seen.json() == shown
    await goes_away(agency, who)
    told = await agency.told(InterpreterAvailabilityChanged)
    assert [len(each.absences) for each in told] == [1, 2, 0]


async def test_whoever_goes_away_is_asked_no_more_and_scheduling_takes_the_next(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    await goes_away(agency, who, HOLIDAY)
    assert await agency.states(booking.id) == {who: "withdrawn"}
    assert [(each.booking_id, each.interpreter_id) for each in await agency.told(CandidateBarred)] == [
        (booking.id, who)
    ]


async def test_whoever_is_away_is_not_asked(agency: Agency) -> None:
    who = (await agency.knows()).id
    await goes_away(agency, who, HOLIDAY)
    await agency.hears(Booking().held(who))
    assert await agency.told(OfferMade) == []
    assert [each.interpreter_id for each in await agency.told(CandidateBarred)] == [who]


@pytest.mark.parametrize("first", [True, False])
async def test_an_absence_that_ends_as_the_talk_begins_stands_in_no_way(agency: Agency, *, first: bool) -> None:
    booking, who = Booking(), (await agency.knows()).id
    if first:
        await goes_away(agency, who, BEFORE)
    await agency.hears(booking.held(who))
    await goes_away(agency, who, BEFORE)
    assert await agency.states(booking.id) == {who: "open"}
    assert await agency.told(CandidateBarred) == []


async def test_what_was_agreed_stays_agreed(agency: Agency) -> None:
    booking, who = Booking(), (await agency.knows()).id
    await agency.hears(booking.held(who))
    [made] = await agency.told(OfferMade)
    await agency.answer("accept", made.offer_id, who)
    await goes_away(agency, who, HOLIDAY)
    assert await agency.states(booking.id) == {who: "accepted"}
