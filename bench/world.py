"""The servers of a benchmark run: embedded, fresh, on ports of their own."""

import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.settings import ROOT
from shared.database import RUNTIME_SCHEMA, Database

PARTITIONS = 6
POSTGRES_PORT, KAFKA_PORT = 54390, 19390


@dataclass(frozen=True)
class World:
    server: EmbeddedPostgres
    broker: EmbeddedKafka

    @property
    def bootstrap(self) -> str:
        return self.broker.bootstrap

    async def database_url(self, *schemas: Path) -> str:
        """A new database with the runtime's schema and these."""
        name = f"b_{uuid.uuid4().hex[:10]}"
        conn = await asyncpg.connect(self.server.url("postgres"))
        await conn.execute(f"create database {name}")
        await conn.close()
        database = await Database.connect(self.server.url(name))
        await database.pool.execute("create extension if not exists btree_gist")
        await database.migrate(RUNTIME_SCHEMA, *schemas)
        await database.close()
        return self.server.url(name)

    async def topic(self, partitions: int = PARTITIONS) -> str:
        """A new, empty topic."""
        name = f"bench.{uuid.uuid4().hex[:10]}"
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap)
        await admin.start()
        await admin.create_topics([NewTopic(name, partitions, 1)])
        await admin.close()
        return name


@asynccontextmanager
async def world() -> AsyncIterator[World]:
    (ROOT / ".kim").mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / ".kim"))
    home.chmod(0o755)
    made = World(EmbeddedPostgres(home, POSTGRES_PORT), EmbeddedKafka(home, KAFKA_PORT))
    try:
        made.server.start()
        made.broker.start()
        yield made
    finally:
        made.broker.stop()
        made.server.stop()
        shutil.rmtree(home, ignore_errors=True)
