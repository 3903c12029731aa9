from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import NewDatabase
from tests.gateway_web.browser import Browser
from tests.gateway_web.town import Town, town


@pytest.fixture(scope="session")
async def our_town(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> AsyncIterator[Town]:
    """One for all tests: each asks for counselling anew."""
    folder: Path = tmp_path_factory.mktemp("secrets")
    async with town(folder, new_database) as made:
        yield made


@pytest.fixture
async def browser(our_town: Town) -> AsyncIterator[Browser]:
    made = Browser(our_town.url)
    async with made.client:
        yield made
