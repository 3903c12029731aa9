"""The tests' PostgreSQL and Kafka: embedded, or containers with `--stack=containers`. Started when first needed."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from shared.database import RUNTIME_SCHEMA, Database
from tests.stack import Broker, ContainerBroker, ContainerServer, EmbeddedBroker, EmbeddedServer, Server

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=["embedded", "containers"],
        default="embedded",
        help="where PostgreSQL and Kafka run",
    )


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder for this run's servers, gone at its end."""
    folder = ROOT / ".kim" / "tests" / uuid.uuid4().hex[:8]
    folder.mkdir(parents=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest, home: Path) -> Iterator[Server]:
    """A running PostgreSQL."""
    made: Server = EmbeddedServer(home) if request.config.getoption("--stack") == "embedded" else ContainerServer()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, home: Path) -> Iterator[Broker]:
    """A running Kafka, without topics."""
    made: Broker = EmbeddedBroker(home) if request.config.getoption("--stack") == "embedded" else ContainerBroker()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def kafka(broker: Broker) -> str:
    """Bootstrap address of the running Kafka."""
    return broker.bootstrap


@pytest.fixture
def schema() -> Path | None:
    """The service's schema folder; each service's tests override this."""
    return None


NewDatabase = Callable[[Path | None], Awaitable[str]]


@pytest.fixture(scope="session")
def templates() -> dict[Path | None, str]:
    return {}


@pytest.fixture(scope="session")
def new_database(server: Server, templates: dict[Path | None, str]) -> NewDatabase:
    """Makes an empty database with the runtime's and a service's schema. Returns its address."""

    async def make(schema: Path | None) -> str:
        if schema not in templates:
            templates[schema] = await _template(server, schema)
        return await _create(server, f"template {templates[schema]} strategy file_copy")

    return make


@pytest.fixture
async def database_url(new_database: NewDatabase, schema: Path | None) -> str:
    return await new_database(schema)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An empty database with the runtime's schema and the service's."""
    made = await Database.connect(database_url)
    yield made
    async with asyncio.timeout(10):
        await made.close()


async def _template(server: Server, schema: Path | None) -> str:
    url = await _create(server, "")
    made = await Database.connect(url, most=1)
    await made.pool.execute("create extension if not exists btree_gist")
    await made.migrate(*filter(None, (RUNTIME_SCHEMA, schema)))
    await made.close()
    return url.rsplit("/", 1)[1]


async def _create(server: Server, options: str) -> str:
    name = f"t_{uuid.uuid4().hex[:12]}"
    conn = await asyncpg.connect(server.url("postgres"))
    try:
        await conn.execute(f"create database {name} {options}")
    finally:
        await conn.close()
    return server.url(name)
