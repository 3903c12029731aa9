"""The search for joint slots, against an oracle that looks at every minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.calendars import Busy, Calendar
from services.scheduling.rules import Rule
from services.scheduling.searching import CANDIDATES
from services.scheduling.slots import Option, Parties, Talk, choice, joint_options, joint_spans
from services.scheduling.spans import Span
from services.scheduling.spreading import spread
from services.scheduling.windows import Window
from services.scheduling.working_days import Days, LeadTimes, is_holiday, is_working_day
from shared.clock import BERLIN
from shared.ids import new_id
from shared.travel import between
from tests.scheduling.searching import search
from tests.scheduling.world import DINSLAKEN, MOERS

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOUR, QUARTER, MINUTE = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=1)
VOERDE = "05170044"
MONDAY = date(2026, 11, 2)


def calendar(*windows: Window, busy: Sequence[Busy] = (), absences: Sequence[Span] = ()) -> Calendar:
    return Calendar(new_id(), windows, tuple(absences), tuple(busy))


def client(*busy: Busy) -> Calendar:
    return Calendar(new_id(), None, busy=busy)


def hours(starts: int, ends: int, weekday: int = 0) -> Window:
    return Window(weekday, time(starts), time(ends))


def at(hour: int, minute: int = 0, day: date = MONDAY) -> datetime:
    """An instant by the clocks of Berlin."""
    return datetime.combine(day, time(hour, minute), BERLIN).astimezone(UTC)


def starts(options: Sequence[Option]) -> list[datetime]:
    return [option.span.starts for option in options]


def test_a_slot_needs_case_manager_room_and_client_at_once() -> None:
    parties = Parties(
        client=client(Busy(Span(at(10), at(10, 30)), DINSLAKEN)),
        case_manager=calendar(hours(9, 12)),
        rooms=[calendar(hours(10, 17))],
        interpreters=None,
    )
    assert starts(joint_options(parties, Talk(HOUR, DINSLAKEN), MONDAY)) == [at(10, 30), at(11)]


def test_a_talk_does_not_change_rooms() -> None:
    rooms = [calendar(hours(9, 10)), calendar(hours(10, 11))]
    parties = Parties(client(), calendar(hours(9, 11)), rooms, None)
    assert starts(joint_options(parties, Talk(HOUR, DINSLAKEN), MONDAY)) == [at(9), at(10)]


def test_by_phone_no_room_is_needed_and_nobody_travels() -> None:
    busy = [Busy(Span(at(9), at(10)), MOERS)]
    parties = Parties(client(), calendar(hours(9, 11), busy=busy), None, None)
    assert starts(joint_options(parties, Talk(HOUR, None), MONDAY)) == [at(10)]


def test_who_comes_from_another_municipality_needs_the_time_to_travel() -> None:
    busy = [Busy(Span(at(9), at(10)), MOERS)]
    parties = Parties(client(), calendar(hours(9, 12), busy=busy), [calendar(hours(9, 12))], None)
    assert starts(joint_options(parties, Talk(HOUR, DINSLAKEN), MONDAY)) == [at(11)]


def test_who_comes_from_near_by_needs_less_time_than_from_far_away() -> None:
    busy = [Busy(Span(at(9), at(10)), VOERDE)]
    parties = Parties(client(), calendar(hours(9, 12), busy=busy), [calendar(hours(9, 12))], None)
    assert starts(joint_options(parties, Talk(HOUR, DINSLAKEN), MONDAY)) == [at(10, 30), at(11)]


def test_slots_keep_wall_time_on_the_monday_after_the_clocks_change() -> None:
    parties = Parties(client(), calendar(hours(9, 10)), None, None)
    before, after = SPRING - timedelta(days=6), SPRING + timedelta(days=1)
    talk = Talk(HOUR, None)
    assert starts(joint_options(parties, talk, before)) == [datetime(2026, 3, 23, 8, tzinfo=UTC)]
    assert starts(joint_options(parties, talk, after)) == [datetime(2026, 3, 30, 7, tzinfo=UTC)]


def test_a_talk_over_the_repeated_hour_lasts_as_long_as_any_other() -> None:
    parties = Parties(client(), calendar(hours(1, 3, weekday=6)), None, None)
    options = joint_options(parties, Talk(HOUR, None), AUTUMN)
    assert starts(options) == [datetime(2026, 10, 24, 23, tzinfo=UTC) + n * HOUR / 2 for n in range(5)]


def test_without_speakers_anybody_may_be_asked() -> None:
    other = calendar(hours(9, 10))
    parties = Parties(client(), calendar(hours(9, 12)), None, [other])
    found = search(parties, Talk(HOUR, None), [MONDAY], frozenset())
    assert [option.interpreters for option in found.options] == [(other.resource_id,)]


def test_slots_with_a_speaker_come_before_all_others() -> None:
    other, speaker = calendar(hours(9, 12)), calendar(hours(11, 12))
    parties = Parties(client(), calendar(hours(9, 12)), None, [other, speaker])
    found = search(parties, Talk(HOUR, None), [MONDAY], frozenset({speaker.resource_id}))
    assert starts(found.options) == [at(11)]


def test_it_is_told_apart_whether_slots_or_interpreters_are_missing() -> None:
    nobody = Parties(client(), calendar(hours(9, 12)), None, [calendar(hours(13, 14))])
    closed = Parties(client(), calendar(), None, [calendar(hours(9, 12))])
    assert search(nobody, Talk(HOUR, None), [MONDAY]).lacks_interpreter
    assert not search(closed, Talk(HOUR, None), [MONDAY]).lacks_interpreter


def test_candidates_are_spread_over_days_and_over_morning_and_afternoon() -> None:
    week = [hours(9, 17, weekday=day) for day in range(5)]
    parties = Parties(client(), calendar(*week), None, None)
    found = search(parties, Talk(HOUR, None), Days.of(MONDAY, LeadTimes()).searched)
    local = [start.astimezone(BERLIN) for start in starts(found.options)]
    assert len({moment.date() for moment in local}) == len(local) == CANDIDATES
    assert {moment.hour for moment in local} == {9, 12}


def test_the_choice_at_the_hold_takes_the_first_in_rank_who_is_free() -> None:
    busy, free = calendar(hours(9, 12), busy=[Busy(Span(at(9), at(10)), None)]), calendar(hours(9, 12))
    parties = Parties(client(), calendar(hours(9, 12)), None, [busy, free])
    assert choice(parties, Span(at(9), at(10)), None) == (None, free.resource_id)
    assert choice(parties, Span(at(10), at(11)), None) == (None, busy.resource_id)
    assert choice(parties, Span(at(12), at(13)), None) is None


@pytest.mark.parametrize(
    ("day", "starts_at", "ends_at", "minutes", "first", "number"),
    [
        # spring: 02:00 to 03:00 does not exist, the clocks jump at 01:00 UTC
        (SPRING, time(1), time(4), 60, "2026-03-29T00:00Z", 3),
        (SPRING, time(1), time(4), 120, "2026-03-29T00:00Z", 1),
        (SPRING, time(1), time(4), 180, None, 0),
        (SPRING, time(2), time(3), 15, None, 0),
        (SPRING, time(1, 30), time(3, 30), 60, "2026-03-29T00:30Z", 1),
        (SPRING, time(3), time(4), 60, "2026-03-29T01:00Z", 1),
        (SPRING, time(9), time(12), 60, "2026-03-29T07:00Z", 5),
        (SPRING, time(8), time(16), 480, "2026-03-29T06:00Z", 1),
        (SPRING, time(0), time(23, 59), 23 * 60, None, 0),
        # autumn: 02:00 to 03:00 comes twice, the clocks go back at 01:00 UTC
        (AUTUMN, time(1), time(4), 60, "2026-10-24T23:00Z", 7),
        (AUTUMN, time(1), time(4), 240, "2026-10-24T23:00Z", 1),
        (AUTUMN, time(2), time(3), 60, "2026-10-25T00:00Z", 3),
        (AUTUMN, time(2), time(3), 120, "2026-10-25T00:00Z", 1),
        (AUTUMN, time(2, 30), time(3), 30, "2026-10-25T00:30Z", 2),
        (AUTUMN, time(3), time(4), 60, "2026-10-25T02:00Z", 1),
        (AUTUMN, time(9), time(12), 60, "2026-10-25T08:00Z", 5),
        (AUTUMN, time(0), time(23, 59), 24 * 60, "2026-10-24T22:00Z", 2),
    ],
)
def test_on_the_days_on_which_the_clocks_change_slots_are_those_of_the_table(
    day: date, starts_at: time, ends_at: time, minutes: int, first: str | None, number: int
) -> None:
    parties = Parties(client(), calendar(Window(6, starts_at, ends_at)), None, None)
    found = starts(joint_options(parties, Talk(timedelta(minutes=minutes), None), day))
    assert (len(found), found[0] if found else None) == (number, datetime.fromisoformat(first) if first else None)


ROUND_THE_CLOCK, NIGHTS, NOONS = (
    ("2026-03-01T00:00", 1440, "FREQ=DAILY"),
    ("2026-03-07T22:00", 600, "FREQ=WEEKLY;BYDAY=SA"),
    ("2026-03-01T12:00", 720, "FREQ=DAILY"),
)


@pytest.mark.parametrize(
    ("rule", "day", "minutes", "first", "number"),
    [
        # a day of 23 hours, and one of 25: each half hour is a start, and each talk ends on the next day
        (ROUND_THE_CLOCK, "2026-03-28", 1440, "2026-03-27T23:00Z", 48),
        (ROUND_THE_CLOCK, "2026-03-29", 1440, "2026-03-28T23:00Z", 46),
        (ROUND_THE_CLOCK, "2026-03-30", 1440, "2026-03-29T22:00Z", 48),
        (ROUND_THE_CLOCK, "2026-10-24", 1440, "2026-10-23T22:00Z", 48),
        (ROUND_THE_CLOCK, "2026-10-25", 1440, "2026-10-24T22:00Z", 50),
        (ROUND_THE_CLOCK, "2026-10-25", 15, "2026-10-24T22:00Z", 50),
        # the night before a holiday ends at midnight: All Saints' Day is on Sunday
        (ROUND_THE_CLOCK, "2026-10-31", 1440, "2026-10-30T23:00Z", 1),
        (NIGHTS, "2026-10-31", 120, "2026-10-31T21:00Z", 1),
        # 22:00 to 08:00 is nine hours in spring and eleven in autumn
        (NIGHTS, "2026-03-28", 480, "2026-03-28T21:00Z", 3),
        (NIGHTS, "2026-03-28", 540, "2026-03-28T21:00Z", 1),
        (NIGHTS, "2026-03-28", 600, None, 0),
        (NIGHTS, "2026-10-24", 600, "2026-10-24T20:00Z", 3),
        (NIGHTS, "2026-10-24", 660, "2026-10-24T20:00Z", 1),
        (NIGHTS, "2026-10-24", 720, None, 0),
        # on Sunday, what is left of the night
        (NIGHTS, "2026-03-29", 60, "2026-03-28T23:00Z", 13),
        (NIGHTS, "2026-10-25", 60, "2026-10-24T22:00Z", 17),
        # hours that end at midnight do not go on
        (NOONS, "2026-03-29", 720, "2026-03-29T10:00Z", 1),
        (NOONS, "2026-10-25", 720, "2026-10-25T11:00Z", 1),
        (NOONS, "2026-10-25", 735, None, 0),
    ],
)
def test_talks_of_up_to_a_day_go_over_midnight_and_over_the_change_of_the_clocks(
    rule: tuple[str, int, str], day: str, minutes: int, first: str | None, number: int
) -> None:
    begins, length, rrule = rule
    there = Rule(datetime.fromisoformat(begins), timedelta(minutes=length), rrule)
    parties = Parties(client(), Calendar(new_id(), rules=(there,)), [Calendar(new_id(), rules=(there,))], None)
    talk = Talk(timedelta(minutes=minutes), DINSLAKEN)
    found = starts(joint_options(parties, talk, date.fromisoformat(day)))
    assert (len(found), found[0] if found else None) == (number, datetime.fromisoformat(first) if first else None)


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_an_exception_to_a_recurring_night_takes_what_starts_in_it(day: date) -> None:
    saturday = datetime.combine(day - timedelta(days=1), time(22))
    nights = Rule(datetime(2026, 3, 7, 22), timedelta(hours=10), "FREQ=WEEKLY;BYDAY=SA", exdates=(saturday,))  # noqa: DTZ001 -- wall time
    parties = Parties(client(), Calendar(new_id(), rules=(nights,)), None, None)
    for each in (saturday.date(), day):
        assert joint_options(parties, Talk(HOUR, None), each) == []


# -- against the oracle ---------------------------------------------------------------------------------------------

DAYS = [SPRING, AUTUMN, MONDAY]
DURATIONS = [15, 30, 45, 60, 90, 240, 480, 24 * 60]
quarters = st.integers(0, 95)


@st.composite
def calendars(draw: st.DrawFn, day: date) -> Calendar:
    """Hours, absences and busy times on that day, on quarters of hours."""
    cuts = draw(st.lists(quarters, min_size=2, max_size=4, unique=True).map(sorted))
    windows = [
        Window(day.weekday(), time(a // 4, a % 4 * 15), time(b // 4, b % 4 * 15))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return Calendar(
        new_id(),
        tuple(windows),
        tuple(draw(st.lists(spans(day), max_size=1))),
        tuple(Busy(span, draw(places)) for span in draw(st.lists(spans(day), max_size=2))),
        tuple(draw(st.lists(nights, max_size=1))),
    )


nights = st.builds(
    lambda starts_at, length: Rule(datetime(2026, 3, 1) + starts_at * QUARTER, length * QUARTER, "FREQ=DAILY"),  # noqa: DTZ001 -- wall time
    st.integers(0, 95),
    st.integers(1, 96),
)
"""Hours that recur every day, and may go on past midnight."""


HOME = f"{DINSLAKEN}/0192f3a0-0000-7000-8000-0000000000aa"
"""Of a home visit: the participant's, known by the enquiry."""
places = st.sampled_from([None, DINSLAKEN, MOERS, HOME])


