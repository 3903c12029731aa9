"""Why a slot is proposed: waiting, continuity, travel and fairness, in numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.booking import Candidate, best
from services.scheduling.calendars import Busy
from services.scheduling.merits import FOR_PARTICIPANTS, Merits, Reason, shown
from services.scheduling.slots import Parties, Talk
from services.scheduling.spans import Span
from services.scheduling.ways import Ways
from shared.ids import new_id
from shared.travel import between
from tests.scheduling.searching import search
from tests.scheduling.test_slots import HOUR, MONDAY, at, calendar, client, hours, starts
from tests.scheduling.world import DINSLAKEN, MOERS

NOON = datetime(2026, 11, 3, 11, tzinfo=UTC)


def numbers(merits: Merits) -> dict[Reason, tuple[int, int]]:
    return {stated.reason: (stated.number, stated.points) for stated in merits.reasons}


@pytest.mark.parametrize(
    ("merits", "expected"),
    [
        (Merits(waiting_days=3), {Reason.WAITING: (3, -6)}),
        (Merits(talks_together=0, recent_talks=0), {Reason.WAITING: (0, 0), Reason.RECENT_TALKS: (0, 0)}),
        (
            Merits(waiting_days=7, talks_together=4, travel_minutes=60, recent_talks=5),
            {
                Reason.WAITING: (7, -14),
                Reason.SAME_INTERPRETER: (4, 12),
                Reason.TRAVEL: (60, -4),
                Reason.RECENT_TALKS: (5, -5),
            },
        ),
        (Merits(recent_talks=50), {Reason.WAITING: (0, 0), Reason.RECENT_TALKS: (50, -20)}),
    ],
)
def test_each_reason_has_its_number_and_its_points(merits: Merits, expected: dict[Reason, tuple[int, int]]) -> None:
    assert numbers(merits) == expected
    assert merits.points == sum(points for _, points in expected.values())


def test_a_participant_is_not_told_where_others_are_or_how_much_they_work() -> None:
    merits = Merits(waiting_days=7, talks_together=4, travel_minutes=60, recent_talks=5)
    assert {stated.reason for stated in shown(merits.reasons, to_participant=True)} == FOR_PARTICIPANTS
    assert shown(merits.reasons, to_participant=False) == list(merits.reasons)


@pytest.mark.parametrize(
    ("busy", "place", "trips"),
    [
        ([], DINSLAKEN, 0),
        ([(8, 9, MOERS)], DINSLAKEN, 1),
        ([(8, 9, MOERS), (13, 14, MOERS)], DINSLAKEN, 2),
        ([(8, 9, MOERS), (10, 11, DINSLAKEN), (13, 14, DINSLAKEN)], DINSLAKEN, 0),
        ([(8, 9, MOERS), (10, 11, None)], DINSLAKEN, 1),  # a call on the way leaves them where they were
        ([(8, 9, MOERS), (13, 14, MOERS)], None, 0),
    ],
)
def test_whoever_is_elsewhere_before_or_after_has_to_travel(
    busy: Sequence[tuple[int, int, str | None]], place: str | None, trips: int
) -> None:
    known = [Busy(Span(at(starts), at(ends)), where) for starts, ends, where in busy]
    assert Ways(client(*known), place).trips(Span(at(11), at(12))) == trips
    assert Ways(client(*known), place).minutes(Span(at(11), at(12))) == between(DINSLAKEN, MOERS).minutes * trips


def test_what_somebody_does_on_another_day_costs_no_travel() -> None:
    yesterday = MONDAY - timedelta(days=1)
    known = [Busy(Span(at(20, day=yesterday), at(21, day=yesterday)), MOERS)]
    assert Ways(client(*known), DINSLAKEN).trips(Span(at(11), at(12))) == 0


def test_of_half_a_day_the_search_takes_the_slot_with_least_travel() -> None:
    busy = Busy(Span(at(8), at(9)), MOERS), Busy(Span(at(10, 30), at(11)), DINSLAKEN)
    parties = Parties(client(), calendar(hours(8, 12), busy=busy), None, None)
    assert starts(search(parties, Talk(HOUR, DINSLAKEN), [MONDAY]).options) == [at(11)]
    assert starts(search(parties, Talk(HOUR, None), [MONDAY]).options) == [at(9)]


def test_of_half_a_day_the_search_takes_a_slot_with_an_interpreter_who_knows_the_case() -> None:
    known, other = calendar(hours(11, 12)), calendar(hours(9, 12))
    parties = Parties(client(), calendar(hours(9, 12)), None, [known, other])
    speakers = frozenset({known.resource_id, other.resource_id})
    familiar = frozenset({known.resource_id})
    assert starts(search(parties, Talk(HOUR, None), [MONDAY], speakers, familiar=familiar).options) == [at(11)]
    assert starts(search(parties, Talk(HOUR, None), [MONDAY], speakers).options) == [at(9)]


def candidate(day: int, points: int) -> Candidate:
    """Points are given by waiting, whatever the day."""
    begins = NOON + timedelta(days=day)
    return Candidate(
        slot_id=new_id(), starts_at=begins, ends_at=begins + HOUR, merits=Merits(waiting_days=-points // 2)
    )


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-50, 0)), min_size=1, max_size=8), st.integers(1, 4))
def test_the_earliest_is_always_proposed_and_beside_it_those_with_most_points(
    given_: list[tuple[int, int]], most: int
) -> None:
    found = [candidate(day, points) for day, points in given_]
    chosen = best(found, most)
    assert len(chosen) == min(most, len(found))
    assert list(chosen) == sorted(chosen, key=lambda each: each.starts_at)
    assert chosen[0].starts_at == min(each.starts_at for each in found)
    left = [each.merits.points for each in found if each not in chosen]
    assert all(each.merits.points >= max(left) for each in chosen[1:] if left)
