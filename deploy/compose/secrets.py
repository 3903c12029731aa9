"""`python -m deploy.compose.secrets`: the secrets of docker-compose.yml, in files that only the containers' user reads.

They stand in KIM_COMPOSE_SECRETS (`.kim/compose-secrets`), are made where they are missing and stay ever after. The
containers run as whoever calls; root's are given to the image's own user, since nothing of KIM runs as root.
"""

import json
import os
from pathlib import Path

from deploy.compose import SUPERUSER_FILE
from deploy.database.setup import passwords
from deploy.issuer.identities import identities
from deploy.issuer.secret_files import client_secrets, signing_key
from deploy.stack.secrets import secret
from services.coordination.pseudonym import Pseudonyms
from services.gateway_bot.app import TOKEN_FILE
from services.gateway_web import cookies
from services.intake.keys import Keys
from services.interpreter.links import Links
from services.person import master_key
from services.scheduling.calendar_keys import CalendarKeys
from shared.secret_file import keep
from shared.settings import Environment, Settings

FOLDER = Path(os.environ.get("KIM_COMPOSE_SECRETS", ".kim/compose-secrets"))
IMAGE_USER = 10001
CALLERS = ("person", "gateway_bot")
"""Services that call another one outside of event handling: each gets a file with its own secret of clients.json."""


def user() -> int:
    """Whom the containers run as."""
    return os.getuid() or IMAGE_USER


def make(folder: Path) -> None:
    """Raises OSError where the folder cannot be written."""
    settings = Settings(secrets_dir=folder, environment=Environment.DEVELOPMENT)
    secret(folder, SUPERUSER_FILE)
    passwords(folder)
    signing_key(folder)
    clients = client_secrets(folder, (system.name for system in identities().systems))
    for name in CALLERS:
        keep(folder / f"clients-{name}.json", json.dumps({name: clients[name]}).encode())
    Keys.read(folder, may_make=True)
    master_key.read_newest(folder, may_make=True)
    CalendarKeys(settings).open()
    Pseudonyms(folder, may_make=True).load()
    cookies.key(settings)
    Links(settings).require_key()
    if not (folder / TOKEN_FILE).exists():
        keep(folder / TOKEN_FILE, b"")  # compose wants the file: empty, the bot does not poll
    for path in (folder, *folder.iterdir()):
        if path.stat().st_uid == 0:
            os.chown(path, user(), user())


if __name__ == "__main__":
    make(FOLDER)
    print(f"Secrets are in {FOLDER}, for the user {user()}.")
