"""The hand-over of sealed blocks, against a real HTTP server that speaks intake's route."""

import asyncio
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from services.person import commands, store
from services.person.handover import Handover
from services.person.vault import Vault
from shared.contracts.person import ConsentGiven, PersonRegistered
from shared.contracts.vocabulary import Recipient
from shared.database import Database
from shared.sealing import SealedContact, seal
from tests.person.intake_server import IntakeServer
from tests.person.people import (
    CANARIES,
    CONTACT,
    consent_given,
    fail_at_commit,
    found_in_tables,
    hear_enquiry,
    published,
)


async def stored(database: Database, vault: Vault, enquiry_id: UUID) -> SealedContact:
    async with database.read() as conn:
        person_id = await store.person_of(conn, enquiry_id)
        return vault.unlock(person_id, await store.locked_contact(conn, person_id))


async def counts(database: Database) -> dict[str, int]:
    async with database.read() as conn:
        return await store.count_fetches(conn)


async def time_passes(database: Database) -> None:
    """Every pause between two attempts is over."""
    await database.pool.execute("update fetch_due set next_at = next_at - interval '1 day'")


async def test_a_block_is_fetched_opened_stored_and_made_known_with_its_consents(
    database: Database, vault: Vault, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    given = [consent_given(), consent_given(Recipient.KIM)]
    enquiry_id = await hear_enquiry(database, given)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)

    await handover.run(database)

    registered, *consents = await published(database)
    assert isinstance(registered, PersonRegistered)
    assert registered.enquiry_id == enquiry_id
    assert [consent.consent_id for consent in consents if isinstance(consent, ConsentGiven)] == [
        consent.consent_id for consent in given
    ]
    assert await stored(database, vault, enquiry_id) == CONTACT
    assert await counts(database) == {}


async def test_nothing_that_somebody_said_stands_in_clear_in_any_table(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    assert await found_in_tables(database, str(enquiry_id)), "the search finds what is there"
    assert await found_in_tables(database, *CANARIES) == []


async def test_the_loop_run_again_does_nothing_more(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    await time_passes(database)
    await handover.run(database)
    assert intake.asked == [enquiry_id]
    assert len(await published(database)) == 1


async def test_a_commit_that_fails_after_the_fetch_is_made_up_for_by_the_next_attempt(
    database: Database, vault: Vault, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database, [consent_given()])
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await fail_at_commit(database, "outbox")
    with pytest.raises(asyncpg.RaiseError):
        await handover.run(database)
    assert await published(database) == []
    assert await counts(database) == {"due": 1}

    await database.pool.execute("drop trigger refused on outbox")
    await handover.run(database)
    assert intake.asked == [enquiry_id], "it waits for its pause to end"
    await time_passes(database)
    await handover.run(database)

    assert len(await published(database)) == 2
    assert await stored(database, vault, enquiry_id) == CONTACT


async def test_two_processes_that_fetch_the_same_block_register_one_person(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    together = asyncio.Barrier(2)

    async def second_claim() -> None:
        if len(intake.asked) == 1:
            await time_passes(database)
            second = asyncio.create_task(handover.run(database))
            async with asyncio.timeout(10):
                await together.wait()
            tasks.append(second)
        else:
            await together.wait()

    tasks: list[asyncio.Task[None]] = []
    intake.meanwhile = second_claim
    await handover.run(database)
    await asyncio.gather(*tasks)
    assert intake.asked == [enquiry_id, enquiry_id]
    assert len(await published(database)) == 1


async def test_while_intake_is_away_the_pauses_grow_and_nothing_is_given_up(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    intake.away = True
    pauses = []
    for _ in range(3):
        await time_passes(database)
        await handover.run(database)
        pauses.append(await database.pool.fetchval("select next_at - now() from fetch_due"))
    assert timedelta(seconds=5) < pauses[0] < pauses[1] < pauses[2]
    assert await counts(database) == {"due": 1}

    intake.away = False
    await time_passes(database)
    await handover.run(database)
    assert len(await published(database)) == 1


async def test_a_block_that_no_key_of_ours_opens_is_marked_and_holds_up_nobody_else(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    lost = await hear_enquiry(database)
    intake.blocks[lost] = seal(bytes(PrivateKey.generate().public_key), CONTACT)
    unreadable = await hear_enquiry(database)
    intake.blocks[unreadable] = SealedBox(PublicKey(public_key)).encrypt(b"{}")
    missing = await hear_enquiry(database)
    good = await hear_enquiry(database)
    intake.blocks[good] = seal(public_key, CONTACT)

    await handover.run(database)

    assert await counts(database) == {"undecipherable": 1, "unreadable": 1, "missing": 1}
    assert intake.asked == [lost, unreadable, missing, good]
    assert [event.type for event in await published(database)] == ["person.registered.v1"]
    await time_passes(database)
    await handover.run(database)
    assert len(intake.asked) == 4


async def test_failed_fetches_are_tried_again_when_an_operator_says_so(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    await handover.run(database)
    assert await counts(database) == {"missing": 1}
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    async with database.transaction() as conn:
        assert await store.retry_failed(conn, await conn.fetchval("select now()")) == 1
    await handover.run(database)
    assert await counts(database) == {}


async def test_who_is_erased_while_the_block_is_on_its_way_stays_erased(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    enquiry_id = await hear_enquiry(database)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)

    async def erase() -> None:
        async with database.transaction() as conn:
            await commands.erase(conn, await store.person_of(conn, enquiry_id), timedelta(minutes=1))

    intake.meanwhile = erase
    await handover.run(database)
    assert [event.type for event in await published(database)] == ["person.erased.v1"]
    assert await database.pool.fetchval("select count(*) from person where contact is not null") == 0


async def test_of_a_consent_revoked_before_registration_only_the_revocation_is_told(
    database: Database, public_key: bytes, intake: IntakeServer, handover: Handover
) -> None:
    consent = consent_given()
    enquiry_id = await hear_enquiry(database, [consent])
    async with database.transaction() as conn:
        await commands.revoke_consent(conn, enquiry_id, consent.consent_id)
    intake.blocks[enquiry_id] = seal(public_key, CONTACT)
    await handover.run(database)
    told = [event.type for event in await published(database)]
    assert told == ["person.consent.revoked.v1", "person.registered.v1"]
