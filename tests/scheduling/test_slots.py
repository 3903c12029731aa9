"""The search for joint slots, against an oracle that looks at every minute."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.scheduling.calendars import TRAVEL, Busy, Calendar
from services.scheduling.slots import (
    CANDIDATES,
    Option,
    Parties,
    Talk,
    choice,
    joint_options,
    search,
    spread,
)
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from services.scheduling.working_days import searched_days
from shared.clock import BERLIN
from shared.ids import new_id
from tests.scheduling.world import DINSLAKEN, MOERS

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
HOUR = timedelta(hours=1)
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
    assert starts(joint_options(parties, Talk(HOUR, DINSLAKEN), MONDAY)) == [at(10) + TRAVEL, at(11)]


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
    found = search(parties, Talk(HOUR, None), [MONDAY], speakers=frozenset())
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
    found = search(parties, Talk(HOUR, None), searched_days(MONDAY, interpreter_needed=True))
    local = [start.astimezone(BERLIN) for start in starts(found.options)]
    assert len({moment.date() for moment in local}) == len(local) == CANDIDATES
    assert {moment.hour for moment in local} == {9, 12}


def test_the_choice_at_the_hold_takes_the_first_in_rank_who_is_free() -> None:
    busy, free = calendar(hours(9, 12), busy=[Busy(Span(at(9), at(10)), None)]), calendar(hours(9, 12))
    parties = Parties(client(), calendar(hours(9, 12)), None, [busy, free])
    assert choice(parties, Span(at(9), at(10)), None) == (None, free.resource_id)
    assert choice(parties, Span(at(10), at(11)), None) == (None, busy.resource_id)
    assert choice(parties, Span(at(12), at(13)), None) is None


# -- against the oracle ---------------------------------------------------------------------------------------------

DAYS = [SPRING, AUTUMN, MONDAY]
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
    )


places = st.sampled_from([None, DINSLAKEN, MOERS])


@st.composite
def spans(draw: st.DrawFn, day: date) -> Span:
    starts_at = datetime.combine(day, time(), UTC) + timedelta(minutes=15 * draw(quarters))
    return Span(starts_at, starts_at + timedelta(minutes=15 * draw(st.integers(1, 8))))


@st.composite
def searches(draw: st.DrawFn) -> tuple[Parties, Talk, date]:
    day = draw(st.sampled_from(DAYS))
    rooms = st.lists(calendars(day), min_size=1, max_size=2)
    parties = Parties(
        client=Calendar(new_id(), None, busy=tuple(Busy(s, None) for s in draw(st.lists(spans(day), max_size=1)))),
        case_manager=draw(calendars(day)),
        rooms=draw(st.none() | rooms),
        interpreters=draw(st.none() | rooms),
    )
    return parties, Talk(timedelta(minutes=draw(st.sampled_from([30, 45, 60, 90]))), draw(places)), day


@settings(max_examples=150, deadline=None)
@given(searches())
def test_the_search_finds_exactly_what_the_oracle_finds(given_: tuple[Parties, Talk, date]) -> None:
    parties, talk, day = given_
    assert joint_options(parties, talk, day) == list(oracle(parties, talk, day))


def oracle(parties: Parties, talk: Talk, day: date) -> Sequence[Option]:
    """Tries every start and looks at every quarter of an hour of it, straight from the definitions."""
    midnight = datetime.combine(day, time(), UTC) - timedelta(hours=3)
    every_start = [midnight + n * timedelta(minutes=30) for n in range(60)]
    return [
        Option(Span(start, start + talk.duration), people)
        for start in every_start
        if (people := _joint(parties, talk, day, start)) is not None
    ]


def _joint(parties: Parties, talk: Talk, day: date, start: datetime) -> tuple[UUID, ...] | None:
    moments = [start + n * timedelta(minutes=15) for n in range(talk.duration // timedelta(minutes=15))]

    def all_of(who: Calendar) -> bool:
        return all(_there(who, moment, day, talk.place) for moment in moments)

    in_office = parties.rooms is None or any(map(all_of, parties.rooms))
    if not (all_of(parties.client) and all_of(parties.case_manager) and in_office):
        return None
    return tuple(who.resource_id for who in parties.interpreters or () if all_of(who))


def _there(who: Calendar, moment: datetime, day: date, place: str | None) -> bool:
    wall = moment.astimezone(BERLIN)
    if wall.date() != day and who.windows is not None:
        return False
    working = who.windows is None or any(w.starts <= wall.time() < w.ends for w in who.windows)
    absent = any(absence.starts <= moment < absence.ends for absence in who.absences)
    return working and not absent and not any(_blocks(busy, moment, place) for busy in who.busy)


def _blocks(busy: Busy, moment: datetime, place: str | None) -> bool:
    elsewhere = busy.place is not None and place is not None and busy.place != place
    travel = TRAVEL if elsewhere else timedelta()
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
