"""The export as one file: everything as JSON, and pages to read in the participant's language, if we have texts."""

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.person.export import Export
from shared.clock import BERLIN

LANGUAGES = ("de", "en")
NAME = "kim-data.zip"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(T|$)", re.ASCII)


def _read(language: str) -> Mapping[str, Any]:
    text = files("services.person.texts").joinpath(f"export_{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


TEXTS: Mapping[str, Mapping[str, Any]] = {language: _read(language) for language in LANGUAGES}
_page = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "texts"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
).get_template("export.html")  # fmt: skip


def pack(export: Export) -> bytes:
    """A zip with `data.json` and a page in each language: the preferred one, or all that we have."""
    chosen = [export.language] if export.language in TEXTS else LANGUAGES
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(export.as_json(), ensure_ascii=False, indent=1))
        for language in chosen:
            file.writestr(f"data.{language}.html", page(export, language))
    return packed.getvalue()


def page(export: Export, language: str) -> str:
    """What has a name for people, as HTML; what is technical stands in `data.json` alone."""
    texts = TEXTS[language]
    made_at = export.made_at.isoformat()
    return _page.render(
        export=export, made_at=made_at, language=language, t=texts, shown=_shown, titles=texts["columns"]
    )


def _shown(value: Any) -> str:
    """As people write it: moments by the clocks of Berlin, codes without underscores, lists in one line."""
    if value is None or value == []:
        return "-"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return _moment(value) or value.replace("_", " ") if isinstance(value, str) else str(value)


def _moment(text: str) -> str | None:
    if not _ISO.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return f"{moment.astimezone(BERLIN):%d.%m.%Y, %H:%M}" if "T" in text else f"{moment:%d.%m.%Y}"
