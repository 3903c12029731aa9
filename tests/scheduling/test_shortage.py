"""Why there is no slot, and what would give some."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from services.scheduling.calendars import Busy
from services.scheduling.shortage import Cause, Change, Missing, Relief, Shortage, shortage
from services.scheduling.slots import Parties, Talk, joint_options
from services.scheduling.spans import Span
from services.scheduling.working_days import Days
from tests.scheduling.test_slots import HOUR, MONDAY, at, calendar, client, hours, searches
from tests.scheduling.world import DINSLAKEN, MOERS

TALK = Talk(HOUR, DINSLAKEN)
TUESDAY = MONDAY + timedelta(days=1)
DAYS = Days([MONDAY])
OFFICE, ELSEWHEN = hours(9, 12), hours(13, 16)
ALL_WELL = Parties(client(), calendar(OFFICE), [calendar(OFFICE)], [calendar(OFFICE)])


def test_where_there_are_slots_nothing_is_missing() -> None:
    assert shortage(ALL_WELL, TALK, DAYS) == Shortage(None)


AWAY = (Span(at(9), at(12)),)
TAKEN = (Busy(Span(at(9, 30), at(11, 30)), DINSLAKEN),)


@pytest.mark.parametrize(
    ("parties", "missing", "cause"),
    [
        (replace(ALL_WELL, case_manager=calendar()), Missing.CASE_MANAGER, Cause.HOURS),
        (replace(ALL_WELL, case_manager=calendar(OFFICE, absences=AWAY)), Missing.CASE_MANAGER, Cause.ABSENCE),
        (replace(ALL_WELL, case_manager=calendar(OFFICE, busy=TAKEN)), Missing.CASE_MANAGER, Cause.BUSY),
        (replace(ALL_WELL, client=client(Busy(Span(at(8), at(13)), None))), Missing.CLIENT, Cause.BUSY),
        (replace(ALL_WELL, rooms=[]), Missing.ROOM, Cause.NOBODY),
        (replace(ALL_WELL, rooms=[calendar(ELSEWHEN)]), Missing.ROOM, Cause.HOURS),
        (replace(ALL_WELL, rooms=[calendar(OFFICE, absences=AWAY)]), Missing.ROOM, Cause.ABSENCE),
        (replace(ALL_WELL, rooms=[calendar(OFFICE, busy=TAKEN, absences=AWAY)] * 2), Missing.ROOM, Cause.ABSENCE),
        (replace(ALL_WELL, rooms=[calendar(OFFICE, busy=TAKEN)]), Missing.ROOM, Cause.BUSY),
        (replace(ALL_WELL, interpreters=[]), Missing.INTERPRETER, Cause.NOBODY),
        (replace(ALL_WELL, interpreters=[calendar(ELSEWHEN)]), Missing.INTERPRETER, Cause.HOURS),
        (replace(ALL_WELL, interpreters=[calendar(OFFICE, absences=AWAY)]), Missing.INTERPRETER, Cause.ABSENCE),
        (replace(ALL_WELL, interpreters=[calendar(OFFICE, busy=TAKEN)]), Missing.INTERPRETER, Cause.BUSY),
    ],
)
def test_the_constraint_that_leaves_nothing_is_named_and_why(parties: Parties, missing: Missing, cause: Cause) -> None:
    told = shortage(parties, TALK, DAYS)
    assert (told.missing, told.cause) == (missing, cause)


def test_the_way_from_another_place_is_told_apart_from_having_no_time() -> None:
    moers = [Busy(Span(at(9), at(10)), MOERS), Busy(Span(at(11), at(12)), MOERS)]
    told = shortage(replace(ALL_WELL, case_manager=calendar(OFFICE, busy=moers)), TALK, DAYS)
    assert told == Shortage(Missing.TRAVEL, None, (Relief(Change.BY_PHONE, 1, Span(at(10), at(11))),))


def test_it_is_told_what_a_talk_by_phone_a_shorter_one_and_later_days_would_give() -> None:
    week = [hours(9, 11), hours(9, 12, weekday=1)]
    rooms = [calendar(hours(9, 10), hours(9, 12, weekday=1), busy=[Busy(Span(at(9), at(9, 30)), DINSLAKEN)])]
    parties = Parties(client(), calendar(*week), rooms, None)
    assert shortage(parties, TALK, Days([MONDAY], later=[TUESDAY])) == Shortage(
        Missing.ROOM,
        Cause.BUSY,
        (
            Relief(Change.BY_PHONE, 3, Span(at(9), at(10))),
            Relief(Change.SHORTER, 1, Span(at(9, 30), at(10))),
            Relief(Change.LATER, 5, Span(at(9, day=TUESDAY), at(10, day=TUESDAY))),
        ),
    )


def test_an_interpreter_who_is_needed_is_never_given_up() -> None:
    without = replace(ALL_WELL, interpreters=[])
    assert shortage(without, TALK, Days([MONDAY], later=[TUESDAY])) == Shortage(Missing.INTERPRETER, Cause.NOBODY)


def test_no_change_is_named_that_helps_nothing() -> None:
    late = calendar(OFFICE, busy=[Busy(Span(at(8), at(12)), DINSLAKEN)])
    assert shortage(replace(ALL_WELL, case_manager=late), TALK, DAYS).reliefs == ()


def test_it_is_told_what_days_before_the_lead_time_and_days_off_would_give() -> None:
    week = [hours(9, 10, weekday=day) for day in (1, 5)]
    parties = Parties(client(), calendar(*week), None, None)
    saturday = MONDAY + timedelta(days=5)
    days = Days([MONDAY], earlier=[TUESDAY - timedelta(days=7)], off=[saturday])
    assert shortage(parties, Talk(HOUR, None), days).reliefs == (
        Relief(Change.EARLIER, 1, Span(*(at(hour, day=days.earlier[0]) for hour in (9, 10)))),
        Relief(Change.DAYS_OFF, 1, Span(*(at(hour, day=saturday) for hour in (9, 10)))),
    )


def test_no_talk_is_made_shorter_than_a_quarter_of_an_hour() -> None:
    busy = [Busy(Span(at(9, 15), at(12)), None)]
    parties = Parties(client(), calendar(OFFICE, busy=busy), None, None)
    halved = shortage(parties, Talk(HOUR / 2, None), DAYS).reliefs
    assert halved == (Relief(Change.SHORTER, 1, Span(at(9), at(9, 15))),)
    assert shortage(replace(parties, case_manager=calendar()), Talk(HOUR / 4, None), DAYS).reliefs == ()


@settings(max_examples=60, deadline=None)
@given(searches())
def test_something_is_missing_exactly_where_no_slot_can_be_had(given_: tuple[Parties, Talk, date]) -> None:
    parties, talk, day = given_
    options = joint_options(parties, talk, day)
    usable = [option for option in options if parties.interpreters is None or option.interpreters]
    assert (shortage(parties, talk, Days([day])).missing is None) == bool(usable)
