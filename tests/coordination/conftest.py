from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.coordination
from services.coordination.app import build
from services.coordination.following import Followers
from services.coordination.pseudonym import Pseudonyms
from shared.auth import Tokens
from shared.database import Database
from shared.http_client import http_client
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.coordination.api import Api
from tests.coordination.world import World
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve


@pytest.fixture
def schema() -> Path:
    return Path(services.coordination.__path__[0]) / "schema"


@pytest.fixture
def secrets_dir(tmp_path: Path) -> Path:
    Pseudonyms(tmp_path, may_make=True).load()
    return tmp_path


@pytest.fixture
def world(database: Database, secrets_dir: Path) -> World:
    """Coordination over an empty database."""
    return World(database, Pseudonyms(secrets_dir))


@pytest.fixture
async def api(world: World, secrets_dir: Path, database_url: str) -> AsyncIterator[Api]:
    """The service's application without its background: the tests bring the events themselves."""
    settings = Settings(database_url=database_url, secrets_dir=secrets_dir)
    app = create_app(build(settings), settings)
    app.state.database = world.database
    app.state.followers = Followers()
    issuer = TestIssuer("https://issuer")
    async with (
        app.state.followers.listening(database_url),
        serve(issuer.app()) as keys,
        serve(app) as url,
        http_client(base_url=url) as client,
    ):
        app.state.tokens = Tokens("kim", Issuer(issuer.name, KeySet(f"{keys}/jwks"), for_participants=False))
        yield Api(client, issuer)
