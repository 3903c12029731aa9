"""`python -m deploy.compose.start MODULE`: runs it with the address of its database, whose password is in a secret.

The password is read inside the container, so that it stands in no file of compose and in no container's settings.
"""

import os
import runpy
import sys
from pathlib import Path

from deploy.compose import SUPERUSER_FILE
from deploy.database.setup import SERVICES, role, service_url

SERVER = "postgres:5432"


def database_url(part: str, secrets_dir: Path) -> str:
    """Of a service's own database; otherwise the superuser's, where the part was given that secret."""
    if part in SERVICES:
        return service_url(f"postgresql://{SERVER}", part, (secrets_dir / role(part)).read_text())
    return f"postgresql://postgres:{(secrets_dir / SUPERUSER_FILE).read_text()}@{SERVER}/postgres"


def main() -> None:
    module = sys.argv.pop(1)
    part, secrets_dir = module.rpartition(".")[2], Path(os.environ["KIM_SECRETS_DIR"])
    if part in SERVICES or (secrets_dir / SUPERUSER_FILE).exists():
        os.environ["DATABASE_URL"] = database_url(part, secrets_dir)
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
