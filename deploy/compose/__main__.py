"""`python -m deploy.compose up|down|clean`: KIM in containers, from nothing to addresses, and back."""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.compose import secrets
from deploy.compose.command import ROOT, Compose, ComposeError
from deploy.stack.addresses import ADDRESSES
from deploy.stack.services import environment
from deploy.stack.settings import StackSettings
from shared.secret_file import SecretUnusable

HEALTHY_LIMIT = 180.0
GOOD = frozenset({"healthy", "exited"})
"""The one-shot set-up has exited; without its success nothing that follows is there."""


def variables(folder: Path) -> Mapping[str, str]:
    """What docker-compose.yml wants to know."""
    return {"KIM_USER": str(secrets.user()), "KIM_COMPOSE_SECRETS": str(folder.absolute())}


def up() -> None:
    """Secrets, image, containers, health, demo data; then the addresses. Raises ComposeError."""
    settings = StackSettings.from_environment()
    secrets.make(secrets.FOLDER)
    compose = Compose(variables(secrets.FOLDER))
    compose.run("build")
    compose.run("up", "--detach", "--remove-orphans")
    wait_until_healthy(compose)
    told = environment("seed", settings, f"127.0.0.1:{settings.ports['kafka']}", "")
    if subprocess.run([sys.executable, "-m", "deploy.seed"], cwd=ROOT, env=told, check=False).returncode:
        raise ComposeError("The demo data could not be loaded: what is said above is the reason.")
    print("\nKIM is ready.")
    for part, path, hint in ADDRESSES:
        print(f"  {settings.url(part)}{path:<20} {hint}")
    print("End it with `make down`. `make demo` walks through the main job.")


def wait_until_healthy(compose: Compose) -> None:
    """Raises ComposeError that names what is not."""
    until = time.monotonic() + HEALTHY_LIMIT
    while waiting := sorted(name for name, state in compose.states().items() if state not in GOOD):
        if time.monotonic() > until:
            raise ComposeError(f"Not healthy after {HEALTHY_LIMIT:.0f} s: {', '.join(waiting)}. Look into their logs.")
        time.sleep(1)


def down() -> None:
    """Ends and removes the containers; data and secrets stay."""
    Compose(variables(secrets.FOLDER)).run("down", "--remove-orphans")


def clean() -> None:
    """The same with the data. Where `up` was never called there is nothing to be removed, and no Docker needed."""
    if secrets.FOLDER.exists():
        Compose(variables(secrets.FOLDER)).remove()


ACTIONS = {"up": up, "down": down, "clean": clean}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.compose", description=__doc__)
    parser.add_argument("action", choices=list(ACTIONS))
    os.chdir(ROOT)
    try:
        ACTIONS[parser.parse_args().action]()
    except (ComposeError, SecretUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
