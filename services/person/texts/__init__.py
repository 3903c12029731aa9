"""The texts of messages, by language. None has a place for a topic: a subject line is read over a shoulder."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from shared.clock import BERLIN
from shared.contracts.vocabulary import Mode


@dataclass(frozen=True, slots=True)
class Place:
    """Where a talk takes place: `town` is the municipality whose offices they are, for those who come."""

    mode: Mode
    town: str


LANGUAGES = ("de", "en", "ar", "tr", "uk")
"""In the order of the lists in export.toml and words.toml."""
_BOTH = ("de", "en")
"""For whoever prefers a language that we have no texts in."""


def _read(language: str) -> Mapping[str, Mapping[str, Any]]:
    text = files("services.person.texts").joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


TEXTS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {language: _read(language) for language in LANGUAGES}


def in_languages(preferred: str, kind: str, values: Mapping[str, object]) -> tuple[str, str]:
    """Subject and text in the preferred language, or in German and English where we have none in that."""
    chosen = _chosen(preferred)
    subject = " / ".join(TEXTS[language][kind]["subject"] for language in chosen)
    text = "\n\n".join(TEXTS[language][kind]["text"].format_map(_all_shown(values, language)) for language in chosen)
    return subject, text + "\n"


def of_access(preferred: str, codes: Mapping[str, str], at: datetime) -> str:
    """Who read what and why (`codes`), as one line in the preferred language, or in both that we have for others."""
    return " / ".join(_line(TEXTS[language]["access"], codes, at) for language in _chosen(preferred))


def _line(texts: Mapping[str, Any], codes: Mapping[str, str], at: datetime) -> str:
    named = {name: texts[name].get(code, texts[name]["other"]) for name, code in codes.items()}
    return str(texts["line"]).format(at=_shown(at), **named)


def _chosen(preferred: str) -> tuple[str, ...]:
    return (preferred,) if preferred in TEXTS else _BOTH


def _all_shown(values: Mapping[str, object], language: str) -> dict[str, Any]:
    return {
        name: TEXTS[language]["place"][value.mode].format(town=value.town)
        if isinstance(value, Place)
        else _shown(value)
        for name, value in values.items()
    }


def _shown(value: object) -> Any:
    """A moment by the clocks of Berlin."""
    return value.astimezone(BERLIN) if isinstance(value, datetime) else value
