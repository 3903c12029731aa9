"""The master key is replaced while the vault is at work, and afterwards the old one opens nothing and is not missed."""

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import asyncpg
import pytest
from rich.progress import Progress

from services.person import commands, keys, rotation
from services.person.crypto import Key, person_owner
from services.person.handover import Handover
from services.person.master_key import file_name
from services.person.store_master import KEPT
from services.person.vault import Vault, Wrapped
from shared.database import Database
from shared.ids import new_id
from shared.runtime import CommandRefused
from shared.sealing import seal
from shared.secret_file import SecretUnusable
from shared.settings import Settings
from tests.conftest import ROOT
from tests.person.caller import Registered
from tests.person.intake_server import IntakeServer
from tests.person.people import CANARIES, CONTACT, hear_enquiry
from tests.waiting import eventually

PEOPLE = 2 * rotation.BATCH + 100


@pytest.fixture(autouse=True)
def _opened(vault: Vault) -> None:
    """The first version is there."""
    vault.open()


def put_key(folder: Path, version: int) -> None:
    path = folder / file_name(version)
    path.write_bytes(b64encode(Key.new().secret))
    path.chmod(0o600)


async def people(database: Database, vault: Vault, number: int) -> None:
    """In the vault already, wrapped by the first version."""
    ids = [new_id() for _ in range(number)]
    locked = [vault.lock(each, CONTACT, 1) for each in ids]
    await database.pool.executemany(
        """
        insert into person (id, state, data_key, master_version, contact, changed_at)
        values ($1, 'registered', $2, 1, $3, now())
        """,
        [(each, one.data_key.secret, one.contact) for each, one in zip(ids, locked, strict=True)],
    )


async def versions(database: Database) -> dict[int, int]:
    """How many persons are wrapped by which version."""
    rows = await database.pool.fetch(
        "select master_version as v, count(*) as n from person where data_key is not null group by 1"
    )
    return {row["v"]: row["n"] for row in rows}


async def rotate(database: Database, settings: Settings, version: int) -> list[int]:
    return list(await rotation.rotate(database, settings, version, Progress(disable=True)))


async def readable(database: Database, vault: Vault) -> int:
    """How many contacts the vault opens: all of them, or it raises."""
    rows = await database.pool.fetch(
        "select id, data_key, master_version, contact from person where contact is not null"
    )
    for row in rows:
        data_key = vault.unwrap(Wrapped(row["data_key"], row["master_version"]), person_owner(row["id"]))
        assert CANARIES[0].encode() in data_key.decrypt(row["contact"], person_owner(row["id"]))
    return len(rows)


