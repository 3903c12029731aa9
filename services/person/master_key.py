"""The master key: a file that the person service alone can read. Without it the vault stays shut."""

from base64 import b64decode, b64encode
from pathlib import Path

from services.person.crypto import Key, MasterKey
from shared.secret_file import SecretUnusable, read_or_make

FILE_NAME = "person-master.key"
VERSION = 1


def read(secrets_dir: Path, *, may_make: bool) -> MasterKey:
    """The master key in `secrets_dir`: base64 of 32 bytes, mode 0600. Raises SecretUnusable.

    A missing file is made where `may_make`: in development only, since a new key opens nothing that an old one shut.
    """
    content = read_or_make(secrets_dir / FILE_NAME, lambda: b64encode(Key.new().secret) + b"\n", may_make=may_make)
    try:
        return MasterKey(VERSION, Key(b64decode(content.strip(), validate=True)))
    except ValueError:
        raise SecretUnusable(f"{FILE_NAME} is not base64 of 32 bytes: restore it from its backup.") from None
