"""Passwords of the development stack: made once, kept in files only their owner reads."""

from pathlib import Path
from secrets import token_urlsafe

from shared.secret_file import read_or_make


def secret(directory: Path, name: str) -> str:
    """The secret of this name (URL-safe, 192 bits), made at the first call and the same ever after."""
    return read_or_make(directory / name, lambda: token_urlsafe(24).encode(), may_make=True).decode()
