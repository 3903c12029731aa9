"""The whole of KIM as an operator runs it: every service its own process, on the tests' PostgreSQL and Kafka."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
import uvicorn

from deploy.client import Client
from deploy.stack.checks import wait_until
from deploy.stack.processes import Program, spawn, stop
from deploy.stack.settings import PORTS, ROOT, variable
from shared.settings import Settings
from tests.gateway_bot.telegram import TOKEN, TelegramServer
from tests.stack import Broker, ContainerBroker, EmbeddedBroker, Server, free_port


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest, home: Path) -> Iterator[Broker]:
    """A Kafka of their own: in the other's groups the services of other tests would take events away."""
    embedded = request.config.getoption("--stack") == "embedded"
    made: Broker = EmbeddedBroker(home / "journeys") if embedded else ContainerBroker()
    yield made
    made.discard()


@pytest.fixture(scope="session")
async def telegram() -> AsyncIterator[TelegramServer]:
    """A server that speaks the Telegram Bot API; its address is in `KIM_TELEGRAM_URL`."""
    made = TelegramServer()
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(made.app(), port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    os.environ["KIM_TELEGRAM_URL"] = f"http://127.0.0.1:{port}"
    yield made
    del os.environ["KIM_TELEGRAM_URL"]
    server.should_exit = True
    server.force_exit = True
    with suppress(asyncio.CancelledError):
        await serving


@pytest.fixture(scope="session")
def environment(home: Path, server: Server, broker: Broker, telegram: TelegramServer) -> Iterator[Mapping[str, str]]:
    """The running system; the variables tell where each part listens."""
    folder = home / "kim"
    (folder / "secrets").mkdir(parents=True, mode=0o700)
    (folder / "secrets" / "telegram-token").write_text(TOKEN)
    assert not telegram.calls, "the bot must not run yet"
    ports = {part: free_port() for part in PORTS}
    variables = {
        **os.environ,
        **{variable(part): str(port) for part, port in ports.items()},
        "KIM_HOME": str(folder),
        "DATABASE_URL": server.url("postgres"),
        "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap,
        "KIM_SEGMENT_MS": "1000",  # so that an erasure inside the log is proven in seconds
        "KIM_MAX_COMPACTION_LAG_MS": "1000",
    }
    stack = Program(
        "stack", [sys.executable, "-m", "deploy.stack"], folder / "log" / "stack.log", folder / "run" / "tests.json",
        orphan_ends_by=signal.SIGTERM, environment=variables, directory=ROOT,
    )  # fmt: skip
    process, ready = spawn(stack), folder / "run" / "stack.ready"
    assert wait_until(lambda: process.poll() is not None or ready.exists(), 180), stack.log.read_text()
    assert process.poll() is None, stack.log.read_text()
    addresses = {f"KIM_{part.upper()}_URL": f"http://127.0.0.1:{port}" for part, port in ports.items()}
    yield variables | addresses | {"OIDC_ISSUER": addresses["KIM_ISSUER_URL"]}
    stop(process, signal.SIGTERM, 60)


@pytest.fixture
async def client(environment: Mapping[str, str]) -> AsyncIterator[Client]:
    names = {"KIM_INTAKE_URL", "KIM_CASE_URL", "KIM_SCHEDULING_URL", "KIM_INTERPRETER_URL", "KIM_PERSON_URL"}
    names |= {"KIM_COORDINATION_URL", "OIDC_ISSUER", "KAFKA_BOOTSTRAP_SERVERS"}
    async with Client(Settings.model_validate({name: environment[name] for name in names})) as made:
        yield made
