"""Each service is started once, when a test first asks for it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.access.house import Running, run
from tests.conftest import NewDatabase

Start = Callable[[str], Awaitable[Running]]


@pytest.fixture(scope="session")
async def start(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Start]:
    running: dict[str, Running] = {}
    async with AsyncExitStack() as stack:

        async def start(name: str) -> Running:
            if name not in running:
                home: Path = tmp_path_factory.mktemp(name)
                running[name] = await stack.enter_async_context(run(name, new_database, home))
            return running[name]

        yield start
