"""How far the streams were read travels with the browser."""

from services.gateway_web.positions import Positions

SERVED = {"05170008", "05170024"}


def test_positions_are_read_back() -> None:
    known = Positions({"05170008": 12, "05170024": 3})
    assert Positions.parse(str(known), SERVED) == known


def test_a_municipality_that_is_not_served_is_left_out() -> None:
    assert Positions.parse("05170004:9,05170008:1", SERVED).read == {"05170008": 1, "05170024": 0}


def test_nonsense_counts_as_not_read() -> None:
    assert Positions.parse("05170008:-1;drop", SERVED).read == {"05170008": 0, "05170024": 0}


def test_an_event_moves_its_own_stream() -> None:
    assert str(Positions({"05170008": 1, "05170024": 3}).moved("05170008", 2)) == "05170008:2,05170024:3"
