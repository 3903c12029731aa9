"""What people call what stands in an export: its tables, its columns and every coded value, in each language."""

import re
import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Self

from babel import Locale

from services.person.texts import LANGUAGES
from services.person.texts import TEXTS as MESSAGES
from shared.clock import BERLIN
from shared.municipalities import BY_AGS

FREE = frozenset({"name", "contact", "message", "to", "subject", "text"})
"""Columns of what people wrote: shown as it is, whatever it looks like."""
_SAME = {
    "topics": "topic", "area": "topic", "areas": "topic", "status": "state", "needs": "kind", "service": "recipient",
    "services": "recipient", "owner": "party", "by": "party", "cancelled_by": "party", "home_ags": "ags",
    "answer": "state", "place": "ags", "languages": "language", "preferred_language": "language",
    "language_explained_in": "language",
}  # fmt: skip
"""Column -> vocabulary, where it is called otherwise."""
_ACCESS = {"role": "who", "what": "what", "why": "why"}
_MUNICIPALITY = "municipality-"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]|$)", re.ASCII)
_SPAN = re.compile(r'\["(?P<starts>[^"]+)","(?P<ends>[^"]+)"\)')


def _read(name: str) -> Mapping[str, Mapping[str, list[str]]]:
    return tomllib.loads(files("services.person.texts").joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def vocabulary(column: str) -> str:
    """Of what the values of that column are codes."""
    return _SAME.get(column, column)


class Words:
    """One language's. `page`: the texts of the page itself."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._cldr = Locale.parse(language)
        self.direction: str = self._cldr.text_direction
        """`ltr` or `rtl`."""
        texts = {section: self._own(keys) for section, keys in _read("export").items()}
        self.page, self.reasons, self.services = texts["page"], texts["reasons"], texts["services"]
        self.tables, self.columns = texts["tables"], texts["columns"]
        self.codes = {name: self._own(keys) for name, keys in _read("words").items()}
        """Vocabulary -> code -> word."""
        self.codes |= {column: MESSAGES[language]["access"][name] for column, name in _ACCESS.items()}
        self._named: Mapping[str, Callable[[str], str | None]] = {
            "language": self._language, "dialect": self._dialect, "ags": _town, "recipient": self._recipient,
            "weekday": self._weekday,
        }  # fmt: skip

    @classmethod
    def of_all(cls) -> Mapping[str, Self]:
        return MappingProxyType({language: cls(language) for language in LANGUAGES})

    def word(self, column: str, code: str) -> str | None:
        """None where the column holds no codes, or this one is unknown."""
        name = vocabulary(column)
        named = self._named[name](code) if name in self._named else None
        return named or self.codes.get(name, {}).get(code)

    def shown(self, column: str, value: Any) -> str:
        """As people write it: codes in words, moments by the clocks of Berlin, lists in one line."""
        match value:
            case None | []:
                return "-"
            case bool():
                return self.codes["truth"]["yes" if value else "no"]
            case list():
                return ", ".join(self.shown(column, each) for each in value)
            case dict():
                named = {name: each for name, each in value.items() if name in self.columns}
                return "\n".join(f"{self.columns[name]}: {self.shown(name, each)}" for name, each in named.items())
            case _ if column in FREE:
                return str(value)
        text = str(value)
        return self.word(column, text) or _moment(text) or _span(text) or text

    def _own(self, texts: Mapping[str, list[str]]) -> dict[str, str]:
        return {key: of_each[LANGUAGES.index(self.language)] for key, of_each in texts.items()}

    def _language(self, tag: str) -> str | None:
        return self.codes["language"].get(tag) or self._cldr.languages.get(tag)

    def _dialect(self, tag: str) -> str | None:
        language, _, region = tag.partition("-")
        return f"{self._language(language)} ({self._cldr.territories.get(region, region)})" if region else None

    def _weekday(self, number: str) -> str:
        return str(self._cldr.days["stand-alone"]["wide"][int(number)])

    def _recipient(self, code: str) -> str | None:
        """Case management of a municipality; the others are in the vocabulary."""
        town = _town(code.removeprefix(_MUNICIPALITY))
        return self.codes["recipient"]["municipality"].format(town=town) if town else None


def _town(ags: str) -> str | None:
    return BY_AGS[ags].name if ags in BY_AGS else None


def _moment(text: str) -> str | None:
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_day = len(text) == len("2026-11-24")
    return f"{moment:%d.%m.%Y}" if is_day else f"{moment.astimezone(BERLIN):%d.%m.%Y, %H:%M}"


def _span(text: str) -> str | None:
    """Of a range as PostgreSQL writes it, half open."""
    found = _SPAN.fullmatch(text)
    return f"{_moment(found['starts'])} - {_moment(found['ends'])}" if found else None
