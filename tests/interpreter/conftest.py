"""Interpreter on a real socket, with a real database and the issuer of tokens beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.interpreter
from services.interpreter.app import build
from shared.auth import Tokens
from shared.database import Database
from shared.http_client import http_client
from shared.jwks import KeySet
from shared.service import create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.interpreter.agency import Agency
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve


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