@st.composite
def spans(draw: st.DrawFn, day: date) -> Span:
    starts_at = datetime.combine(day, time(), UTC) + timedelta(minutes=15 * draw(quarters))
    return Span(starts_at, starts_at + timedelta(minutes=15 * draw(st.integers(1, 8))))


@st.composite
def searches(draw: st.DrawFn) -> tuple[Parties, Talk, date]:
    day = draw(st.sampled_from(DAYS))
    rooms = st.lists(calendars(day), min_size=1, max_size=2)
    parties = Parties(
        client=Calendar(
            new_id(), None, busy=tuple(Busy(span, draw(places)) for span in draw(st.lists(spans(day), max_size=2)))
        ),
        case_manager=draw(calendars(day)),
        rooms=draw(st.none() | rooms),
        interpreters=draw(st.none() | rooms),
    )
    return parties, Talk(timedelta(minutes=draw(st.sampled_from(DURATIONS))), draw(places)), day


@settings(max_examples=100, deadline=None)
@given(searches())
def test_the_search_finds_exactly_what_the_oracle_finds(given_: tuple[Parties, Talk, date]) -> None:
    parties, talk, day = given_
    expected = list(oracle(parties, talk, day))
    usable = [option for option in expected if parties.interpreters is None or option.interpreters]
    assert joint_options(parties, talk, day) == expected
    assert joint_spans(parties, talk, [day]) == [option.span for option in usable]


