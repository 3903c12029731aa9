"""The embedded servers, their roles and their topics."""

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from deploy.database.setup import database_url, passwords, service_url, set_up
from deploy.kafka.topics import SERVICES, Compaction, ensure_topics
from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from shared.municipalities import BY_AGS

pytestmark = pytest.mark.chaos


async def test_a_role_enters_its_own_database_and_no_other_one(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    secrets = passwords(postgres.home / "secrets")
    for _ in range(2):
        await set_up(postgres.url(), secrets)
    own = service_url(postgres.url(), "scheduling", secrets["scheduling"])
    conn = await asyncpg.connect(own)
    await conn.execute(
        "create table busy (during tstzrange, room int, exclude using gist (room with =, during with &&))"
    )
    await conn.close()
    for other in ("kim_case", "kim_person", "postgres", "template1"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(database_url(own, other))


async def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url().replace(":", ":x", 2).replace(":x//", "://"))


async def test_committed_data_survives_a_crash(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    conn = await asyncpg.connect(postgres.url())
    await conn.execute("create table kept as select 1 as one")
    postgres.kill()
    postgres.start()
    conn = await asyncpg.connect(postgres.url())
    assert await conn.fetchval("select one from kept") == 1
    await conn.close()


def test_secrets_are_for_their_owner_alone(postgres: EmbeddedPostgres) -> None:
    assert postgres.url() == postgres.url()
    (file,) = (postgres.home / "secrets").iterdir()
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


async def test_topics_are_made_once_and_reconfigured_after(kafka: EmbeddedKafka) -> None:
    kafka.start()
    expected = len(SERVICES) + len(BY_AGS) + len(SERVICES) ** 2
    assert await ensure_topics(kafka.bootstrap) == expected
    assert await ensure_topics(kafka.bootstrap, Compaction(segment_ms=1234)) == 0
    kafka.restart()
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    await admin.start()
    (case,) = await admin.describe_topics(["kim.case.v1"])
    settings = await _settings(admin, "kim.case.v1")
    await admin.close()
    assert len(case["partitions"]) == 6
    assert (settings["segment.ms"], settings["cleanup.policy"], settings["retention.ms"]) == ("1234", "compact", "-1")


async def _settings(admin: AIOKafkaAdminClient, topic: str) -> dict[str, str]:
    (answer,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {entry[0]: entry[1] for entry in answer.resources[0][4]}
