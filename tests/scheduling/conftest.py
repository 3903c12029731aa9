import re
from pathlib import Path

import asyncpg
import pytest

import services.scheduling
from services.scheduling import commands, commands_cases, commands_series, commands_waiting
from shared.database import RUNTIME_SCHEMA, Database
from tests.conftest import NewDatabase
from tests.scheduling.hearing import Hearing
from tests.scheduling.world import World


@pytest.fixture
def schema() -> Path:
    return Path(services.scheduling.__path__[0]) / "schema"


@pytest.fixture(scope="session")
def reused() -> list[str]:
    """The one database of these tests, once it is made: emptying it is quicker than making another."""
    return []


@pytest.fixture
async def database_url(new_database: NewDatabase, schema: Path, reused: list[str]) -> str:
    if not reused:
        reused.append(await new_database(schema))
    await _empty(reused[0], schema)
    return reused[0]


async def _empty(url: str, schema: Path) -> None:
    """Deletes every row, last tables first: they refer to those before them."""
    sql = "".join(path.read_text() for folder in (RUNTIME_SCHEMA, schema) for path in sorted(folder.glob("*.sql")))
    tables = re.findall(r"create table (\w+)", sql)
    conn = await asyncpg.connect(url)
    await conn.execute("; ".join(f"delete from {table}" for table in reversed(tables)))  # noqa: S608 - our own names
    await conn.close()


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Scheduling over an empty database, on a clock that the test moves."""
    made = World(database)
    for module in (commands, commands_cases, commands_series, commands_waiting):
        monkeypatch.setattr(module, "present", lambda: made.now)
    return made


@pytest.fixture
def hearing(world: World) -> Hearing:
    return Hearing(world)
