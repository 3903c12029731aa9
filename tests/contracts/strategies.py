"""Any value of a contract's field, by its type."""

from datetime import UTC, date, datetime, time
from enum import Enum
from functools import reduce
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from hypothesis import strategies as st
from pydantic import StringConstraints

from shared.contracts.base import Contract

_PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(st.characters(codec="utf-8"), max_size=20),
    int: st.integers(),
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(),
    time: st.times(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    NoneType: st.none(),
}


def instances(model: type[Contract]) -> st.SearchStrategy[Any]:
    """Valid instances of the contract."""
    hints = get_type_hints(model, include_extras=True)
    return st.builds(model, **{name: values(hints[name]) for name in model.model_fields})


def values(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        patterns = [mark.pattern for mark in hint.__metadata__ if isinstance(mark, StringConstraints)]
        return st.from_regex(patterns[0], fullmatch=True) if patterns and patterns[0] else values(arguments[0])
    if origin in (Union, UnionType):
        return reduce(lambda either, other: either | other, map(values, arguments))
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    return _of_class(hint)


def _of_class(kind: type) -> st.SearchStrategy[Any]:
    if issubclass(kind, Contract):
        return instances(kind)
    if issubclass(kind, Enum):
        return st.sampled_from(kind)
    return _PLAIN[kind]
