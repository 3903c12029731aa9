"""Passwords of the development stack: made once, kept in files only their owner reads."""

import os
import secrets
from pathlib import Path


def secret(directory: Path, name: str) -> str:
    """The secret of this name (URL-safe, 192 bits), made at the first call and the same ever after."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / name
    if not path.exists():
        making = directory / f"{name}.{os.getpid()}.making"
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
        making.rename(path)
    return path.read_text()
