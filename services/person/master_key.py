"""The master key: a file that the person service alone can read. Without it the vault stays shut."""

import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path
from secrets import token_hex

from services.person.crypto import Key, MasterKey

FILE_NAME = "person-master.key"
VERSION = 1


class MasterKeyUnusable(Exception):
    """Its message says in one sentence what is wrong with the file and what to do."""


def read(secrets_dir: Path, *, may_make: bool) -> MasterKey:
    """The master key in `secrets_dir`: base64 of 32 bytes, mode 0600. Raises MasterKeyUnusable.

    A missing file is made where `may_make`: in development only, since a new key opens nothing that an old one shut.
    """
    path = secrets_dir / FILE_NAME
    if may_make and not path.exists():
        _make(path)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise MasterKeyUnusable(f"{FILE_NAME} is open to others: set its mode to 0600.")
        return MasterKey(VERSION, Key(b64decode(path.read_bytes().strip(), validate=True)))
    except OSError:
        raise MasterKeyUnusable(f"{FILE_NAME} cannot be read in KIM_SECRETS_DIR: restore it there.") from None
    except ValueError:
        raise MasterKeyUnusable(f"{FILE_NAME} is not base64 of 32 bytes: restore it from its backup.") from None


def _make(path: Path) -> None:
    """All or nothing, and one for all where several processes start: `link` never replaces a file."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{FILE_NAME}.{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(b64encode(Key.new().secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
