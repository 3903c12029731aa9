from pathlib import Path

import pytest

import services.scheduling
from services.scheduling import commands, commands_cases, commands_series, commands_waiting
from shared.database import Database
from tests.scheduling.hearing import Hearing
from tests.scheduling.world import World


@pytest.fixture
def schema() -> Path:
    return Path(services.scheduling.__path__[0]) / "schema"


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
