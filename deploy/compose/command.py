"""The compose at hand: `docker compose` (v2), or else `docker-compose` (1.29)."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]


class ComposeError(Exception):
    """A sentence on what is wrong and what to do."""


class Compose:
    """Runs compose on docker-compose.yml. `variables` are those that the file names, over the environment's."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._environment = {**os.environ, **variables}
        self._command = _command()

    def run(self, *arguments: str) -> None:
        """Its output goes where ours goes. Raises ComposeError."""
        if subprocess.run([*self._command, *arguments], cwd=ROOT, env=self._environment, check=False).returncode:
            raise ComposeError(f"compose could not do `{arguments[0]}`: what it says above is the reason.")

    def read(self, *arguments: str) -> str:
        """What it prints. Raises ComposeError."""
        done = subprocess.run(
            [*self._command, *arguments], cwd=ROOT, env=self._environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise ComposeError(done.stderr.strip())
        return done.stdout

    def remove(self) -> None:
        """Containers, networks and volumes. Raises ComposeError."""
        self.run("down", "--volumes", "--remove-orphans")

    def states(self) -> dict[str, str]:
        """Container -> `healthy`, `unhealthy`, `starting`, or its state where it has no health check."""
        ids = self.read("ps", "--all", "--quiet").split()
        form = "{{.Name}} {{if .State.Health}}{{.State.Health.Status}}{{else}}{{.State.Status}}{{end}}"
        lines = _docker("inspect", "--format", form, *ids).splitlines() if ids else []
        return {name.lstrip("/"): state for name, _, state in (line.partition(" ") for line in lines)}


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout


def _command() -> Sequence[str]:
    if shutil.which("docker"):
        plugin = ["docker", "compose"]
        if not subprocess.run([*plugin, "version"], check=False, capture_output=True).returncode:
            return plugin
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise ComposeError("There is neither `docker compose` nor `docker-compose` here: install one of them.")
