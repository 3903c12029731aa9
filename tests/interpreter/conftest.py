"""Interpreter on a real socket, with a real database and the issuer of tokens beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.case.app
import services.interpreter
import services.interpreter.app
import services.person.app
import services.scheduling.app
from services.interpreter.app import build
from services.person.vault import Vault
from shared.auth import Tokens
from shared.database import Database
from shared.http_client import http_client
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import NewDatabase
from tests.interpreter.agency import Agency
from tests.interpreter.chain import Chain
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

SERVICES = {
    "person": services.person.app,
    "case": services.case.app,
    "scheduling": services.scheduling.app,
    "interpreter": services.interpreter.app,
}


@pytest.fixture
def schema() -> Path:
    return Path(services.interpreter.__path__[0]) / "schema"


@pytest.fixture
async def agency(database: Database, tmp_path: Path) -> AsyncIterator[Agency]:
    settings = Settings.model_validate({"environment": "development", "secrets_dir": tmp_path})
    oidc = TestIssuer("https://issuer.test")
    service = build(settings)
    app = create_app(service, settings)
    app.state.database = database
    async with serve(oidc.app()) as oidc_url, serve(app) as url:
        keys = KeySet(f"{oidc_url}/jwks")
        app.state.tokens = Tokens("kim", Issuer(oidc.name, keys, for_participants=False))
        async with http_client(base_url=url) as client:
            yield Agency(client, database, oidc, service.dispatcher(database, settings))


@pytest.fixture
async def chain(new_database: NewDatabase, tmp_path: Path) -> AsyncIterator[Chain]:
    settings = Settings.model_validate(
        {"environment": "development", "secrets_dir": tmp_path, "ledger_dir": tmp_path / "ledger"}
    )
    built = {name: module.build(settings) for name, module in SERVICES.items()}
    databases = {name: await Database.connect(await new_database(each.schema)) for name, each in built.items()}
    dispatchers = {name: each.dispatcher(databases[name], settings) for name, each in built.items()}
    made = Chain(databases, dispatchers, Vault(settings))
    await made.open_office()
    yield made
    for database in databases.values():
        await database.close()
