"""What is wrong in a query string, or in a part of a path that is no id, is named, not repeated, and changes nothing.

The parameters are read from each service's own description, so a new one is tried too.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

import pytest

from shared.service import create_app
from shared.settings import Settings
from tests.access.conftest import Start
from tests.access.spoiling import CANARY, HIDDEN, OVERLONG
from tests.access.table import SERVICES, TABLE, Route


class Parameter(NamedTuple):
    route: Route
    name: str
    schema: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.route} ?{self.name}"


@cache
def _description(service: str) -> dict[str, Any]:
    settings = Settings.model_construct()
    return create_app(import_module(f"services.{service}.app").build(settings), settings).openapi()


def _parameters() -> Iterator[Parameter]:
    for service in SERVICES:
        for path, operations in _description(service)["paths"].items():
            for method, operation in operations.items():
                for each in operation.get("parameters", []):
                    if each["in"] == "query":
                        yield Parameter(Route(service, method.upper(), path), each["name"], each["schema"])


def _alternatives(parameter: Parameter) -> list[dict[str, Any]]:
    """The schemas of which one has to fit, null left out: in a query string there is none."""
    found = parameter.schema.get("anyOf", [parameter.schema])
    known = _description(parameter.route.service)["components"]["schemas"]
    resolved = [known[each["$ref"].rsplit("/", 1)[1]] if "$ref" in each else each for each in found]
    return [each for each in resolved if each.get("type") != "null"]


def _wrong(schema: dict[str, Any]) -> Iterator[str]:
    yield from (CANARY, OVERLONG, *HIDDEN, f"{CANARY} ", "[]", "{}", "null", "'; drop table enquiry")
    if schema["type"] == "integer":
        yield from ("", "1.5", "1e3", "0x10", "true", str(10**30), str(-(10**30)))
        yield from (str(schema[limit] + step) for limit, step in (("minimum", -1), ("maximum", 1)) if limit in schema)
        yield from (str(schema[limit]) for limit in ("exclusiveMaximum",) if limit in schema)
    elif "enum" in schema:
        yield from ("", schema["enum"][0].upper(), f" {schema['enum'][0]}", f"{schema['enum'][0]}\x00", "*")
    elif schema.get("format") == "uuid":
        yield from ("", "1", "00000000-0000-0000-0000-00000000000", "%00", "0" * 33)
    elif schema.get("format") == "date-time":
        yield from ("", "tomorrow", "2027-02-30T08:00:00Z", "2027-01-01T25:00:00Z", "2027-01-01T08:00:00", "4102444800")
    elif schema == {"type": "string"}:  # a language tag, so far
        yield from ("", "TI", "ku", "ti-", "xx")
    else:
        raise AssertionError(f"say here what is wrong for {schema}")


PARAMETERS = list(_parameters())
KNOWN_BY_PARTS: Mapping[str, list[str]] = {
    "office": ["moers%00", "Dinslaken", "kreis", CANARY, "%E2%80%AE", "a" * 3000],
    "ags": ["05112000", "5170008", "051700080", CANARY, "%EF%BC%90%EF%BC%95170008", "05170008%00"],
    "secret": ["a", "a" * 43, CANARY, "%00", "a" * 3000],
    "month": ["2026-13", "2026-00", "0000-01", "26-01", "2026-1", CANARY, "2026-01%00", "2026-01-01"],
}
"""Parts of a path that are no ids -> what is none of them. Each is 404, or 422 with the name of the part."""
PARTS = [
    (route, part[1:-1])
    for route in TABLE
    for part in route.path.split("/")
    if part.startswith("{") and not part.endswith("_id}")
]


@pytest.mark.parametrize("parameter", PARAMETERS, ids=str)
async def test_a_wrong_parameter_is_named_and_changes_nothing(start: Start, parameter: Parameter) -> None:
    running = await start(parameter.route.service)
    scene = await running.scene()
    good, who = scene.calls[parameter.route[1:]], next(iter(TABLE[parameter.route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    [schema] = _alternatives(parameter)
    taken = []
    for value in _wrong(schema):
        answer = await running.send(parameter.route, replace(good, query={**good.query, parameter.name: value}), token)
        told = answer.json() if answer.status_code == 422 else {}
        if told.get("field") != parameter.name or CANARY in answer.text:
            taken.append((value[:60], answer.status_code, answer.text[:200]))
    assert taken == []
    assert await running.changed() == {}


@pytest.mark.parametrize(("route", "name"), PARTS, ids=str)
async def test_what_is_no_part_of_a_path_is_not_there(start: Start, route: Route, name: str) -> None:
    running = await start(route.service)
    scene = await running.scene()
    good, who = scene.calls[route[1:]], next(iter(TABLE[route]))
    token = running.token(who, scene.owners.claims(who)) if who else {}
    taken = []
    for value in KNOWN_BY_PARTS[name]:
        answer = await running.send(route, replace(good, at={**good.at, name: value}), token)
        is_named = answer.status_code == 422 and answer.json().get("field") == name
        if not (is_named or answer.status_code == 404) or CANARY in answer.text:
            taken.append((value[:60], answer.status_code, answer.text[:200]))
    assert taken == []
    assert await running.changed() == {}
