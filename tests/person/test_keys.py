"""Pairs for sealing rotate; an old private key stays while a block may need it, and then it is gone."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.person import keys
from services.person.crypto import unseal
from services.person.handover import Handover
from services.person.key_store import PublicKey
from services.person.keys import GRACE, USED_FOR
from services.person.master_key import file_name
from services.person.vault import Vault
from shared.clock import now
from shared.database import Database
from shared.sealing import seal
from shared.secret_file import SecretUnusable
from shared.settings import Settings
from tests.person.intake_server import IntakeServer
from tests.person.people import CONTACT, hear_enquiry, published

DAY = timedelta(days=1)


async def current(database: Database, vault: Vault) -> PublicKey:
    async with database.transaction() as conn:
        return await keys.public_key(conn, vault)


async def rotate(database: Database, vault: Vault) -> int:
    async with database.transaction() as conn:
        return await keys.rotate(conn, vault)


async def destroy_old(database: Database) -> int:
    async with database.transaction() as conn:
        return await keys.destroy_old(conn)


async def age(database: Database, by: timedelta) -> None:
    await database.pool.execute(
        "update sealing_key set made_at = made_at - $1::interval, retired_at = retired_at - $1::interval", by
    )


async def test_processes_that_ask_together_are_given_the_same_pair(database: Database, vault: Vault) -> None:
    found = await asyncio.gather(*(current(database, vault) for _ in range(5)))
    assert len({key.id for key in found}) == 1


async def test_a_pair_is_replaced_when_it_has_been_used_for_long_enough(database: Database, vault: Vault) -> None:
    first = await current(database, vault)
    assert await rotate(database, vault) == 0
    await age(database, USED_FOR + DAY)
    assert await rotate(database, vault) == 1
    assert await rotate(database, vault) == 0
    second = await current(database, vault)
    assert second.id != first.id
    async with database.read() as conn:
        opening = await keys.private_keys(conn, vault)
    assert unseal(opening, seal(first.public_key, CONTACT)) == unseal(opening, seal(second.public_key, CONTACT))


async def test_rotation_makes_the_first_pair(database: Database, vault: Vault) -> None:
    assert await rotate(database, vault) == 1
    assert await rotate(database, vault) == 0


async def test_a_retired_private_key_is_destroyed_after_its_grace(database: Database, vault: Vault) -> None:
    await current(database, vault)
    await age(database, USED_FOR + DAY)
    await rotate(database, vault)
    assert await destroy_old(database) == 0
    await age(database, GRACE + DAY)
    assert await destroy_old(database) == 1
    assert await destroy_old(database) == 0
    async with database.read() as conn:
        assert len(await keys.private_keys(conn, vault)) == 1


async def test_a_retired_private_key_stays_while_a_block_that_may_need_it_is_due(
    database: Database, vault: Vault, intake: IntakeServer, handover: Handover
) -> None:
    old = await current(database, vault)
    await age(database, USED_FOR + DAY)
    await rotate(database, vault)
    await age(database, GRACE + DAY)
    enquiry_id = await hear_enquiry(database, received_at=now() - GRACE - DAY - DAY)
    intake.blocks[enquiry_id] = seal(old.public_key, CONTACT)

    assert await destroy_old(database) == 0
    await handover.run(database)
    assert len(await published(database)) == 1
    assert await destroy_old(database) == 1


async def test_enquiries_that_came_after_the_grace_hold_no_old_key(database: Database, vault: Vault) -> None:
    await current(database, vault)
    await age(database, USED_FOR + DAY)
    await rotate(database, vault)
    await age(database, GRACE + DAY)
    await hear_enquiry(database)
    assert await destroy_old(database) == 1


async def test_with_another_master_key_than_the_databases_the_vault_stays_shut(
    database: Database, vault: Vault, settings: Settings, tmp_path: Path
) -> None:
    await current(database, vault)
    (tmp_path / file_name(1)).unlink()
    with pytest.raises(SecretUnusable, match="restore that one"):
        await rotate(database, Vault(settings))


async def test_the_conflict_key_is_made_once(database: Database, vault: Vault) -> None:
    async def key() -> bytes:
        async with database.transaction() as conn:
            return (await keys.conflict_key(conn, vault)).secret

    assert len(set(await asyncio.gather(*(key() for _ in range(5))))) == 1
