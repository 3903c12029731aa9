"""The export as one file: everything as JSON, and pages to read in the participant's language, if we have texts."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.person.export import Export
from services.person.export_words import Words

NAME = "kim-data.zip"
WORDS = Words.of_all()
_BOTH = ("de", "en")
"""For whoever prefers a language that we have no texts in."""
_page = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "texts"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
).get_template("export.html")  # fmt: skip


def pack(export: Export) -> bytes:
    """A zip with `data.json` and a page in the preferred language, or in German and English."""
    chosen = (export.language,) if export.language in WORDS else _BOTH
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as file:
        file.writestr("data.json", json.dumps(export.as_json(), ensure_ascii=False, indent=1))
        for language in chosen:
            file.writestr(f"data.{language}.html", page(export, language))
    return packed.getvalue()


def page(export: Export, language: str) -> str:
    """What has a name for people, as HTML with every code in words; what is technical is in `data.json` alone."""
    return _page.render(export=export, made_at=export.made_at.isoformat(), words=WORDS[language])
