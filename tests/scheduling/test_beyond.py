"""What a talk in another place, or with another case manager, would give."""

from dataclasses import replace

from services.scheduling.beyond import Others, reliefs
from services.scheduling.calendars import Busy
from services.scheduling.shortage import Change, Relief
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span
from services.scheduling.working_days import Days
from tests.scheduling.test_slots import HOUR, MONDAY, at, calendar, client, hours
from tests.scheduling.world import DINSLAKEN, MOERS

XANTEN = "05170052"
TALK, DAYS = Talk(HOUR, DINSLAKEN), Days([MONDAY])
OFFICE = hours(9, 12)
FULL = Parties(client(), calendar(OFFICE), [], [calendar(OFFICE)])
ROOM = replace(FULL, rooms=[calendar(OFFICE)])


def test_elsewhere_is_where_the_first_slot_is() -> None:
    late = replace(FULL, rooms=[calendar(hours(11, 12))])
    told = reliefs(FULL, TALK, DAYS, Others({MOERS: late, XANTEN: ROOM}))
    assert told == [Relief(Change.ELSEWHERE, 5, Span(at(9), at(10)), XANTEN)]


def test_the_way_to_the_other_place_counts() -> None:
    here = Busy(Span(at(9), at(10)), DINSLAKEN)
    there = replace(ROOM, case_manager=calendar(OFFICE, busy=[here]))
    assert reliefs(FULL, TALK, DAYS, Others({MOERS: there})) == [
        Relief(Change.ELSEWHERE, 1, Span(at(11), at(12)), MOERS)
    ]


def test_elsewhere_an_interpreter_is_needed_too() -> None:
    assert reliefs(FULL, TALK, DAYS, Others({MOERS: replace(ROOM, interpreters=[])})) == []


def test_each_time_counts_once_however_many_other_case_managers_have_it() -> None:
    away = replace(ROOM, case_manager=calendar())
    others = Others({}, [calendar(hours(9, 11)), calendar(hours(10, 12)), calendar()])
    assert reliefs(away, TALK, DAYS, others) == [Relief(Change.ANOTHER_CASE_MANAGER, 5, Span(at(9), at(10)))]


def test_another_case_manager_helps_nothing_where_there_is_no_room() -> None:
    assert reliefs(FULL, TALK, DAYS, Others({}, [calendar(OFFICE)])) == []
