"""The processes of KIM itself: each a `python -m`, told everything by its environment."""

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress

from deploy.database.setup import SERVICES as WITH_DATABASE
from deploy.database.setup import passwords, service_url
from deploy.stack.processes import Program, clear_leftover, spawn, stop
from deploy.stack.settings import ROOT, StackSettings

MODULES: Mapping[str, str] = {
    "issuer": "deploy.issuer",
    **{
        name: f"services.{name}"
        for name in (
            "intake", "case", "scheduling", "interpreter", "person", "coordination", "gateway_web", "gateway_bot",
        )
    },
}  # fmt: skip
"""Part of the stack -> the module that is run. All start at the same time."""


class Service:
    """One process. `bootstrap` and `superuser_url` are of the broker and the server it shall use."""

    def __init__(self, name: str, settings: StackSettings, bootstrap: str, superuser_url: str) -> None:
        self.name = name
        self._settings = settings
        self._environment = environment(name, settings, bootstrap, superuser_url)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it without waiting until it is ready."""
        clear_leftover(self._settings.record(self.name), signal.SIGKILL)
        self._process = spawn(module(self.name, MODULES[self.name], self._settings, self._environment))

    def stop(self) -> None:
        """The service finishes what it has in hand; after 10 s it is ended."""
        if self._process:
            stop(self._process, signal.SIGTERM, 10)
            self._process = None

    def ready(self) -> bool:
        """Whether it says of itself that its database, broker and assignment are there."""
        connection = http.client.HTTPConnection("127.0.0.1", self._settings.ports[self.name], timeout=2)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        return False


def module(name: str, path: str, settings: StackSettings, variables: Mapping[str, str]) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-m", path],
        log=settings.log(name),
        record=settings.record(name),
        environment=variables,
        directory=ROOT,
    )


def environment(name: str, settings: StackSettings, bootstrap: str, superuser_url: str) -> dict[str, str]:
    """Everything a process is told; a superuser's address reaches none of them."""
    told = {
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "KIM_ENVIRONMENT": "development",
        "KIM_HOST": "127.0.0.1",
        "KIM_PORT": str(settings.ports.get(name, 0)),
        "KIM_SECRETS_DIR": str(settings.secrets),
        "KIM_LEDGER_DIR": str(settings.home / "ledger"),
        "OIDC_ISSUER": settings.url("issuer"),
        "OIDC_JWKS_URL": f"{settings.url('issuer')}/jwks",
        "OIDC_AUDIENCE": "kim",
        "INTAKE_ISSUER": settings.url("intake"),
        "INTAKE_JWKS_URL": f"{settings.url('intake')}/jwks",
        **{f"KIM_{part.upper()}_URL": settings.url(part) for part in MODULES},
    }
    if name in WITH_DATABASE:
        told["DATABASE_URL"] = service_url(superuser_url, name, passwords(settings.secrets)[name])
    return {key: value for key, value in os.environ.items() if key != "DATABASE_URL"} | told
