"""Tables and columns as the schemas say them."""

import re
from collections.abc import Mapping
from pathlib import Path

_TABLE = re.compile(r"^create table (\w+) \((.*?)\)(?: with \(.*?\))?;", re.MULTILINE | re.DOTALL)
_COLUMN = re.compile(r"^\s*(\w+) (\w+(?:\[\])?)", re.MULTILINE)
_NO_COLUMNS = {"check", "primary", "unique", "constraint", "foreign", "exclude", "select", "where"}
_CLASSES: Mapping[str, str] = {
    **dict.fromkeys(["uuid", "uuid[]", "subject"], "Kennung"),
    **dict.fromkeys(["code", "ags", "postcode", "language_tag", "text", "text[]"], "Schlüsselwert"),
    **dict.fromkeys(["coded", "fault", "recurrence"], "Schlüsselwert"),
    **dict.fromkeys(["date", "timestamp", "timestamp[]", "timestamptz", "time", "interval"], "Zeit"),
    **dict.fromkeys(["tstzrange", "tstzmultirange"], "Zeit"),
    **dict.fromkeys(["smallint", "integer", "bigint", "numeric", "boolean"], "Zahl"),
    **dict.fromkeys(["bytea", "bytea[]"], "Chiffrat oder Prüfsumme"),
    "hex_digest": "Prüfsumme",
}
"""Type -> what a reader of the register calls it; tests/shared/test_columns.py holds that text is coded."""


def tables(folder: Path) -> dict[str, dict[str, list[str]]]:
    """Table -> class -> its columns. Raises KeyError for a type that has no class yet."""
    sql = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql")))
    plain = re.sub(r"--.*$", "", sql, flags=re.MULTILINE)
    return {name: _classes(body) for name, body in _TABLE.findall(plain)}


def _classes(body: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, type_ in _COLUMN.findall(_flat(body)):
        if name not in _NO_COLUMNS:
            found.setdefault(_CLASSES[type_], []).append(name)
    return found


def _flat(body: str) -> str:
    """A column a line: what stands in brackets is left out, which is where commas and lines of others stand."""
    while (shorter := re.sub(r"\([^()]*\)", "", body)) != body:
        body = shorter
    return "\n".join(body.split(","))
