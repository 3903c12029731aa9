"""Ways between the municipalities."""

from itertools import combinations

from shared.municipalities import BY_AGS
from shared.travel import FARTHEST, NOWHERE, WITHIN, between, way

DINSLAKEN, MOERS, VOERDE, SCHERMBECK, SONSBECK = "05170008", "05170024", "05170044", "05170036", "05170040"


def test_between_any_two_of_the_thirteen_there_is_a_way_and_it_is_the_same_back() -> None:
    for one, other in combinations(BY_AGS, 2):
        assert between(one, other) == between(other, one)
        assert 0 < between(one, other).km <= FARTHEST.km
        assert 0 < between(one, other).minutes <= FARTHEST.minutes


def test_neighbours_are_nearer_than_the_ends_of_the_county() -> None:
    assert between(DINSLAKEN, VOERDE).km < between(DINSLAKEN, MOERS).km < between(SCHERMBECK, SONSBECK).km
    assert between(DINSLAKEN, VOERDE).minutes < between(SCHERMBECK, SONSBECK).minutes


def test_no_way_is_shorter_than_the_straight_line_through_a_third_place_by_much() -> None:
    """Distances are of one map: nobody saves more than what rounding up adds."""
    for one, other in combinations(BY_AGS, 2):
        for third in BY_AGS.keys() - {one, other}:
            assert between(one, other).km <= between(one, third).km + between(third, other).km + 1


def test_a_home_is_in_its_municipality_and_by_phone_nobody_travels() -> None:
    assert way(f"{DINSLAKEN}/one", MOERS) == between(DINSLAKEN, MOERS)
    assert way(f"{DINSLAKEN}/one", DINSLAKEN) == way(f"{DINSLAKEN}/one", f"{DINSLAKEN}/other") == WITHIN
    assert way(DINSLAKEN, DINSLAKEN) == way(None, DINSLAKEN) == way(DINSLAKEN, None) == NOWHERE


def test_from_outside_it_is_as_far_as_it_can_be() -> None:
    assert between("05112000", DINSLAKEN) == FARTHEST
