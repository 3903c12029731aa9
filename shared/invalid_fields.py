"""Which fields of a request are wrong, said without repeating what was sent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core.core_schema import ErrorType

_BUILT_IN = frozenset(get_args(ErrorType))
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,40}")
_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not known here",
    "json_invalid": "is not valid JSON",
    "json_type": "is not valid JSON",
    "string_type": "must be a string",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not have the required form",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "too_short": "must have at least {min_length} entries",
    "too_long": "must have at most {max_length} entries",
    "enum": "must be one of {expected}",
    "literal_error": "must be one of {expected}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "uuid_type": "must be a UUID",
    "uuid_parsing": "must be a UUID",
    "timezone_aware": "must have an offset from UTC",
    "datetime_past": "must be in the past",
    "datetime_future": "must be in the future",
    "date_past": "must be in the past",
    "date_future": "must be in the future",
}
"""Rules by pydantic's name. What stands in braces comes from the schema, never from the request."""


class InvalidField(BaseModel):
    """`field` is a path such as `languages.0`; `code` names the rule for machines, `message` for people."""

    field: str
    code: str
    message: str


def invalid_fields(errors: Sequence[Mapping[str, Any]]) -> list[InvalidField]:
    """From pydantic's errors, of which `input`, `url` and the rest of `ctx` are dropped."""
    return [InvalidField(field=_path(error), code=_code(error["type"]), message=_message(error)) for error in errors]


def _path(error: Mapping[str, Any]) -> str:
    """Without the part of the request it stands in. A key that is no plain name may be data: `*`."""
    place, *steps = error["loc"]
    if not steps or error["type"] == "json_invalid":
        return str(place)
    return ".".join(str(s) if isinstance(s, int) or _PLAIN_NAME.fullmatch(s) else "*" for s in steps)


def _code(kind: str) -> str:
    return kind.replace("_", "-")


def _message(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _MESSAGES:
        return _MESSAGES[kind].format_map(context)
    if kind not in _BUILT_IN:
        return str(error["msg"])
    return _literal_of(context.get("error")) or "is not valid"


def _literal_of(error: object) -> str | None:
    """The text of a validator's own error, if it is a literal in its code: only then it holds no input."""
    if not isinstance(error, Exception) or error.__traceback__ is None:
        return None
    last = error.__traceback__
    while last.tb_next is not None:
        last = last.tb_next
    text = str(error)
    return text if text in last.tb_frame.f_code.co_consts else None
