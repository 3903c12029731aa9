"""A breaking change of a released schema is found, whatever it is; a harmless one passes."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.base import Disclosure, Event
from shared.contracts.breaking import breaks
from shared.contracts.compatibility import problems, release, released
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Schema, schema_of

every_event = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
Mutation = Callable[[Schema], None]


def test_the_contracts_do_not_break_what_is_released() -> None:
    assert problems() == []


def test_every_event_is_released() -> None:
    assert released().keys() == EVENTS.keys()


def _removed(name: str) -> Mutation:
    def mutate(owner: Schema) -> None:
        del owner["properties"][name]
        owner["required"] = [each for each in owner.get("required", []) if each != name]

    return mutate


def _no_longer_required(name: str) -> Mutation:
    def mutate(owner: Schema) -> None:
        owner["required"].remove(name)
        owner["properties"][name]["default"] = None

    return mutate


def _put(name: str, keyword: str, value: Any) -> Mutation:
    def mutate(owner: Schema) -> None:
        owner["properties"][name][keyword] = value

    return mutate


def _nullable(name: str) -> Mutation:
    def mutate(owner: Schema) -> None:
        field = owner["properties"][name]
        variants = field.pop("anyOf", None)
        if variants is not None:
            owner["properties"][name] = {**field, **variants[0]}
            return
        disclosure = field.pop("x-disclosure")
        owner["properties"][name] = {"anyOf": [field, {"type": "null"}], "x-disclosure": disclosure}

    return mutate


def _new_required(owner: Schema) -> None:
    owner["properties"]["added"] = {"type": "string", "x-disclosure": "internal"}
    owner.setdefault("required", []).append("added")


def _closed(owner: Schema) -> None:
    owner["additionalProperties"] = False


def _of_field(name: str, field: Schema, *, needed: bool) -> Iterator[tuple[str, Mutation]]:
    yield f"{name} removed", _removed(name)
    if needed:
        yield f"{name} no longer required", _no_longer_required(name)
    yield f"{name} turned nullable, or not", _nullable(name)
    yield f"{name} of another type", _put(name, "type", "number")
    yield f"{name} with a pattern", _put(name, "pattern", "^a")
    yield f"{name} with another format", _put(name, "format", "ipv4")
    yield f"{name} with an unknown keyword", _put(name, "x-new", 1)
    if field["x-disclosure"] != Disclosure.OPEN:
        yield f"{name} opened", _put(name, "x-disclosure", "open")
    if field["x-disclosure"] == Disclosure.INTERNAL:
        yield f"{name} consented", _put(name, "x-disclosure", "consented")
    if field["x-disclosure"] == Disclosure.OPEN:
        yield f"{name} closed", _put(name, "x-disclosure", "internal")
    if "items" in field:
        yield f"{name} of other items", _put(name, "items", {"type": "integer"})


def _owners(schema: Schema) -> dict[str, Schema]:
    """The schema and the classes below it that have fields, by name; the root is an empty name."""
    nested = {name: each for name, each in schema.get("$defs", {}).items() if "properties" in each}
    return {"": schema, **nested}


def _mutations(schema: Schema) -> Iterator[tuple[str, str, Mutation]]:
    for owner, part in _owners(schema).items():
        yield owner, "new required field", _new_required
        yield owner, "closed to unknown fields", _closed
        for name, field in part["properties"].items():
            for label, mutation in _of_field(name, field, needed=name in part.get("required", [])):
                yield owner, label, mutation


def _mutated(schema: Schema, owner: str, mutation: Mutation) -> Schema:
    changed = copy.deepcopy(schema)
    mutation(_owners(changed)[owner])
    return changed


@every_event
def test_each_breaking_mutation_is_detected_in_both_directions_of_upgrade(event: type[Event]) -> None:
    schema = schema_of(event)
    missed = [
        f"{owner}: {label}"
        for owner, label, mutation in _mutations(schema)
        if not breaks(schema, _mutated(schema, owner, mutation))
    ]
    assert not missed


@every_event
def test_a_changed_enumeration_is_detected(event: type[Event]) -> None:
    schema = schema_of(event)
    for name in (name for name, each in schema.get("$defs", {}).items() if "enum" in each):
        more, fewer = copy.deepcopy(schema), copy.deepcopy(schema)
        more["$defs"][name]["enum"].append("added")
        fewer["$defs"][name]["enum"].pop()
        assert breaks(schema, more), f"{name} + a value"
        assert breaks(schema, fewer), f"{name} - a value"


@every_event
def test_what_is_harmless_passes(event: type[Event]) -> None:
    schema = schema_of(event)
    changed = copy.deepcopy(schema)
    for owner in _owners(changed).values():
        owner["description"] = "said better"
        owner["properties"]["added"] = {"type": "string", "default": "", "x-disclosure": "internal"}
        for field in owner["properties"].values():
            field["title"] = "Another title"
            field["x-disclosure"] = field["x-disclosure"].replace("consented", "internal")
    for each in changed.get("$defs", {}).values():
        each.get("enum", []).reverse()
    assert breaks(schema, changed) == []


def test_a_break_names_the_place_and_the_change() -> None:
    schema = schema_of(EVENTS["intake.enquiry.received.v1"])
    changed = copy.deepcopy(schema)
    changed["$defs"]["GivenConsent"]["properties"]["valid_until"]["x-disclosure"] = "open"
    del changed["properties"]["postcode"]
    changed["required"].remove("postcode")
    assert [str(each) for each in breaks(schema, changed)] == [
        "postcode: field removed",
        "consents[].valid_until: disclosure internal became open",
    ]


def test_a_removed_event_and_a_broken_one_stop_the_release(tmp_path: Path) -> None:
    release(tmp_path)
    assert problems(tmp_path) == []
    path = tmp_path / "case.opened.v1.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["properties"]["gone"] = {"type": "string", "x-disclosure": "open"}
    path.write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "case.vanished.v1.schema.json").write_text(json.dumps(schema), encoding="utf-8")
    assert problems(tmp_path) == [
        "case.opened.v1: gone: field removed",
        "case.vanished.v1: event removed",
    ]
