import pytest

from shared.municipalities import BY_AGS, OFFICES, by_postcode


def test_the_kreis_has_13_municipalities_and_five_of_them_have_a_contract() -> None:
    assert len(BY_AGS) == 13
    assert {each.name for each in BY_AGS.values() if each.contract} == {
        "Dinslaken",
        "Kamp-Lintfort",
        "Moers",
        "Wesel",
        "Xanten",
    }


def test_three_offices_serve_their_own_town_and_the_kreis_the_other_ten() -> None:
    assert OFFICES["dinslaken"] == {"05170008"}
    assert OFFICES["moers"] == {"05170024"}
    assert OFFICES["wesel"] == {"05170048"}
    assert len(OFFICES["kreis-wesel"]) == 10
    assert frozenset().union(*OFFICES.values()) == BY_AGS.keys()


def test_a_postcode_leads_to_exactly_one_municipality() -> None:
    assert by_postcode("46535").name == "Dinslaken"
    assert by_postcode("46519").coordinating_office == "kreis-wesel"
    assert sum(len(each.postcodes) for each in BY_AGS.values()) == 20
    with pytest.raises(KeyError):
        by_postcode("10115")
