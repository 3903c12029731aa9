from pathlib import Path

import pytest

from services.case import commands
from services.case.app import SCHEMA
from shared.database import Database
from tests.case.world import World


@pytest.fixture
def schema() -> Path:
    return SCHEMA


@pytest.fixture
def world(database: Database, monkeypatch: pytest.MonkeyPatch) -> World:
    """Case over an empty database, on a clock that the test moves."""
    made = World(database)
    monkeypatch.setattr(commands, "present", lambda: made.now)
    return made
