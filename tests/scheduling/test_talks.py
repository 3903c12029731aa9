"""Which booking of a talk tells how it stands."""

from uuid import UUID

import pytest

from services.scheduling import domain
from services.scheduling.booking import Booking, State
from services.scheduling.talks import current, former_stands
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
