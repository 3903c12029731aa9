"""Which changes of a schema are breaking.

The log keeps every event, and services are deployed in no order. So both must hold: a new reader understands
every old event (consumers first), and an old reader every new one (producers first). Little is allowed:

- a new field with a default (old readers ignore it, new readers fill it in);
- titles, descriptions and examples;
- `x-disclosure` from consented to internal: partners have to do without a consented field anyway.

All else is breaking and belongs into a `.v2` beside the `.v1`. On purpose this holds for: a value added to an
enumeration (our readers are strict: an unknown value is poison to them, not a guess); an open field that
becomes narrower (partners count on it); a wider disclosure (nobody consented to that when the event was
published). A keyword that this module does not know is breaking when it changes.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

from shared.contracts.schemas import Schema

_ANNOTATIONS = {"$schema", "$id", "$defs", "title", "description", "examples"}
_DISCLOSURE = "x-disclosure"


class Break(NamedTuple):
    """A breaking change: where (a path such as `slots[].starts_at`) and what."""

    path: str
    change: str

    def __str__(self) -> str:
        return f"{self.path or '(root)'}: {self.change}"


def breaks(old: Schema, new: Schema) -> list[Break]:
    """Every breaking change between two schemas of the same event, in the order of the old one's fields."""
    return list(_compare(_resolved(old, old), _resolved(new, new), ""))


def _resolved(schema: Any, root: Schema) -> Any:
    """Without `$ref`, without an `allOf` of one, without annotations: what a reader goes by."""
    if isinstance(schema, list):
        return [_resolved(item, root) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    plain = {key: _member(key, value, root) for key, value in schema.items() if key not in _ANNOTATIONS}
    wrapped = plain.pop("allOf", [])
    return {**wrapped[0], **plain} if len(wrapped) == 1 else {**plain, **({"allOf": wrapped} if wrapped else {})}


def _member(key: str, value: Any, root: Schema) -> Any:
    if key == "properties":
        return {name: _resolved(schema, root) for name, schema in value.items()}
    if key in {"default", "const", "enum"}:
        return value
    return _resolved(value, root)


def _compare(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    yield from _fields(old, new, path)
    yield from _disclosure(old, new, path)
    yield from _variants(old, new, path)
    for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}"), ("propertyNames", "{key}")):
        if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
            yield from _compare(old[keyword], new[keyword], path + suffix)
    yield from _keywords(old, new, path)


def _fields(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed, needs = set(old.get("required", [])), set(new.get("required", []))
    for name, schema in before.items():
        at = f"{path}.{name}".lstrip(".")
        if name not in after:
            yield Break(at, "field removed")
            continue
        if (name in needed) != (name in needs):
            yield Break(at, "now required" if name in needs else "no longer required")
        yield from _compare(schema, after[name], at)
    for name in (name for name in after if name not in before):
        if name in needs:
            yield Break(f"{path}.{name}".lstrip("."), "new required field")


def _disclosure(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    change = (old.get(_DISCLOSURE), new.get(_DISCLOSURE))
    if change[0] != change[1] and change != ("consented", "internal"):
        yield Break(path, f"disclosure {change[0]} became {change[1]}")


def _variants(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    pairs = zip_longest(old.get("anyOf", []), new.get("anyOf", []))
    for number, (before, after) in enumerate(pairs):
        if before is None or after is None:
            yield Break(path, "a variant was added" if before is None else "a variant was removed")
        else:
            yield from _compare(before, after, f"{path}|{number}")


def _keywords(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    """What is compared as a value: type, enum, const, format, default, bounds, and what nobody knows."""
    compared = {"properties", "required", "anyOf", _DISCLOSURE}
    for keyword in sorted((old.keys() | new.keys()) - compared):
        before, after = old.get(keyword), new.get(keyword)
        nested = keyword in {"items", "additionalProperties", "propertyNames"}
        if nested and isinstance(before, dict) and isinstance(after, dict):
            continue
        if _value(keyword, before) != _value(keyword, after):
            yield Break(path, f"{keyword} changed")


def _value(keyword: str, value: Any) -> Any:
    return sorted(map(str, value)) if keyword == "enum" and value is not None else value
