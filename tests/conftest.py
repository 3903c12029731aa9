"""The tests' PostgreSQL and Kafka: embedded, or containers with `--stack=containers`. Started when first needed."""

import asyncio
import shutil
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

from shared.database import RUNTIME_SCHEMA, Database
from tests.emptying import First
from tests.stack import Broker, ContainerBroker, ContainerServer, EmbeddedBroker, EmbeddedServer, Server

ROOT = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stack",
        choices=["embedded", "containers"],
        default="embedded",
        help="where PostgreSQL and Kafka run",
    )


LONGEST = ("journeys", "deploy", "runtime")
"""Folders of few and long tests: they begin first, so that no worker is left alone with one of them at the end."""


class Scheduler(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """A worker takes a file at a time, and all journeys together, since they share a running system."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", maxsplit=1)[0]
        return "journeys" if _folder(file) == "journeys" else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return Scheduler(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After the random order."""
    items.sort(key=lambda item: LONGEST.index(folder) if (folder := _folder(item.nodeid)) in LONGEST else len(LONGEST))


def _folder(nodeid: str) -> str:
    return nodeid.split("/")[1] if nodeid.count("/") > 1 else ""


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
    made.discard()


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, home: Path) -> Iterator[Broker]:
    """A running Kafka, without topics."""
    made: Broker = EmbeddedBroker(home) if request.config.getoption("--stack") == "embedded" else ContainerBroker()
    yield made
    made.discard()


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


@pytest.fixture(scope="session")
def used() -> defaultdict[Path | None, list[str]]:
    """Schema -> databases that a test is done with."""
    return defaultdict(list)


@pytest.fixture(scope="session")
def firsts() -> dict[Path | None, First]:
    return {}


@pytest.fixture(scope="session")
async def pools(server: Server) -> AsyncIterator[dict[str, Database]]:  # noqa: ARG001 -- which outlives them
    """Address -> who is connected to it between two tests: a new connection has to learn the schema anew."""
    kept: dict[str, Database] = {}
    yield kept
    for each in kept.values():
        each.pool.terminate()


@pytest.fixture
async def database_url(
    new_database: NewDatabase,
    schema: Path | None,
    used: defaultdict[Path | None, list[str]],
    firsts: dict[Path | None, First],
    pools: dict[str, Database],
) -> AsyncIterator[str]:
    """An empty database with the runtime's schema and the service's, of this test alone while it runs."""
    while used[schema]:
        url = used[schema].pop()
        if await _restored(url, firsts[schema], pools.get(url)):
            break
        if url in pools:
            pools.pop(url).pool.terminate()
    else:
        url = await new_database(schema)
        firsts[schema] = firsts.get(schema) or await _first(url)
    yield url
    used[schema].append(url)


@pytest.fixture
async def database(database_url: str, pools: dict[str, Database]) -> AsyncIterator[Database]:
    """An empty database with the runtime's schema and the service's."""
    made = pools.pop(database_url, None) or await Database.connect(database_url)
    yield made
    if 0 < made.pool.get_size() == made.pool.get_idle_size() and not made.pool.is_closing():
        pools[database_url] = made
        return
    async with asyncio.timeout(10):  # somebody has a connection, or all were closed
        await made.close()


async def _restored(url: str, first: First, pool: Database | None) -> bool:
    if pool:
        async with pool.pool.acquire() as conn:
            return await first.restore(conn, pool.pool.get_size() - 1)
    conn = await asyncpg.connect(url)
    try:
        return await first.restore(conn)
    finally:
        await conn.close()


async def _first(url: str) -> First:
    conn = await asyncpg.connect(url)
    try:
        return await First.of(conn)
    finally:
        await conn.close()


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
