"""The master key's rotation, while the service goes on: every key that an older version wraps is wrapped by the newest.

It goes in batches, each a transaction: ended at any moment, it goes on where it was. At the end the database itself
sees to it that the older versions wrap nothing and never will again; only then may their files be destroyed.
"""

import asyncio
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import Progress

from services.person import master_key, store_master
from services.person.crypto import Undecipherable
from services.person.store_master import KEPT, Kept, Row
from services.person.vault import Vault
from shared.database import Connection, Database
from shared.runtime import CommandRefused
from shared.settings import Settings

BATCH = 500
"""Rows that are locked together, for some 20 ms."""
ROUNDS, PAUSE = 5, 0.5
"""A row that somebody has locked is passed over; so often it is looked for again, after so many seconds."""


async def command(settings: Settings) -> str:
    """For the operator. Raises CommandRefused, SecretUnusable."""
    version = max(master_key.versions(settings.secrets_dir), default=master_key.FIRST)
    database = await Database.connect(settings.database_url, transaction_timeout=settings.transaction_timeout, most=1)
    try:
        with Progress(console=Console(file=sys.stderr)) as progress:
            older = await rotate(database, settings, version, progress)
    finally:
        await database.close()
    files = ", ".join(map(master_key.file_name, older))
    return (
        f"Every key is wrapped by version {version}. {files} may be destroyed once no backup is kept from before."
        if older
        else f"Nothing is older than version {version}. For a rotation put {master_key.file_name(version + 1)} there."
    )


async def rotate(database: Database, settings: Settings, version: int, progress: Progress) -> Sequence[int]:
    """Passes every key to that version. Returns the versions that wrap nothing any more.

    Raises CommandRefused where rows remain, SecretUnusable.
    """
    vault = Vault(settings)
    older = await _begin(database, settings, version)
    if not older:
        return []
    for _ in range(ROUNDS):
        for kept in KEPT:
            await _pass(database, vault, kept, version, progress)
        if await _end(database, version):
            return older
        await asyncio.sleep(PAUSE)
    async with database.read() as conn:
        raise CommandRefused(f"{await _left(conn, version)} keys are held by others at the moment: start it again.")


async def _begin(database: Database, settings: Settings, version: int) -> Sequence[int]:
    """The older versions. Nothing is begun with a key that is there twice, or older than the one in use."""
    async with database.transaction() as conn:
        known = await store_master.versions(conn)
        if version < known[-1]:
            raise CommandRefused(
                f"{master_key.file_name(known[-1])} is in use and not in KIM_SECRETS_DIR: put it there."
            )
        older = [each for each in known if each != version]
        wanted = master_key.read(settings.secrets_dir, version)
        if wanted.key in [master_key.read(settings.secrets_dir, each).key for each in older]:
            raise CommandRefused(f"{master_key.file_name(version)} is a copy of an older one: make a new one.")
        await store_master.begin(conn, version)
        return older


async def _pass(database: Database, vault: Vault, kept: Kept, version: int, progress: Progress) -> None:
    async with database.read() as conn:
        left = await store_master.count(conn, kept, version)
    shown, after = progress.add_task(kept.table, total=left), None
    while True:
        async with database.transaction() as conn:
            rows = await store_master.batch(conn, kept, version, after, BATCH)
            await store_master.save(conn, kept, [_again(vault, kept, row, version) for row in rows], version)
        progress.advance(shown, len(rows))
        if len(rows) < BATCH:
            return
        after = rows[-1].key


def _again(vault: Vault, kept: Kept, row: Row, version: int) -> Row:
    owner = kept.owner(row.key)
    try:
        key = vault.unwrap(row.wrapped, owner)
    except Undecipherable:
        named = master_key.file_name(row.wrapped.master_version)
        raise CommandRefused(f"{named} does not open {kept.table} {row.key}: is it the right one?") from None
    return Row(row.key, vault.wrap(key, owner, version))


async def _end(database: Database, version: int) -> bool:
    async with database.transaction() as conn:
        await store_master.pass_destroyed(conn, version)
        return not await _left(conn, version) and await store_master.end_older(conn, version)


async def _left(conn: Connection, version: int) -> int:
    return sum([await store_master.count(conn, kept, version) for kept in KEPT])
