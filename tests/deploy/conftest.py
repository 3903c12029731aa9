"""Stacks of one's own: a home and ports that nobody else uses."""

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.settings import ROOT


def free_port() -> int:
    """One below those that the system hands out to clients, with a free one after it."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        if all(_is_free(each) for each in (port, port + 1)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Command:
    """`python -m deploy.stack` in a home and on ports of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        ports = {"KIM_POSTGRES_PORT": str(free_port()), "KIM_KAFKA_PORT": str(free_port())}
        outer = {
            name: value for name, value in os.environ.items() if not name.startswith(("KIM_", "KAFKA_", "DATABASE_"))
        }
        self.environment = outer | ports | {"KIM_HOME": str(home)}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.stack", *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, output, errors."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def processes(self) -> list[psutil.Process]:
        """Whatever runs with this home in its command line."""
        return [each for each in psutil.process_iter() if str(self.home) in " ".join(_command_line(each))]


def _command_line(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() if process.status() != psutil.STATUS_ZOMBIE else []
    except psutil.Error:
        return []


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path / "home")
    yield command
    command.run("--stop")
    for process in command.processes():
        process.kill()


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path, free_port())
    yield server
    server.kill()


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    broker = EmbeddedKafka(tmp_path, free_port())
    yield broker
    broker.kill()
