"""The servers of a benchmark run: embedded, fresh, on ports of their own."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.processes import Program, spawn, stop
from deploy.stack.settings import ROOT
from shared.database import RUNTIME_SCHEMA, Database

PARTITIONS = 6
POSTGRES_PORT, KAFKA_PORT = 54390, 19390
READY_LIMIT = 60


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
    async def service(self, name: str, port: int, database_url: str) -> AsyncIterator[None]:
        """A service of ours as its own process, ready."""
        told = {
            "DATABASE_URL": database_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "KIM_ENVIRONMENT": "development",
            "KIM_PORT": str(port),
            "KIM_SECRETS_DIR": str(self.server.home / "secrets"),
        }
        async with self.process(f"services.{name}", port, told):
            yield

    @asynccontextmanager
    async def process(self, module: str, port: int, variables: Mapping[str, str]) -> AsyncIterator[None]:
        """`python -m module` as its own process, once it answers that it is ready."""
        home = self.server.home
        running = spawn(
            Program(
                name=module,
                command=[sys.executable, "-m", module],
                log=home / "log" / f"{module}.log",
                record=home / "run" / f"{module}.json",
                environment=os.environ | variables,
                directory=ROOT,
            )
        )
        try:
            await _ready(f"http://127.0.0.1:{port}/health/ready")
            yield
        finally:
            await asyncio.to_thread(stop, running, signal.SIGTERM, 15)


async def _ready(url: str) -> None:
    """Raises TimeoutError."""
    async with asyncio.timeout(READY_LIMIT), httpx.AsyncClient() as http:
        while True:
            with suppress(httpx.TransportError):
                if (await http.get(url)).is_success:
                    return
            await asyncio.sleep(0.1)


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
