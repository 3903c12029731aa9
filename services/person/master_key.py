"""The master keys: files that the person service alone can read. Without them the vault stays shut.

Which of them wraps what is new, the database says (table master_key): it changes for all processes at one moment.
"""

import re
from pathlib import Path

from services.person.crypto import Key, MasterKey
from shared.secret_file import read_key

FIRST = 1
_NAME = re.compile(r"person-master(?:-([2-9]|[1-9][0-9]{1,3}))?[.]key")


def file_name(version: int) -> str:
    """`person-master.key` is version 1, `person-master-2.key` version 2, and so on."""
    return "person-master.key" if version == FIRST else f"person-master-{version}.key"


def versions(secrets_dir: Path) -> list[int]:
    """Those of which there is a file, in order; at most 9999."""
    names = map(_NAME.fullmatch, (path.name for path in secrets_dir.glob("person-master*.key")))
    return sorted(int(name[1] or FIRST) for name in names if name)


def read(secrets_dir: Path, version: int) -> MasterKey:
    """The master key of that version in `secrets_dir`: base64 of 32 bytes, mode 0600. Raises SecretUnusable."""
    return MasterKey(version, Key(read_key(secrets_dir / file_name(version), may_make=False)))


def read_newest(secrets_dir: Path, *, may_make: bool) -> MasterKey:
    """The newest in `secrets_dir`. Raises SecretUnusable.

    Where there is none the first one is made where `may_make`: in development only, since a new key opens nothing that
    an old one shut.
    """
    version = max(versions(secrets_dir), default=FIRST)
    return MasterKey(version, Key(read_key(secrets_dir / file_name(version), may_make=may_make)))