def start(settings: Settings, database_url: str) -> subprocess.Popen[str]:
    told = {"KIM_SECRETS_DIR": str(settings.secrets_dir), "DATABASE_URL": database_url, "KIM_TRANSACTION_TIMEOUT": "60"}
    return subprocess.Popen(
        [sys.executable, "-m", "services.person", "rotate-master-key"], cwd=ROOT, env=os.environ | told, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


async def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = await asyncio.to_thread(process.communicate, None, 60)
    return process.returncode, out, err


async def test_killed_in_the_middle_it_goes_on_and_meanwhile_people_are_read_and_registered(
    database: Database, database_url: str, vault: Vault, settings: Settings, tmp_path: Path,
    registered: Registered, handover: Handover, intake: IntakeServer, public_key: bytes,
) -> None:  # fmt: skip
    await people(database, vault, PEOPLE)
    put_key(tmp_path, 2)
    holding = await asyncpg.connect(database_url)
    await _stop_in_the_second_batch(holding)
    process = start(settings, database_url)

    async def in_the_middle() -> bool:
        waits = "select exists (select from pg_locks where locktype = 'advisory' and not granted)"
        return bool(await holding.fetchval(waits))

    await eventually(in_the_middle)
    assert (await versions(database))[2] == rotation.BATCH
    assert (await registered.case_manager.get(registered.contact)).json()["name"] == CANARIES[0]
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    process.send_signal(signal.SIGKILL)
    await ended(process)
    await holding.execute("drop trigger held on person")
    await holding.close()
    assert set(await versions(database)) == {1, 2}
    assert await readable(database, vault) == PEOPLE + 2

    code, out, _ = await ended(start(settings, database_url))
    done = "Every key is wrapped by version 2. person-master.key may be destroyed once no backup is kept from before.\n"
    assert (code, out) == (0, done)
    assert await versions(database) == {2: PEOPLE + 2}
    (tmp_path / file_name(1)).unlink()
    assert await readable(database, Vault(settings)) == PEOPLE + 2
    code, out, _ = await ended(start(settings, database_url))
    assert (code, out) == (0, "Nothing is older than version 2. For a rotation put person-master-3.key there.\n")


async def _stop_in_the_second_batch(holding: asyncpg.Connection) -> None:
    """The row at which it stops is changed only once `holding` has ended or the trigger is gone."""
    at = await holding.fetchval("select id from person order by id offset $1", rotation.BATCH + 50)
    await holding.execute(
        f"""
        create function hold() returns trigger language plpgsql as $$
            begin perform pg_advisory_xact_lock(4711); return new; end $$;
        create trigger held before update on person for each row when (old.id = '{at}') execute function hold();
        """
    )
    await holding.execute("select pg_advisory_lock(4711)")


async def test_all_kinds_of_keys_pass_and_open_as_before(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path, registered: Registered
) -> None:
    async with database.transaction() as conn:
        before = await keys.conflict_key(conn, vault), await keys.private_keys(conn, vault)
    put_key(tmp_path, 2)
    assert await rotate(database, settings, 2) == [1]
    (tmp_path / file_name(1)).unlink()
    async with database.transaction() as conn:
        fresh = Vault(settings)
        assert (await keys.conflict_key(conn, fresh), await keys.private_keys(conn, fresh)) == before
        assert await commands.preferred_language(conn, fresh, registered.person_id) == "ti"


async def test_every_table_that_names_a_version_of_the_master_key_is_passed_on(database: Database) -> None:
    named = "select table_name from information_schema.columns where column_name = 'master_version'"
    rows = await database.pool.fetch(named)
    assert sorted(row["table_name"] for row in rows) == sorted(kept.table for kept in KEPT), "each of them once"


async def test_a_destroyed_pair_does_not_hold_the_old_version_back(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path
) -> None:
    async with database.transaction() as conn:
        await keys.public_key(conn, vault)
    await database.pool.execute("update sealing_key set private_key = null, retired_at = now()")
    put_key(tmp_path, 2)
    assert await rotate(database, settings, 2) == [1]


async def test_it_refuses_to_end_while_a_key_of_the_old_version_is_held_and_ends_when_started_again(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "PAUSE", 0.01)
    await people(database, vault, 3)
    put_key(tmp_path, 2)
    async with database.transaction() as conn:
        await conn.execute("select from person order by id limit 1 for update")
        with pytest.raises(CommandRefused, match="1 keys are held"):
            await rotate(database, settings, 2)
    assert await rotate(database, settings, 2) == [1]
    assert await readable(database, Vault(settings)) == 3


async def test_once_an_old_version_has_ended_nobody_wraps_with_it_any_more(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path
) -> None:
    put_key(tmp_path, 2)
    await rotate(database, settings, 2)
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await people(database, vault, 1)


async def test_it_waits_for_a_transaction_that_is_about_to_wrap_with_the_old_version(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path
) -> None:
    put_key(tmp_path, 2)
    async with database.transaction() as conn:
        await keys.public_key(conn, vault)  # by version 1, not committed yet
        rotating = asyncio.create_task(rotate(database, settings, 2))

        async def waits() -> bool:
            return bool(await database.pool.fetchval("select exists (select from pg_locks where not granted)"))

        await eventually(waits)
    assert await rotating == [1]
    async with database.read() as conn:
        assert len(await keys.private_keys(conn, Vault(settings))) == 1


async def test_a_key_that_is_no_new_one_or_not_the_old_one_is_refused_before_anything_is_changed(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path
) -> None:
    await people(database, vault, 1)
    put_key(tmp_path, 2)
    (tmp_path / file_name(2)).write_bytes((tmp_path / file_name(1)).read_bytes())
    with pytest.raises(CommandRefused, match="copy of an older one"):
        await rotate(database, settings, 2)
    with pytest.raises(SecretUnusable, match=r"person-master-3[.]key cannot be read"):
        await rotate(database, settings, 3)
    put_key(tmp_path, 1)
    put_key(tmp_path, 2)
    with pytest.raises(CommandRefused, match=r"person-master[.]key does not open person"):
        await rotate(database, settings, 2)
    assert await versions(database) == {1: 1}


async def test_a_version_that_is_in_use_and_has_no_file_is_missed(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    put_key(tmp_path, 2)
    await rotate(database, settings, 2)
    (tmp_path / file_name(2)).unlink()
    with pytest.raises(CommandRefused, match=r"person-master-2[.]key is in use"):
        await rotate(database, settings, 1)
    async with database.transaction() as conn:
        with pytest.raises(SecretUnusable, match=r"person-master-2[.]key cannot be read"):
            await keys.public_key(conn, Vault(settings))
