"""`python -m deploy.register [--check]`: docs/verzeichnis.md, the record of processing activities (Art. 30 GDPR).

What is processed is read from schemas and contracts, why from activities.toml; a table without a sentence is refused.
`--check` writes nothing; it exits with 1 where the file is out of date.
"""

import argparse
import sys
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from deploy.register.schema import tables
from services.coordination.projection import PUBLISHED
from services.openapi import SERVICES
from services.person import retention
from services.person.retention import Periods
from shared.contracts.base import CONSENTED, OPEN, Event, disclosure_of
from shared.contracts.erasure import ErasureCompleted
from shared.contracts.registry import EVENTS
from shared.database import RUNTIME_SCHEMA
from shared.settings import Settings

SERVICES_FOLDER = Path(__file__).parents[2] / "services"
SOURCE = Path(__file__).with_name("activities.toml")
FILE = Path(__file__).parents[2] / "docs" / "verzeichnis.md"
Activities = Mapping[str, Any]


class TableWithoutSentence(Exception):
    """A table is not in activities.toml, or one that is there is in no schema."""


def text() -> str:
    """The whole register, in German, since it is for a German authority. Raises TableWithoutSentence."""
    said = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    return "\n".join(
        [
            *_head(said),
            *_periods(retention.read(None)),
            *(line for name in SERVICES for line in _activity(name, said[name])),
            *_common(said),
        ]
    )


def _head(said: Activities) -> Iterator[str]:
    yield "# Verzeichnis von Verarbeitungstätigkeiten (Art. 30 Abs. 1 DSGVO)\n"
    yield "Erzeugt aus Schemata und Verträgen: `python -m deploy.register`."
    yield "Angaben in spitzen Klammern ergänzt der Betreiber.\n"
    yield f"- Verantwortlich: {said['controller']}"
    yield f"- Datenschutz: {said['officer']}"
    yield f"- Drittländer: {_line(said['third_countries'])}"
    yield f"- Technische und organisatorische Maßnahmen (Art. 32 DSGVO): {_line(said['measures'])}\n"


def _periods(periods: Periods) -> Iterator[str]:
    """As KIM has them; an operator's file (KIM_RETENTION_FILE) takes their place."""
    yield "## Löschfristen\n"
    yield "| Daten | Frist | Grund | Quelle |"
    yield "|---|---|---|---|"
    for period in (getattr(periods, name) for name in Periods.model_fields):
        source = f"{period.source} (angenommen; legt der Verantwortliche fest)" if period.assumed else period.source
        yield f"| {period.what} | {period} | {period.why} | {source} |"
    yield ""


def _activity(name: str, said: Activities) -> Iterator[str]:
    yield f"## {said['activity']} (`{name}`)\n"
    yield f"- Zweck: {said['purpose']}"
    yield f"- Rechtsgrundlage: {said['basis']}"
    yield f"- Betroffene: {', '.join(said['subjects'])}"
    yield f"- Löschung: {said['erasure']}\n"
    yield from _tables(SERVICES_FOLDER / name / "schema", said["tables"])
    yield from _events(name)


def _tables(folder: Path, said: Mapping[str, str]) -> Iterator[str]:
    found = tables(folder)
    if missing := found.keys() ^ said.keys():
        raise TableWithoutSentence(f"{folder}: {', '.join(sorted(missing))}")
    yield "| Daten | Felder |"
    yield "|---|---|"
    for table, classes in found.items():
        fields = "; ".join(f"{each}: {', '.join(columns)}" for each, columns in sorted(classes.items()))
        yield f"| {said[table]} (`{table}`) | {fields} |"
    yield ""


def _events(name: str) -> Iterator[str]:
    yield "| Ereignis | Empfänger im System | Koordinierungsstelle: offen | nur mit Einwilligung |"
    yield "|---|---|---|---|"
    for event in (each for each in EVENTS.values() if each.topic == f"kim.{name}.v1"):
        shown = [_fields(event, each) if event in PUBLISHED else "" for each in (OPEN, CONSENTED)]
        yield f"| `{event.type}` | {', '.join(_readers(event))} | {' | '.join(shown)} |"
    yield ""


def _readers(event: type[Event]) -> list[str]:
    if issubclass(event, ErasureCompleted):
        return ["person"]  # which reads the log itself, for the receipt
    return [name for name, heard in _reactions().items() if event in heard]


@cache
def _reactions() -> Mapping[str, frozenset[type[Event]]]:
    """Service -> the events that it hears."""
    settings = Settings.model_construct()
    return {name: frozenset(build(settings).reactions) for name, build in SERVICES.items()}


def _fields(event: type[Event], disclosure: object) -> str:
    return ", ".join(name for name in event.model_fields if disclosure_of(event, name) is disclosure)


def _common(said: Activities) -> Iterator[str]:
    yield "## In jedem Dienst\n"
    yield from _tables(RUNTIME_SCHEMA, said["runtime"])


def _line(paragraph: str) -> str:
    return " ".join(paragraph.split())


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.register", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is out of date")
    check = parser.parse_args(arguments).check
    wanted = text()
    if FILE.exists() and FILE.read_text(encoding="utf-8") == wanted:
        return 0
    if not check:
        FILE.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"{'out of date' if check else 'written'}: docs/{FILE.name}\n")
    return 1 if check else 0


if __name__ == "__main__":
    sys.exit(main())
