"""Re-wrapping the data keys of 100,000 persons by a new master key, against one bare UPDATE of the same rows.

Ours is what the operator's command does: batches of 500 rows, each locked, opened, wrapped anew and committed.
"""

from base64 import b64encode
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from time import perf_counter

from rich.progress import Progress

from bench.figures import Asked, Figure, compare
from bench.world import World
from services.person import master_key, rotation
from services.person.app import SCHEMA
from services.person.crypto import Key, person_owner
from services.person.vault import Vault
from shared.clock import now
from shared.database import Database
from shared.ids import new_id
from shared.settings import Settings

PERSONS, CONTACT_BYTES = 100_000, 300
_BARE = """
    create table bare (like person including all);
    insert into bare select * from person;
    create table version (version smallint primary key);
    insert into version select generate_series(1, 99);
    alter table bare add foreign key (master_version) references version
"""


async def rewrapping(world: World, persons: int = PERSONS) -> list[Figure]:
    url, folder = await world.database_url(SCHEMA), world.server.home / "rewrapping"
    folder.mkdir()
    settings, versions = Settings(database_url=url, secrets_dir=folder), count(2)
    database = await Database.connect(url, transaction_timeout=120)
    await _fill(database, settings, persons)

    async def ours() -> Sequence[float]:
        version = next(versions)
        _put(folder, version)
        started = perf_counter()
        await rotation.rotate(database, settings, version, Progress(disable=True))
        return [persons / (perf_counter() - started)]

    async def bare() -> Sequence[float]:
        version = await database.pool.fetchval("select max(version) from master_key")
        started = perf_counter()
        await database.pool.execute("update bare set data_key = $1, master_version = $2", bytes(72), version)
        return [persons / (perf_counter() - started)]

    asked = [Asked(f"re-wrapping {persons:,} keys", "keys/s", "as it is")]
    figures = await compare(asked, ours, bare, __doc__.splitlines()[-1])
    await database.close()
    return figures


async def _fill(database: Database, settings: Settings, persons: int) -> None:
    _put(settings.secrets_dir, master_key.FIRST)
    vault, contact = Vault(settings), bytes(CONTACT_BYTES)
    async with database.transaction() as conn:
        await conn.copy_records_to_table(
            "person",
            columns=["id", "state", "data_key", "master_version", "contact", "changed_at"],
            records=(_person(vault, contact) for _ in range(persons)),
        )
        await conn.execute(_BARE)
    await database.pool.execute("analyze")


def _person(vault: Vault, contact: bytes) -> Sequence[object]:
    id = new_id()
    wrapped = vault.wrap(Key.new(), person_owner(id), master_key.FIRST)
    return (id, "registered", wrapped.secret, wrapped.master_version, contact, now())


def _put(folder: Path, version: int) -> None:
    path = folder / master_key.file_name(version)
    path.write_bytes(b64encode(Key.new().secret))
    path.chmod(0o600)
