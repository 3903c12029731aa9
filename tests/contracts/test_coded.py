"""Every text in an event is coded, an id or a time: topics, outboxes and dead letters are made of these."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar

import pytest

from shared.contracts.base import INTERNAL, Event
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Schema, schema_of
from tests.shared.free_text import FREE

FORMATS = frozenset({"uuid", "date", "date-time", "time"})


def free(schema: Schema) -> list[str]:
    """Places in a JSON Schema at which somebody could write what they like."""
    return [f"{place}: {why}" for place, part in _parts(schema) if (why := _freedom(part))]


def _freedom(part: Schema) -> str | None:
    kinds = part.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not {"type", "enum", "const", "$ref", "anyOf", "allOf"} & part.keys():
        return "any JSON"
    if "object" in kinds and not {"properties", "additionalProperties"} & part.keys():
        return "any JSON"
    if "string" not in kinds or {"enum", "const"} & part.keys() or part.get("format") in FORMATS:
        return None
    pattern = part.get("pattern")
    taken = [text for text in FREE if pattern is None or re.search(pattern, text)]
    return f"takes {taken[0]!r}: give it an enumeration, a format or a pattern" if taken else None


def _parts(schema: Schema, place: str = "") -> Iterator[tuple[str, Schema]]:
    """Each subschema that describes a value, the names of a mapping's entries included."""
    for name, field in schema.get("properties", {}).items():
        yield from _described(field, f"{place}.{name}")
    for name, owner in schema.get("$defs", {}).items():
        yield from _described(owner, name)


def _described(part: Schema, place: str) -> Iterator[tuple[str, Schema]]:
    yield place, part
    yield from _parts(part, place)
    inner: list[Any] = [*part.get("anyOf", []), *part.get("allOf", []), part.get("items")]
    if isinstance(values := part.get("additionalProperties"), dict):
        inner += [values, {"type": "string", **part.get("propertyNames", {})}]
    elif values:
        inner.append({})
    for each in inner:
        if each is not None:
            yield from _described(each, place)


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_no_field_of_an_event_takes_free_text(event: type[Event]) -> None:
    assert free(schema_of(event)) == []


def test_a_field_that_takes_free_text_is_found() -> None:
    class Talkative(Event):
        type: ClassVar[str] = "case.talkative.v1"
        topic: ClassVar[str] = "kim.case.v1"
        subject: ClassVar[str] = "number"

        number: Annotated[int, INTERNAL]
        note: Annotated[str | None, INTERNAL]
        tags: Annotated[list[str], INTERNAL]
        more: Annotated[dict[str, int], INTERNAL]
        some: Annotated[Any, INTERNAL]
        whole: Annotated[dict[str, Any], INTERNAL]

    found = {each.split(":")[0] for each in free(schema_of(Talkative))}
    assert found == {".note", ".tags", ".more", ".some", ".whole"}
