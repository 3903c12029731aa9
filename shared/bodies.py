"""What the bodies of an API are made of: strict objects, and text in which nothing hides."""

import re
import unicodedata
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError, core_schema

_HIDDEN = frozenset({"Cc", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories: controls, surrogates, private code points, line and paragraph separators."""
_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They make a text read as another one (https://www.unicode.org/reports/tr36/)."""
_NEVER_CONVERTED = frozenset({"int", "bool", "float"})
_MOMENTS = {
    "date": (re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII), "must be a date such as 2027-01-31"),
    "time": (re.compile(r"\d{2}:\d{2}", re.ASCII), "must be a time such as 09:30"),
    "datetime": (re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}", re.ASCII), "must be such as 2027-01-31T09:30:00Z"),
}
"""How RFC 3339 begins them, by pydantic's name of their type."""


def _make_strict(schema: Any) -> None:
    """JSON has numbers and truth values of its own, so none is read from a string, and no moment from a number."""
    if isinstance(schema, dict):
        for part in schema.values():
            _make_strict(part)
        if schema.get("type") in _NEVER_CONVERTED:
            schema["strict"] = True
        if schema.get("type") in _MOMENTS:
            inner = dict(schema)
            schema.clear()
            schema |= core_schema.no_info_before_validator_function(partial(_is_moment, inner["type"]), inner)
    elif isinstance(schema, list | tuple):
        for part in schema:
            _make_strict(part)


def _is_moment(kind: str, value: Any) -> Any:
    """Pydantic would read a number, or digits, as the seconds since 1970."""
    form, message = _MOMENTS[kind]
    if isinstance(value, str | int | float) and not (isinstance(value, str) and form.match(value)):
        raise PydanticCustomError(f"{kind}_form", message)
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(partial(_is_moment, "datetime"))]
"""For a query string: RFC 3339 with an offset, and never a number of seconds."""


class Body(BaseModel):
    """A request's body. Unknown members are refused, and so are numbers and truth values sent as strings.

    Dates and times are strings as in RFC 3339.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        schema = handler(source)
        _make_strict(schema)
        return schema


@dataclass(frozen=True)
class Text:
    """`Annotated[str, Text(200)]`: text of people, trimmed, in NFC, 1 to 200 characters; `lines`: several.

    Control characters, overrides of direction and private code points are refused.
    """

    longest: int
    shortest: int = 1
    lines: bool = False

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(min_length=self.shortest, max_length=self.longest)
        return core_schema.no_info_before_validator_function(self._clean, text)

    def _clean(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\t", " ")).strip()
        if any(self._hides(character) for character in text):
            raise PydanticCustomError("hidden_character", "must not hold control characters")
        return text

    def _hides(self, character: str) -> bool:
        if character == "\n":
            return not self.lines
        return character in _OVERRIDES or unicodedata.category(character) in _HIDDEN


def _binds_to_a_gender(binding: bool, known: ValidationInfo) -> bool:  # noqa: FBT001 - a validator
    if binding and known.data.get("gender") is None:
        raise ValueError("stands only where there is a gender")
    return binding


GenderBinding = Annotated[bool, AfterValidator(_binds_to_a_gender)]
"""Of a body's `gender`, which stands before it and without which it cannot be true."""
