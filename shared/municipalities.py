"""The 13 municipalities of Kreis Wesel and their coordinating offices (data/municipalities.csv)."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from pydantic import AfterValidator


@dataclass(frozen=True, slots=True)
class Municipality:
    ags: str
    """Official municipality key (Amtlicher Gemeindeschlüssel), eight digits."""
    name: str
    postcodes: frozenset[str]
    contract: bool
    """Whether the municipality runs KIM together with the Kreis by contract."""
    coordinating_office: str
    """Key of `OFFICES`."""


def _read() -> Iterable[Municipality]:
    with files("shared").joinpath("data/municipalities.csv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table):
            yield Municipality(
                ags=row["ags"],
                name=row["name"],
                postcodes=frozenset(row["postcodes"].split()),
                contract=row["contract_municipality"] == "yes",
                coordinating_office=row["coordinating_office"],
            )


def _offices(municipalities: Iterable[Municipality]) -> dict[str, frozenset[str]]:
    served = defaultdict(set)
    for municipality in municipalities:
        served[municipality.coordinating_office].add(municipality.ags)
    return {office: frozenset(keys) for office, keys in served.items()}


BY_AGS: Mapping[str, Municipality] = {municipality.ags: municipality for municipality in _read()}
OFFICES: Mapping[str, frozenset[str]] = _offices(BY_AGS.values())
"""Coordinating office -> AGS of the municipalities that it serves."""
_BY_POSTCODE = {code: municipality for municipality in BY_AGS.values() for code in municipality.postcodes}


def _known(ags: str) -> str:
    if ags not in BY_AGS:
        raise ValueError("must be the AGS of a municipality of Kreis Wesel")
    return ags


KnownAgs = Annotated[str, AfterValidator(_known)]
"""What an API takes: the key of one of the 13."""


def by_postcode(postcode: str) -> Municipality:
    """The municipality of a five-digit postcode. Raises KeyError for one outside Kreis Wesel."""
    return _BY_POSTCODE[postcode]
