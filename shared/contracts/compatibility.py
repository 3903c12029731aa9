"""May the contracts replace the released ones? `python -m shared.contracts.compatibility [--release]`

`released/` holds the schemas that readers outside rely on. What may change is said in `breaking`; `--release`
makes the present schemas the released ones, unless something breaks. Exits with 1 and names what does.
"""

import argparse
import json
import sys
from pathlib import Path

from shared.contracts.breaking import breaks
from shared.contracts.generate import text_of
from shared.contracts.registry import EVENTS
from shared.contracts.schemas import Schema, schema_of

RELEASED = Path(__file__).with_name("released")


def released(folder: Path = RELEASED) -> dict[str, Schema]:
    """Type -> schema, as released."""
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.schema.json"))
    }


def problems(folder: Path = RELEASED) -> list[str]:
    """What keeps the registry from being released over what is released: one line each."""
    found = []
    for name, old in released(folder).items():
        if name in EVENTS:
            found += [f"{name}: {each}" for each in breaks(old, schema_of(EVENTS[name]))]
        else:
            found.append(f"{name}: event removed")
    return found


def release(folder: Path = RELEASED) -> None:
    """Make the present schemas the released ones."""
    folder.mkdir(exist_ok=True)
    for event in EVENTS.values():
        (folder / f"{event.type}.schema.json").write_text(text_of(schema_of(event)), encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare the contracts with the released ones.")
    parser.add_argument("--release", action="store_true", help="release them, if nothing breaks")
    options = parser.parse_args(arguments)
    found = problems()
    for line in found:
        sys.stdout.write(f"breaking: {line}\n")
    if options.release and not found:
        release()
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