@settings(max_examples=100, deadline=None)
@given(searches(), st.data())
def test_what_is_chosen_is_the_oracles_with_a_speaker_else_a_substitute_where_there_is_one(
    given_: tuple[Parties, Talk, date], data: st.DataObject
) -> None:
    parties, talk, day = given_
    people = [one.resource_id for one in parties.interpreters or ()]
    some = st.frozensets(st.sampled_from(people or [new_id()]))
    speakers, substitutes, familiar = (data.draw(some) for _ in range(3))
    expected = list(oracle(parties, talk, day))
    usable = [option for option in expected if parties.interpreters is None or option.interpreters]
    spoken = [option for option in usable if not speakers.isdisjoint(option.interpreters)]
    found = search(parties, talk, [day], speakers, speakers | substitutes, familiar=familiar)
    instead = [option for option in usable if not substitutes.isdisjoint(option.interpreters)]
    assert set(found.options) <= set(spoken or instead or usable)
    assert bool(found.options) == bool(usable)
    assert found.lacks_interpreter == (bool(expected) and not usable)


@settings(max_examples=12, deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.integers(0, 2),
    st.sampled_from(DURATIONS[:-2]),
    places,
    st.data(),
)
def test_no_slot_is_earlier_than_the_lead_time_and_all_are_the_oracles(
    today: date, interpreters: int, minutes: int, place: str | None, data: st.DataObject
) -> None:
    days = Days.of(today, LeadTimes() if interpreters else None).searched
    week = [hours(8, 16, weekday=n) for n in range(5)]
    busy = [Busy(span, data.draw(places)) for day in days[:3] for span in data.draw(st.lists(spans(day), max_size=3))]
    people = [calendar(*week, busy=busy[::2]), calendar(*week[:3])]
    rooms = None if place is None else [calendar(*week, busy=busy[:1])]
    parties = Parties(client(), calendar(*week, busy=busy), rooms, people[:interpreters] or None)
    talk = Talk(timedelta(minutes=minutes), place)
    found = search(parties, talk, days).options
    lead = 5 if interpreters else 2
    for option in found:
        on = option.span.starts.astimezone(BERLIN).date()
        passed = sum(is_working_day(today + timedelta(days=n)) for n in range(1, (on - today).days + 1))
        assert lead <= passed < lead + 20
        assert option in oracle(parties, talk, on)


