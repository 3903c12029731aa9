"""An interpreter's profile and week."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.interpreter.domain import (
    Availability,
    Credential,
    LanguageTwice,
    WindowsOverlap,
    WindowUpsideDown,
    register,
    set_availability,
)
from shared.contracts.interpreter import (
    AvailabilityWindow,
    InterpreterAvailabilityChanged,
    InterpreterProfileChanged,
)
from shared.ids import new_id
from tests.interpreter.people import DINSLAKEN, credentials, interpreter, languages


def window(weekday: int, starts: str, ends: str) -> AvailabilityWindow:
    return AvailabilityWindow(weekday=weekday, starts=time.fromisoformat(starts), ends=time.fromisoformat(ends))


def test_a_new_interpreter_is_told_coded() -> None:
    given = interpreter()
    assert register(None, given) == (
        given,
        [
            InterpreterProfileChanged(
                interpreter_id=given.id, languages=["de", "ti"], municipalities=[DINSLAKEN], active=True
            )
        ],
    )


def test_for_which_languages_somebody_may_stand_in_is_told() -> None:
    [told] = register(None, interpreter(languages=languages(hr="c2", ur="b2")))[1]
    assert isinstance(told, InterpreterProfileChanged)
    assert told.stands_in_for == ["bs", "hi", "sr"]


def test_the_same_profile_again_is_no_news() -> None:
    known = interpreter(languages=languages(ti="native", de="c1"))
    assert register(known, known.model_copy(update={"languages": languages(de="c1", ti="native")}))[1] == []


def test_what_concerns_interpreter_alone_is_not_told() -> None:
    known = interpreter()
    renewed = known.model_copy(update={"credentials": credentials(sworn=date(2030, 1, 1))})
    assert register(known, renewed) == (renewed, [])


@pytest.mark.parametrize(
    "changed", [{"active": False}, {"languages": languages(am="c2")}, {"municipalities": ()}], ids=str
)
def test_what_concerns_scheduling_is_told(changed: dict[str, Any]) -> None:
    known = interpreter()
    [told] = register(known, known.model_copy(update=changed))[1]
    assert isinstance(told, InterpreterProfileChanged)


def test_a_language_has_one_level() -> None:
    with pytest.raises(LanguageTwice):
        register(None, interpreter(languages=languages(ti="b2") + languages(ti="c1")))


def test_a_credential_is_valid_through_its_last_day() -> None:
    last = date(2026, 12, 31)
    held = credentials(last)
    assert held.valid(Credential.DATA_SECRECY, last)
    assert not held.valid(Credential.DATA_SECRECY, last + timedelta(days=1))
    assert not held.valid(Credential.SWORN, last)


def test_a_week_is_told_whole_and_in_order() -> None:
    who, monday = new_id(), window(0, "09:00", "12:00")
    afternoon, friday = window(0, "12:00", "13:00"), window(4, "08:00", "10:30")
    week, events = set_availability(who, Availability(), Availability((friday, afternoon, monday)))
    assert week.windows == (monday, afternoon, friday)
    assert events == [InterpreterAvailabilityChanged(interpreter_id=who, windows=[monday, afternoon, friday])]


def test_the_same_week_again_is_no_news() -> None:
    week = (window(0, "09:00", "12:00"), window(1, "09:00", "12:00"))
    assert set_availability(new_id(), Availability(week), Availability(week[::-1])) == (Availability(week), [])


@pytest.mark.parametrize(
    "wrong",
    [
        window(7, "09:00", "10:00"),
        window(-1, "09:00", "10:00"),
        window(0, "10:00", "09:00"),
        window(0, "10:00", "10:00"),
        AvailabilityWindow(weekday=0, starts=time(9, tzinfo=ZoneInfo("UTC")), ends=time(10)),
    ],
    ids=str,
)
def test_a_window_that_is_none_is_refused(wrong: AvailabilityWindow) -> None:
    with pytest.raises(WindowUpsideDown):
        set_availability(new_id(), Availability(), Availability((wrong,)))


def test_windows_of_one_day_do_not_overlap() -> None:
    overlapping = (window(2, "09:00", "12:00"), window(2, "11:59", "13:00"))
    with pytest.raises(WindowsOverlap):
        set_availability(new_id(), Availability(), Availability(overlapping))
