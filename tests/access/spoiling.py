"""Good JSON spoiled in one place, in every way that needs no knowledge of what the place means."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple, TypeAlias

Step: TypeAlias = str | int
Place: TypeAlias = tuple[Step, ...]

CANARY = "Kanarienvogel"
"""Stands in whatever is sent wrongly; no answer may hold it."""
HIDDEN = tuple(f"{CANARY}{hidden}{CANARY}" for hidden in "\x00\x07\x7f\u0085\u202e\u2066\u2028\ue000")
"""With NUL, control characters, overrides of direction, a separator of lines, a private code point."""
OVERLONG = f"{CANARY}-" * 1000
ODD: tuple[Any, ...] = (True, 7, -1, 0.5, 10**30, CANARY, [CANARY], {CANARY: CANARY}, [[[]]])


class Spoiled(NamedTuple):
    place: str
    """Such as `languages.0`; empty: the body as a whole."""
    value: Any
    """What stands there."""
    body: Any


def spoiled(good: dict[str, Any], free_text: frozenset[str] = frozenset()) -> Iterator[Spoiled]:
    """Each differs from the good one in one place. In free text a strange word is none, but hidden characters are."""
    for place in places(good):
        original = at(good, place)
        for value in _wrong(original, is_free=dotted(place) in free_text):
            yield Spoiled(dotted(place), value, put(good, place, value))
    for place in [(), *places(good)]:
        if isinstance(at(good, place), dict):
            unknown = (*place, "unknown")
            yield Spoiled(dotted(unknown), CANARY, put(good, unknown, CANARY))


def _wrong(original: Any, *, is_free: bool) -> Iterator[Any]:
    if isinstance(original, str):
        yield from (*HIDDEN, OVERLONG)
    for value in ODD:
        if type(value) is not type(original) and not (is_free and isinstance(value, str)):
            yield value
    if isinstance(original, str) and not is_free:
        yield CANARY


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in it, without the whole: members of objects, and the first entries of lists."""
    steps: list[Step] = list(value) if isinstance(value, dict) else [0] if isinstance(value, list) and value else []
    for step in steps:
        yield (*here, step)
        yield from places(value[step], (*here, step))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def put(good: Any, place: Place, value: Any) -> Any:
    """A copy with this value at the place."""
    copy = deepcopy(good)
    at(copy, place[:-1])[place[-1]] = value
    return copy


def dotted(place: Place) -> str:
    return ".".join(map(str, place))
