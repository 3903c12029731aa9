"""A secret in a file that its owner alone can read."""

import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_bytes, token_hex

KEY_SIZE = 32


class SecretUnusable(Exception):
    """Its message says in one sentence what is wrong with the file and what to do."""


def read_or_make(path: Path, make: Callable[[], bytes], *, may_make: bool) -> bytes:
    """The file's content; a missing file is made (mode 0600) where `may_make`. Raises SecretUnusable."""
    if may_make and not path.exists():
        _write_once(path, make())
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise SecretUnusable(f"{path.name} is open to others: set its mode to 0600.")
        return path.read_bytes()
    except OSError:
        raise SecretUnusable(f"{path.name} cannot be read in KIM_SECRETS_DIR: put it there.") from None


def read_key(path: Path, *, may_make: bool) -> bytes:
    """32 random bytes, in base64 in the file. Made and refused as by `read_or_make`. Raises SecretUnusable."""
    content = read_or_make(path, lambda: b64encode(token_bytes(KEY_SIZE)) + b"\n", may_make=may_make)
    try:
        key = b64decode(content.strip(), validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_SIZE:
        raise SecretUnusable(f"{path.name} is not base64 of {KEY_SIZE} bytes: restore it from its backup.")
    return key


def keep(path: Path, content: bytes) -> None:
    """Writes the file (mode 0600), whole or not at all; what was there is replaced."""
    _draft(path, content).replace(path)


def _write_once(path: Path, content: bytes) -> None:
    """Where several processes start together, the first one's file stays."""
    draft = _draft(path, content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(path: Path, content: bytes) -> Path:
    """On the disk, beside its place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
