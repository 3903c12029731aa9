"""The images, brought up by compose under a name and on ports of their own."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.compose import secrets
from deploy.compose.__main__ import variables, wait_until_healthy
from deploy.compose.command import ROOT, Compose
from deploy.stack.services import environment
from deploy.stack.settings import PORTS, StackSettings, variable
from tests.stack import free_port

pytestmark = pytest.mark.compose
OURS = frozenset(PORTS) - {"postgres", "kafka"}


class Running:
    def __init__(self, compose: Compose, folder: Path, settings: StackSettings) -> None:
        self.compose = compose
        self.folder = folder
        self.settings = settings

    def containers(self) -> dict[str, dict[str, Any]]:
        """Service -> what `docker inspect` says of its container."""
        ids = self.compose.read("ps", "--all", "--quiet").split()
        found: list[dict[str, Any]] = json.loads(_docker("inspect", *ids))
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in found}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    project = f"kimtest{uuid.uuid4().hex[:6]}"
    folder = tmp_path_factory.mktemp("compose") / "secrets"
    secrets.make(folder)
    ports = {variable(part): str(free_port()) for part in PORTS}
    settings = StackSettings.from_environment(ports)
    compose = Compose(
        {
            "KIM_BUILD_NETWORK": os.environ.get("KIM_BUILD_NETWORK", "host"),
            "KIM_IMAGE": f"{project}:latest",
            "COMPOSE_PROJECT_NAME": project,
            **ports,
            **variables(folder),
        }
    )
    try:
        compose.run("build")
        compose.run("up", "--detach")
        wait_until_healthy(compose)
        yield Running(compose, folder, settings)
    finally:
        compose.run("logs", "--no-color", "--tail", "20")
        compose.remove()
        _docker("image", "rm", "--force", f"{project}:latest")


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def test_everything_is_healthy_and_nothing_of_ours_runs_as_root(running: Running) -> None:
    containers = running.containers()
    assert set(containers) == OURS | {"postgres", "kafka", "setup"}
    for name in OURS:
        assert containers[name]["State"]["Health"]["Status"] == "healthy"
        identity = _docker("exec", containers[name]["Id"], "python", "-c", "import os; print(os.getuid())")
        assert int(identity) == secrets.user() != 0
    assert containers["setup"]["State"]["ExitCode"] == 0


def test_the_demo_walks_the_main_job_in_containers(running: Running) -> None:
    told = environment("demo", running.settings, f"127.0.0.1:{running.settings.ports['kafka']}", "")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.demo"], cwd=ROOT, env=told, check=False, capture_output=True, text=True
    )
    restarts = {name: each["RestartCount"] for name, each in running.containers().items() if each["RestartCount"]}
    assert (done.returncode, restarts) == (0, {}), (done.stdout + done.stderr)[-3000:]
    assert "scheduling.booking.confirmed.v1" in done.stdout


def test_no_secret_stands_in_what_docker_tells_of_containers_and_image(running: Running) -> None:
    containers = running.containers()
    told = json.dumps(list(containers.values())) + _docker("history", "--no-trunc", containers["intake"]["Image"])
    told += _docker("image", "inspect", containers["intake"]["Image"]) + running.compose.read("config")
    kept = [line for path in running.folder.iterdir() for line in path.read_text().splitlines() if len(line) > 20]
    assert kept
    for secret in kept:
        assert secret.strip() not in told
        assert json.dumps(secret)[1:-1] not in told


def test_a_service_sees_its_own_secrets_and_no_others(running: Running) -> None:
    found = _docker("exec", running.containers()["case"]["Id"], "ls", "/run/secrets").split()
    assert found == ["kim_case"]
