"""The whole, started in the order of what needs what, watched, and ended in the opposite order."""

import asyncio
import signal
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

import asyncpg
from aiokafka.errors import KafkaError

from deploy.database.setup import passwords, set_up
from deploy.kafka.topics import ensure_topics
from deploy.stack import processes
from deploy.stack.checks import (
    FIRST_START_NEEDS,
    MEBIBYTE,
    require_disk,
    require_free_port,
    require_writable,
    wait_until,
)
from deploy.stack.errors import StackError
from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.parallel import in_parallel
from deploy.stack.postgres import EmbeddedPostgres
from deploy.stack.progress import Progress, say
from deploy.stack.services import MODULES, Service, environment, module
from deploy.stack.settings import StackSettings, variable

READY_LIMIT = 90.0
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0


class Part(Protocol):
    @property
    def running(self) -> bool: ...
    def start(self) -> None: ...


class Stack:
    """`parts` names what to start: `postgres`, `kafka`, and the names in `services.MODULES`."""

    def __init__(self, settings: StackSettings, parts: Collection[str], progress: Progress) -> None:
        self._settings = settings
        self._progress = progress
        self._names = parts
        self._postgres = EmbeddedPostgres(settings.home, settings.ports["postgres"])
        self._kafka = EmbeddedKafka(settings.home, settings.ports["kafka"])
        self._services: list[Service] = []
        self._watched: list[Watch] = []

    @property
    def bootstrap(self) -> str:
        return self._settings.existing_kafka or self._kafka.bootstrap

    @property
    def superuser_url(self) -> str:
        return self._settings.existing_postgres or self._postgres.url()

    def check(self) -> None:
        """All that can be known before anything is started."""
        home = self._settings.home
        first = not ((home / "postgres").exists() and (home / "kafka").exists())
        require_disk(home, FIRST_START_NEEDS if first else 200 * MEBIBYTE)
        require_writable(home)
        for name in self._names:
            if name in MODULES:
                processes.clear_leftover(self._settings.record(name), signal.SIGKILL)
                require_free_port(self._settings.ports[name], name, variable(name))

    def start(self) -> None:
        """Returns when every part is ready. Raises StackError."""
        in_parallel([self._start_postgres, self._start_kafka])
        names = [name for name in MODULES if name in self._names]
        self._services = [Service(name, self._settings, self.bootstrap, self.superuser_url) for name in names]
        self._watched += [Watch(service.name, service) for service in self._services]
        in_parallel([partial(self._start_service, service) for service in self._services])

    def seed(self) -> None:
        """Demo data, once per database: what has been changed since stays. A failure is said, and nothing more."""
        mark, database = self._settings.home / "seeded", self._database_identity()
        if mark.exists() and mark.read_text() == database:
            return
        variables = environment("seed", self._settings, self.bootstrap, self.superuser_url)
        with self._progress.step("Demo data"):
            code = processes.spawn(module("seed", "deploy.seed", self._settings, variables)).wait()
        if code == 0:
            mark.write_text(database)
        else:
            say(f"The demo data could not be loaded: the reason is at the end of {self._settings.log('seed')}.")

    def watch(self) -> None:
        """Restarts what ends by itself, until interrupted."""
        while True:
            for each in self._watched:
                each.look()
            time.sleep(0.3)

    def stop(self) -> None:
        """Services first, then the broker, then the database; nothing is left behind."""
        processes.close()
        in_parallel([service.stop for service in self._services])
        self._kafka.stop()
        self._postgres.stop()
        processes.end_all()

    def _database_identity(self) -> str:
        if self._settings.existing_postgres:
            return urlsplit(self._settings.existing_postgres).netloc.rpartition("@")[2]
        return self._postgres.identity

    def _start_postgres(self) -> None:
        if "postgres" not in self._names:
            return
        with self._progress.step("PostgreSQL"):
            if not self._settings.existing_postgres:
                self._postgres.start()
                self._watched.append(Watch("PostgreSQL", self._postgres))
            _sentence("PostgreSQL", lambda: asyncio.run(set_up(self.superuser_url, passwords(self._settings.secrets))))

    def _start_kafka(self) -> None:
        if "kafka" not in self._names:
            return
        with self._progress.step("Kafka"):
            if not self._settings.existing_kafka:
                self._kafka.start()
                self._watched.append(Watch("Kafka", self._kafka))
            _sentence("Kafka", lambda: asyncio.run(ensure_topics(self.bootstrap)))

    def _start_service(self, service: Service) -> None:
        log = self._settings.log(service.name)
        with self._progress.step(service.name):
            service.start()
            if wait_until(lambda: service.ready() or not service.running, READY_LIMIT, pause=0.1) and service.running:
                return
            if service.running:
                raise StackError(f"The service {service.name} is not ready after {READY_LIMIT:.0f} s: look into {log}.")
            raise StackError(f"The service {service.name} ended while it started: the reason is at the end of {log}.")


def _sentence(what: str, task: Callable[[], object]) -> None:
    """Set-up on a server that may be somebody else's: what it answers is shown in a sentence."""
    try:
        task()
    except (OSError, asyncpg.PostgresError, KafkaError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StackError(
            f"{what} could not be set up ({reason}): check that it runs and that its address and rights are right."
        ) from error


class Watch:
    """Restarts one part when it ends, after 1, 2, 4 ... 30 s; a minute of steady running starts anew."""

    def __init__(self, name: str, part: Part) -> None:
        self._name = name
        self._part = part
        self._pause = 1.0
        self._started = time.monotonic()
        self._due: float | None = None

    def look(self) -> None:
        now = time.monotonic()
        if self._part.running:
            if now - self._started > STEADY_AFTER:
                self._pause = 1.0
        elif self._due is None:
            say(f"{self._name} ended by itself and is started again in {self._pause:.0f} s.")
            self._due, self._pause = now + self._pause, min(self._pause * 2, LONGEST_PAUSE)
        elif now >= self._due:
            self._due, self._started = None, now
            self._start()

    def _start(self) -> None:
        try:
            self._part.start()
        except StackError as error:
            say(str(error))
