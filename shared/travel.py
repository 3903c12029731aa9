"""How far it is, and how long it takes, between two municipalities of Kreis Wesel (data/travel.csv).

Assumed, and approximate: the great-circle distance of the town centres times 1.3, rounded up to a kilometre; minutes at
50 km/h and ten to set out and to arrive, rounded up to five. Bridges, ferries and jams are not counted.
"""

import csv
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from typing import NamedTuple


class Way(NamedTuple):
    """One way."""

    km: int
    minutes: int

    @property
    def time(self) -> timedelta:
        return timedelta(minutes=self.minutes)


NOWHERE = Way(0, 0)
WITHIN = Way(0, 30)
"""Between two places of one municipality (assumed); what it is in kilometres, no pot pays."""


def _read() -> Mapping[frozenset[str], Way]:
    with files("shared").joinpath("data/travel.csv").open(encoding="utf-8") as table:
        return {
            frozenset({row["ags"], row["other_ags"]}): Way(int(row["km"]), int(row["minutes"]))
            for row in csv.DictReader(table)
        }


_BETWEEN = _read()
OUTSIDE = "outside"
"""Stands for a place that is in no municipality of the county."""
FARTHEST = Way(max(way.km for way in _BETWEEN.values()), max(way.minutes for way in _BETWEEN.values()))
"""Between no two municipalities is it farther, or longer; from one that is not in the table it is taken to be that."""


def between(ags: str, other: str) -> Way:
    """From one municipality to another; within one it is `WITHIN`."""
    return WITHIN if ags == other else _BETWEEN.get(frozenset({ags, other}), FARTHEST)


def way(place: str | None, other: str | None) -> Way:
    """Between coded places: the AGS of a municipality's offices, or that, a slash and what tells apart its homes.

    None: nobody travels.
    """
    if place is None or other is None or place == other:
        return NOWHERE
    return between(place.partition("/")[0], other.partition("/")[0])
