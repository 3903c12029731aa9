"""What people read, in German and English: a catalogue for each, and the languages that can be chosen."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from shared.contracts.vocabulary import DIALECTS

OWN, GERMAN, ENGLISH = range(3)


@dataclass(frozen=True)
class Catalogue:
    """Texts by key, such as `topic.housing`."""

    language: str
    """`de` or `en`."""
    texts: Mapping[str, str]

    def __call__(self, key: str, **values: Any) -> str:
        """The text, with `values` in place of its braces. Raises KeyError for one that is missing: a fault of ours."""
        return self.texts[key].format(**values) if values else self.texts[key]

    def get(self, key: str, otherwise: str) -> str:
        """For codes of a later version of a service: the text of `otherwise` where there is none of their own."""
        return self.texts.get(key) or self.texts[otherwise]

    def dialect_name(self, tag: str) -> str:
        """In this catalogue's language; an unknown tag is its own name."""
        return DIALECT_NAMES[tag][0 if self.language == "de" else 1] if tag in DIALECT_NAMES else tag

    def languages(self) -> list[str]:
        """All that have a name, in the order of their names."""
        return sorted(LANGUAGE_NAMES, key=self.language_name)

    def language_name(self, tag: str) -> str:
        """In this catalogue's language; an unknown tag is its own name."""
        return LANGUAGE_NAMES[tag][GERMAN if self.language == "de" else ENGLISH] if tag in LANGUAGE_NAMES else tag


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _catalogue(language: str) -> Catalogue:
    sections = _read(language)
    texts = {f"{section}.{key}": text for section, keys in sections.items() for key, text in keys.items()}
    return Catalogue(language, texts)


CATALOGUES: Mapping[str, Catalogue] = {language: _catalogue(language) for language in ("de", "en")}
LANGUAGE_NAMES: Mapping[str, list[str]] = _read("languages")
"""BCP 47 tag -> own name, German, English."""
ACCESS: Mapping[str, Mapping[str, str]] = _read("access")
"""BCP 47 tag -> heading and direction of who read my data: in each language that person's texts exist in."""
DIALECT_NAMES: Mapping[str, list[str]] = _read("dialects")
"""BCP 47 tag -> German, English."""
if set(DIALECT_NAMES) != set(DIALECTS):
    raise ValueError("dialects.toml does not name every dialect in use")
