"""Why there is no slot, and what would give some."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from services.scheduling.calendars import TRAVEL, Busy
from services.scheduling.shortage import Change, Missing, Relief, Shortage, shortage
from services.scheduling.slots import Parties, Talk, joint_options
from services.scheduling.spans import Span
from tests.scheduling.test_slots import HOUR, MONDAY, at, calendar, client, hours, searches
from tests.scheduling.world import DINSLAKEN, MOERS

TALK = Talk(HOUR, DINSLAKEN)
TUESDAY = MONDAY + timedelta(days=1)
OFFICE, ELSEWHEN = hours(9, 12), hours(13, 16)
ALL_WELL = Parties(client(), calendar(OFFICE), [calendar(OFFICE)], [calendar(OFFICE)])


def test_where_there_are_slots_nothing_is_missing() -> None:
    assert shortage(ALL_WELL, TALK, [MONDAY], []) == Shortage(None)


@pytest.mark.parametrize(
    ("parties", "missing"),
    [
        (replace(ALL_WELL, case_manager=calendar()), Missing.CASE_MANAGER),
        (replace(ALL_WELL, client=client(Busy(Span(at(8), at(13)), None))), Missing.CLIENT),
        (replace(ALL_WELL, rooms=[calendar(ELSEWHEN)]), Missing.ROOM),
        (replace(ALL_WELL, rooms=[]), Missing.ROOM),
        (replace(ALL_WELL, interpreters=[calendar(ELSEWHEN)]), Missing.INTERPRETER),
    ],
)
def test_the_constraint_that_leaves_nothing_is_named(parties: Parties, missing: Missing) -> None:
    assert shortage(parties, TALK, [MONDAY], []).missing is missing


def test_the_way_from_another_place_is_told_apart_from_having_no_time() -> None:
    moers = [Busy(Span(at(9), at(10)), MOERS), Busy(Span(at(11), at(12)), MOERS)]
    told = shortage(replace(ALL_WELL, case_manager=calendar(OFFICE, busy=moers)), TALK, [MONDAY], [])
    assert told == Shortage(Missing.TRAVEL, (Relief(Change.BY_PHONE, 1, Span(at(10), at(11))),))


def test_it_is_told_what_a_talk_by_phone_a_shorter_one_and_later_days_would_give() -> None:
    week = [hours(9, 11), hours(9, 12, weekday=1)]
    rooms = [calendar(hours(9, 10), hours(9, 12, weekday=1), busy=[Busy(Span(at(9), at(9, 30)), DINSLAKEN)])]
    parties = Parties(client(), calendar(*week), rooms, None)
    assert shortage(parties, TALK, [MONDAY], [TUESDAY]) == Shortage(
        Missing.ROOM,
        (
            Relief(Change.BY_PHONE, 3, Span(at(9), at(10))),
            Relief(Change.SHORTER, 1, Span(at(9, 30), at(10))),
            Relief(Change.LATER, 5, Span(at(9, day=TUESDAY), at(10, day=TUESDAY))),
        ),
    )


def test_an_interpreter_who_is_needed_is_never_given_up() -> None:
    assert shortage(replace(ALL_WELL, interpreters=[]), TALK, [MONDAY], [TUESDAY]) == Shortage(Missing.INTERPRETER)


def test_no_change_is_named_that_helps_nothing() -> None:
    late = calendar(OFFICE, busy=[Busy(Span(at(9) - TRAVEL, at(12)), DINSLAKEN)])
    assert shortage(replace(ALL_WELL, case_manager=late), TALK, [MONDAY], []).reliefs == ()


@settings(max_examples=60, deadline=None)
@given(searches())
def test_something_is_missing_exactly_where_no_slot_can_be_had(given_: tuple[Parties, Talk, date]) -> None:
    parties, talk, day = given_
    options = joint_options(parties, talk, day)
    usable = [option for option in options if parties.interpreters is None or option.interpreters]
    assert (shortage(parties, talk, [day], []).missing is None) == bool(usable)
