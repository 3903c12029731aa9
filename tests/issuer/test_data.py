"""The made-up county: as many as the real one has, and the gaps that the main job needs."""

import json
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.issuer.identities import identities
from services.scheduling.rules import Rule
from shared.auth import Role
from shared.contracts.recurrence import HoursRule
from shared.contracts.vocabulary import LANGUAGES, Topic
from shared.municipalities import BY_AGS, OFFICES, by_postcode

DATA = Path(__file__).parents[2] / "deploy" / "data"
DINSLAKEN, ALPEN, MOERS = "05170008", "05170004", "05170024"


def _read(name: str) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_bytes())
    return content


def _serving(rows: list[dict[str, Any]], ags: str) -> list[dict[str, Any]]:
    return [row for row in rows if ags in row["municipalities"]]


def _spoken(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(s if isinstance(s, str) else s["language"] for row in rows for s in row["languages"])


def test_sixteen_posts_serve_every_municipality() -> None:
    managers = _read("case_managers")
    assert len({manager["id"] for manager in managers}) == 16
    assert {ags for manager in managers for ags in manager["municipalities"]} == set(BY_AGS)
    assert all(0 < Decimal(manager["fte"]) <= 1 for manager in managers)
    assert all(set(manager["topics"]) <= set(Topic) for manager in managers)
    assert set(_spoken(managers)) <= LANGUAGES


def test_no_case_manager_in_dinslaken_speaks_tigrinya_and_one_speaks_arabic() -> None:
    spoken = _spoken(_serving(_read("case_managers"), DINSLAKEN))
    assert (spoken["ti"], spoken["ar"]) == (0, 1)
    assert _spoken(_serving(_read("case_managers"), MOERS))["uk"] == 1


def test_thirty_interpreters_speak_27_languages() -> None:
    interpreters = _read("interpreters")
    assert len({interpreter["id"] for interpreter in interpreters}) == 30
    assert len(set(_spoken(interpreters))) == 27
    assert set(_spoken(interpreters)) <= LANGUAGES
    assert all(by_postcode(interpreter["base_postcode"]) for interpreter in interpreters)
    assert {ags for interpreter in interpreters for ags in interpreter["municipalities"]} == set(BY_AGS)


def test_two_interpreters_of_tigrinya_serve_dinslaken_and_another_one_alpen() -> None:
    interpreters = _read("interpreters")
    assert _spoken(_serving(interpreters, DINSLAKEN))["ti"] == 2
    assert _spoken(_serving(interpreters, ALPEN))["ti"] == 1


def test_every_municipality_has_a_room() -> None:
    assert {room["municipality"] for room in _read("rooms")} == set(BY_AGS)


@pytest.mark.parametrize("name", ["case_managers", "interpreters", "rooms"])
def test_rules_are_good_and_keep_new_years_eve_free(name: str) -> None:
    for row in _read(name):
        rules = [HoursRule.model_validate(rule) for rule in row["rules"]]
        week = [Rule.of(rule).on(date(2026, 9, day)) for rule in rules for day in range(7, 14)]
        assert any(week)
        assert not any(Rule.of(rule).on(date(2026, 12, 31)) for rule in rules)


def test_whoever_is_in_the_data_can_sign_in_as_themselves() -> None:
    people = identities().people
    by_role = {role: {p.sub: set(p.municipalities) for p in people if role in p.roles} for role in Role}
    managers = {m["id"]: set(m["municipalities"]) for m in _read("case_managers")}
    assert by_role[Role.CASE_MANAGER] == managers
    assert set(by_role[Role.INTERPRETER]) == {interpreter["id"] for interpreter in _read("interpreters")}


def test_every_office_and_municipality_has_its_people_and_everybody_is_told_apart() -> None:
    known = identities()
    offices = {p.office: frozenset(p.municipalities) for p in known.people if Role.COORDINATOR in p.roles}
    clerks = [p.municipalities for p in known.people if Role.CLERK in p.roles]
    everybody = [*known.people, *known.systems]
    assert offices == dict(OFFICES)
    assert sorted(clerks) == [(ags,) for ags in BY_AGS]
    assert len({p.sub for p in everybody}) == len({p.name for p in everybody}) == len(everybody)
    assert not any(Role.PARTICIPANT in p.roles for p in everybody)
