"""The bot before a Telegram of ours, with the real intake, person and scheduling behind it, all over sockets."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI

from services.gateway_bot.clients import Services
from services.gateway_bot.conversation import Conversation
from services.gateway_bot.polling import BackOff, Poller
from services.gateway_bot.telegram import Telegram
from services.intake.app import build as intake
from services.intake.keys import Keys
from services.intake.participant_token import Signer
from services.interpreter.app import build as interpreter
from services.person.app import build as person
from services.person.vault import Vault
from services.scheduling.app import build as scheduling
from shared.auth import Tokens
from shared.database import Database
from shared.http_client import http_client
from shared.jwks import KeySet
from shared.service import Service, create_app
from shared.settings import Settings
from shared.tokens import Issuer
from tests.conftest import NewDatabase
from tests.gateway_bot.telegram import TOKEN, Person, TelegramServer
from tests.interpreter.agency import Agency
from tests.scheduling.world import World
from tests.shared.issuing import TestIssuer
from tests.shared.serving import serve

QUICK = BackOff(first=0.01, most=0.05)


@dataclass
class County:
    """The services that the bot talks with."""

    settings: Settings
    intake: Database
    person: Database
    vault: Vault
    world: World
    """Scheduling."""
    agency: Agency
    """Interpreter."""


@pytest.fixture(scope="session")
async def county(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """One for all tests; each of them is another person."""
    secrets = tmp_path_factory.mktemp("secrets")
    settings = Settings.model_validate({"environment": "development", "secrets_dir": secrets})
    async with AsyncExitStack() as stack:

        async def run(service: Service) -> tuple[FastAPI, str]:
            app = create_app(service, settings)
            app.state.database = await Database.connect(await new_database(service.schema))
            stack.push_async_callback(app.state.database.close)
            return app, await stack.enter_async_context(serve(app))

        taking, intake_url = await run(intake(settings))
        keeping, person_url = await run(person(settings))
        asking_service = interpreter(settings)
        asking, interpreter_url = await run(asking_service)
        planning, scheduling_url = await run(scheduling(settings))
        taking.state.signer = Signer(Keys.new(), settings.intake_issuer, settings.oidc_audience)
        keeping.state.vault = Vault(settings)
        for app in (taking, planning):
            participants = Issuer(settings.intake_issuer, KeySet(f"{intake_url}/jwks"), for_participants=True)
            app.state.tokens = Tokens(settings.oidc_audience, participants)
        urls = {
            "intake": intake_url,
            "person": person_url,
            "scheduling": scheduling_url,
            "interpreter": interpreter_url,
        }
        reached = settings.model_copy(update={f"{name}_url": url for name, url in urls.items()})
        client = await stack.enter_async_context(http_client(base_url=interpreter_url))
        hearing = asking_service.dispatcher(asking.state.database, settings)
        staff = TestIssuer("https://issuer.test")
        staff_url = await stack.enter_async_context(serve(staff.app()))
        asking.state.tokens = Tokens("kim", Issuer(staff.name, KeySet(f"{staff_url}/jwks"), for_participants=False))
        yield County(
            reached,
            taking.state.database,
            keeping.state.database,
            keeping.state.vault,
            World(planning.state.database),
            Agency(client, asking.state.database, staff, hearing),
        )


@pytest.fixture
async def emptied(county: County) -> None:
    """Nobody has asked for anything, or tried a code."""
    await county.intake.pool.execute(
        "delete from enquiry; delete from attempt; delete from outbox; delete from idempotency_key"
    )


@pytest.fixture
async def messenger() -> TelegramServer:
    return TelegramServer()


@pytest.fixture
async def telegram(messenger: TelegramServer) -> AsyncIterator[str]:
    """The address of our Telegram."""
    async with serve(messenger.app()) as url:
        yield url


@asynccontextmanager
async def polling(url: str, settings: Settings) -> AsyncIterator[Poller]:
    """A bot, started now and stopped at the end."""
    telegram, services = Telegram(url, TOKEN), Services(settings)
    async with telegram.http, services.http:
        poller = Poller(telegram, Conversation(services, TOKEN.encode()), QUICK)
        poller.start()
        try:
            yield poller
        finally:
            await poller.stop()


@pytest.fixture
async def bot(telegram: str, county: County) -> AsyncIterator[Poller]:
    async with polling(telegram, county.settings) as poller:
        yield poller


@pytest.fixture
def somebody(messenger: TelegramServer) -> Person:
    return Person(messenger, chat=770001)


@pytest.fixture
def schema() -> Path | None:
    return None
