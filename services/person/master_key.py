"""The master key: a file that the person service alone can read. Without it the vault stays shut."""

from pathlib import Path

from services.person.crypto import Key, MasterKey
from shared.secret_file import read_key

FILE_NAME = "person-master.key"
VERSION = 1


def read(secrets_dir: Path, *, may_make: bool) -> MasterKey:
    """The master key in `secrets_dir`: base64 of 32 bytes, mode 0600. Raises SecretUnusable.

    A missing file is made where `may_make`: in development only, since a new key opens nothing that an old one shut.
    """
    return MasterKey(VERSION, Key(read_key(secrets_dir / FILE_NAME, may_make=may_make)))
