"""A vault of its own for each test: an empty database, a master key, and an intake to fetch from."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.person import keys
from services.person.app import SCHEMA
from services.person.handover import Handover
from services.person.intake import Intake
from services.person.vault import Vault
from shared.database import Database
from shared.service_token import ServiceToken
from shared.settings import Settings
from tests.person.intake_server import ISSUER, IntakeServer
from tests.shared.serving import serve


@pytest.fixture
def schema() -> Path:
    return SCHEMA


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[IntakeServer]:
    """Speaks intake's internal route and the issuer's token endpoint, on a real socket."""
    server = IntakeServer()
    (tmp_path / "clients.json").write_text('{"person": "a secret"}', encoding="utf-8")
    async with serve(server.app()) as url:
        server.url = url
        yield server


@pytest.fixture
def settings(tmp_path: Path, intake: IntakeServer) -> Settings:
    return Settings.model_validate(
        {
            "environment": "development",
            "secrets_dir": tmp_path,
            "ledger_dir": tmp_path / "ledger",
            "intake_url": intake.url,
            "issuer_url": intake.url,
            "oidc_issuer": ISSUER,
        }
    )


@pytest.fixture
def vault(settings: Settings) -> Vault:
    return Vault(settings)


@pytest.fixture
async def public_key(database: Database, vault: Vault) -> bytes:
    async with database.transaction() as conn:
        return (await keys.public_key(conn, vault)).public_key


@pytest.fixture
async def handover(vault: Vault, settings: Settings) -> AsyncIterator[Handover]:
    intake = Intake(settings.intake_url, ServiceToken("person", settings))
    async with intake.client:
        yield Handover(vault, intake)
