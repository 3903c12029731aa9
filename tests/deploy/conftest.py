"""Stacks of one's own: a home and ports that nobody else uses."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.settings import ROOT
from tests.stack import free_port


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