def oracle(parties: Parties, talk: Talk, day: date) -> Sequence[Option]:
    """Tries every start and looks at every minute of it, straight from the definitions."""
    client_, manager = (_minutes(who, day, talk.place) for who in (parties.client, parties.case_manager))
    rooms = None if parties.rooms is None else [_minutes(room, day, talk.place) for room in parties.rooms]
    people = [(who.resource_id, _minutes(who, day, talk.place)) for who in parties.interpreters or ()]
    length = talk.duration // MINUTE
    found = []
    for start in range(0, 60 * 30, 30):
        wanted = slice(start, start + length)
        in_office = rooms is None or any(all(room[wanted]) for room in rooms)
        if _wall(day)[start][1].date() != day:
            continue
        if all(client_[wanted]) and all(manager[wanted]) and in_office:
            span = Span(at_ := _first_minute(day) + start * MINUTE, at_ + talk.duration)
            found.append(Option(span, tuple(who for who, there in people if all(there[wanted]))))
    return found


def _first_minute(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - 3 * HOUR


@cache
def _wall(day: date) -> Sequence[tuple[datetime, datetime]]:
    """Every minute from three hours before that day in UTC, and what clocks in Berlin show."""
    every = [_first_minute(day) + n * MINUTE for n in range(60 * 54)]
    return [(moment, moment.astimezone(BERLIN)) for moment in every]


def _minutes(who: Calendar, day: date, place: str | None) -> Sequence[bool]:
    """Of each of those minutes, whether `who` can be at `place`."""
    return [_works(who, wall, day) and not _blocked(who, moment, place) for moment, wall in _wall(day)]


def _works(who: Calendar, wall: datetime, day: date) -> bool:
    if who.windows is None:
        return True
    if not day <= wall.date() <= day + timedelta(days=2):
        return False
    today = [window for window in who.windows if window.weekday == wall.weekday()]
    return any(window.starts <= wall.time() < window.ends for window in today) or any(
        _recurs(rule, wall.replace(tzinfo=None)) for rule in who.rules
    )


def _recurs(rule: Rule, clock: datetime) -> bool:
    """Every day at the same time, but on holidays."""
    begun = [datetime.combine(clock.date() - timedelta(days=n), rule.starts.time()) for n in (0, 1)]
    return any(each <= clock < each + rule.length and not is_holiday(each.date()) for each in begun)


def _blocked(who: Calendar, moment: datetime, place: str | None) -> bool:
    absent = any(absence.starts <= moment < absence.ends for absence in who.absences)
    return absent or any(_blocks(busy, moment, place) for busy in who.busy)


def _blocks(busy: Busy, moment: datetime, place: str | None) -> bool:
    elsewhere = busy.place is not None and place is not None and busy.place != place
    travel = between(busy.place[:8], place[:8]).time if elsewhere and busy.place and place else timedelta()
    return busy.span.starts - travel <= moment < busy.span.ends + travel


@given(st.lists(st.lists(st.integers(0, 20), max_size=6, unique=True).map(sorted), max_size=6), st.integers(1, 8))
def test_what_is_spread_is_in_order_and_never_overlaps(days: list[list[int]], most: int) -> None:
    by_day = [
        [Option(Span(s := at(8, day=MONDAY + timedelta(days=n)) + h * HOUR / 2, s + HOUR), ()) for h in day]
        for n, day in enumerate(days)
    ]
    chosen = spread(by_day, most)
    assert chosen == sorted(chosen)
    assert len(chosen) <= most
    assert len(chosen) >= min(most, sum(map(bool, days)))
    assert not any(a.span.overlaps(b.span) for a, b in pairwise(chosen))
