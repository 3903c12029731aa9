"""`python -m shared.contracts.generate [--check]`: the machine-readable contracts, made from the registry.

Writes `generated/<type>.schema.json` for every event and `generated/asyncapi.json`, and removes the rest.
`--check` writes nothing; it exits with 1 and names what is out of date.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from shared.contracts.asyncapi import document
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Schema, schema_of

GENERATED = Path(__file__).with_name("generated")


def text_of(value: Schema) -> str:
    """As it stands in a file: stable, readable in a diff, with a last newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def wanted() -> dict[str, str]:
    """File name -> content."""
    schemas = {f"{event.type}.schema.json": text_of(schema_of(event)) for event in EVENTS.values()}
    return {**schemas, "asyncapi.json": text_of(document())}


def out_of_date(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Names of files that are missing, differ or are not wanted any more, sorted."""
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    return sorted(name for name in found.keys() | files.keys() if found.get(name) != files.get(name))


def write(folder: Path, files: Mapping[str, str]) -> list[str]:
    """Bring the folder up to date. Returns the names of what changed."""
    folder.mkdir(exist_ok=True)
    changed = out_of_date(folder, files)
    for name in changed:
        if name in files:
            (folder / name).write_text(files[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return changed


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args(arguments).check
    names = out_of_date(GENERATED, wanted()) if check else write(GENERATED, wanted())
    for name in names:
        sys.stdout.write(f"{'out of date' if check else 'written'}: {GENERATED.name}/{name}\n")
    return 1 if check and names else 0


if __name__ == "__main__":
    sys.exit(main())
