"""`python -m services.openapi [--check]`: `openapi.json` of every service, beside its code.

`--check` writes nothing; it exits with 1 and names what is out of date.
"""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from services.case.app import build as case
from services.coordination.app import build as coordination
from services.intake.app import build as intake
from services.interpreter.app import build as interpreter
from services.person.app import build as person
from services.scheduling.app import build as scheduling
from shared.contracts.generate import text_of
from shared.service import Service, create_app
from shared.settings import Settings

SERVICES: Mapping[str, Callable[[Settings], Service]] = {
    "case": case,
    "coordination": coordination,
    "intake": intake,
    "interpreter": interpreter,
    "person": person,
    "scheduling": scheduling,
}


def path_of(name: str) -> Path:
    return Path(__file__).parent / name / "openapi.json"


def wanted() -> dict[Path, str]:
    """File -> content, whatever the environment says."""
    settings = Settings.model_construct()
    return {path_of(name): text_of(create_app(build(settings), settings).openapi()) for name, build in SERVICES.items()}


def out_of_date(files: Mapping[Path, str]) -> list[Path]:
    """Files that are missing or differ."""
    return [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is out of date")
    check = parser.parse_args(arguments).check
    files = wanted()
    changed = out_of_date(files)
    for path in changed:
        if not check:
            path.write_text(files[path], encoding="utf-8")
        sys.stdout.write(f"{'out of date' if check else 'written'}: {path.parent.name}/{path.name}\n")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
