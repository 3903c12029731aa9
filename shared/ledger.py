"""The ledger of erasures: outside the databases and their backups, so that a restore can be told what to erase again.

One line of JSON for each enquiry: the SHA-256 of its id and the day. Nobody is found by it who is not in the backup.
"""

import fcntl
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE_NAME = "erasures.jsonl"


class LedgerUnreadable(Exception):
    """Its message says in one sentence what is wrong and what to do: without the ledger nobody is served."""


@dataclass(frozen=True, slots=True)
class Entry:
    digest: bytes
    erased_on: date


@dataclass(frozen=True, slots=True)
class Ledger:
    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / FILE_NAME

    def entries(self) -> list[Entry]:
        """All of them, in the order of erasure; none where there is no file yet. Raises LedgerUnreadable."""
        try:
            lines = self.path.read_text(encoding="ascii").splitlines()
            return [_entry(line) for line in lines]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            raise LedgerUnreadable(
                f"{FILE_NAME} in KIM_LEDGER_DIR cannot be read: mend it from its copy before you start."
            ) from None

    def add(self, entries: Iterable[Entry]) -> None:
        """On the disk when it returns. What is there already is not written again, so it may be repeated."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.open("a", encoding="ascii") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            there = {entry.digest for entry in self.entries()}
            file.writelines(_line(entry) for entry in entries if entry.digest not in there)
            file.flush()
            os.fsync(file.fileno())


def _entry(line: str) -> Entry:
    found = json.loads(line)
    return Entry(bytes.fromhex(found["enquiry"]), date.fromisoformat(found["erased_on"]))


def _line(entry: Entry) -> str:
    return json.dumps({"enquiry": entry.digest.hex(), "erased_on": entry.erased_on.isoformat()}) + "\n"
