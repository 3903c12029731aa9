"""Which booking of a talk tells how it stands."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.scheduling import domain
from services.scheduling.booking import Booking, State
from services.scheduling.talks import current, foremost, former_stands
from shared.ids import new_id
from tests.scheduling.world import MONDAY, asked


def booking(state: State, replaces: UUID | None = None) -> Booking:
    made, _ = domain.request(asked(), new_id(), MONDAY)
    return made.model_copy(update={"state": state, "replaces": replaces})


@pytest.mark.parametrize(
    ("former", "later", "shown"),
    [
        (State.CONFIRMED, State.PROPOSED, 1),
        (State.CONFIRMED, State.HELD, 1),
        (State.CONFIRMED, State.RELEASED, 0),
        (State.CONFIRMED, State.UNMET, 0),
        (State.ATTENDED, State.RELEASED, 0),
        (State.HELD, State.RELEASED, 0),
        (State.RELEASED, State.CONFIRMED, 1),
        (State.RELEASED, State.PROPOSED, 1),
        (State.RELEASED, State.RELEASED, 1),
        (State.RELEASED, State.UNMET, 1),
    ],
)
def test_it_is_the_latest_but_for_a_search_in_vain_while_the_talk_stands(
    former: State, later: State, shown: int
) -> None:
    first = booking(former)
    both = [first, booking(later, first.booking_id)]
    assert current(both) == {both[shown].booking_id}


def test_a_second_search_after_one_in_vain_counts_and_so_does_each_further_move() -> None:
    first = booking(State.CONFIRMED)
    vain = booking(State.RELEASED, first.booking_id)
    again = booking(State.PROPOSED, first.booking_id)
    assert current([first, vain]) == {first.booking_id}
    assert current([first, vain, again]) == {again.booking_id}
    moved = again.model_copy(update={"state": State.RELEASED})
    last = booking(State.CONFIRMED, moved.booking_id)
    assert current([first.model_copy(update={"state": State.RELEASED}), vain, moved, last]) == {last.booking_id}


def test_each_talk_has_one() -> None:
    talks = [booking(State.ATTENDED), booking(State.RELEASED), booking(State.PROPOSED)]
    assert current(talks) == {each.booking_id for each in talks}


def test_a_talk_that_was_given_up_does_not_stand_while_another_time_is_looked_for() -> None:
    first = booking(State.RELEASED)
    assert not former_stands(booking(State.PROPOSED, first.booking_id), [first])
    assert not former_stands(booking(State.PROPOSED), [first])


def test_what_is_to_be_chosen_is_shown_before_all_else_and_then_the_latest_talk() -> None:
    attended, proposed, later = booking(State.ATTENDED), booking(State.PROPOSED), booking(State.CONFIRMED)
    assert foremost([attended, proposed, later], MONDAY) == proposed.booking_id
    assert foremost([attended, later], MONDAY) == later.booking_id
    assert foremost([], MONDAY) is None


def of_series(series_id: UUID, state: State, weeks: int) -> Booking:
    return booking(state).model_copy(update={"series_id": series_id, "occurrence": MONDAY + timedelta(weeks=weeks)})


def test_of_a_series_the_next_talk_to_come_is_shown() -> None:
    series_id = new_id()
    its = [
        of_series(series_id, State.ATTENDED, -1),
        of_series(series_id, State.RELEASED, 1),
        of_series(series_id, State.HELD, 2),
        of_series(series_id, State.CONFIRMED, 3),
    ]
    assert foremost(its, MONDAY) == its[2].booking_id
    assert foremost(its, MONDAY + timedelta(weeks=4)) == its[3].booking_id
    single = booking(State.REQUESTED)
    assert foremost([*its, single], MONDAY) == single.booking_id
