"""PostgreSQL and Kafka for tests, embedded or in containers, with the same few verbs."""

import os
import random
import socket
from pathlib import Path
from typing import Protocol

from deploy.stack.checks import wait_until
from deploy.stack.kafka import EmbeddedKafka
from deploy.stack.postgres import EmbeddedPostgres

os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")


STARTED = b"Kafka Server started"
"""What a broker logs when it takes requests."""


class Server(Protocol):
    """A running PostgreSQL that can be restarted."""

    def url(self, database: str) -> str: ...
    def restart(self) -> None: ...
    def discard(self) -> None: ...


class Broker(Protocol):
    """A running Kafka that can be restarted."""

    @property
    def bootstrap(self) -> str: ...
    def restart(self) -> None: ...
    def kill(self) -> None: ...
    def start(self) -> None: ...
    def segments(self, topic: str) -> bytes: ...
    def discard(self) -> None: ...


def free_port() -> int:
    """One below those that the system hands out to clients, with a free one after it."""
    while True:
        port = random.randrange(20_000, 32_000)  # noqa: S311 - no secret
        if all(_is_free(each) for each in (port, port + 1)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class EmbeddedServer(EmbeddedPostgres):
    """Without fsync: what a test kills is a process, never the operating system."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, free_port(), {"fsync": "off", "full_page_writes": "off"})
        self.start()

    def discard(self) -> None:
        self.kill()


class EmbeddedBroker(EmbeddedKafka):
    """Lets consumers have short sessions, so that a frozen one is replaced soon."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, free_port(), {"group.min.session.timeout.ms": "1000"})
        self.start()

    def discard(self) -> None:
        """An orderly end would write down first what nobody reads: with hundreds of topics, for more than 15 s."""
        self.kill()

    def segments(self, topic: str) -> bytes:
        """What the topic's segment files hold."""
        return b"".join(path.read_bytes() for path in (self.home / "kafka").glob(f"{topic}-*/*.log"))


class ContainerServer:
    """postgres:17."""

    def __init__(self) -> None:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415 - only where containers are asked for

        self._container = PostgresContainer("postgres:17", driver=None).with_bind_ports(5432, free_port())
        self._container.start()

    def url(self, database: str) -> str:
        base: str = self._container.get_connection_url()
        return f"{base.rsplit('/', 1)[0]}/{database}"

    def restart(self) -> None:
        self._container.get_wrapped_container().restart()
        assert wait_until(lambda: self._container.exec(["pg_isready", "-h", "127.0.0.1"]).exit_code == 0, 60)

    def discard(self) -> None:
        self._container.stop()


class ContainerBroker:
    """apache/kafka:4.3.1, one KRaft node."""

    def __init__(self) -> None:
        from testcontainers.core.container import DockerContainer  # noqa: PLC0415 - as above
        from testcontainers.core.wait_strategies import LogMessageWaitStrategy  # noqa: PLC0415 - as above

        self._port = free_port()
        self._container = (
            DockerContainer("apache/kafka:4.3.1")
            .with_bind_ports(9092, self._port)
            .with_env("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093")
            .with_env("KAFKA_ADVERTISED_LISTENERS", f"PLAINTEXT://127.0.0.1:{self._port}")
            .with_env("KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS", "1000")
            .with_env("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false")
            .waiting_for(LogMessageWaitStrategy(STARTED.decode()))
        )
        self._container.start()

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self._port}"

    def restart(self) -> None:
        started = self._starts
        self._container.get_wrapped_container().restart()
        assert wait_until(lambda: self._starts > started, 60)

    def kill(self) -> None:
        self._container.get_wrapped_container().kill()

    def start(self) -> None:
        started = self._starts
        self._container.get_wrapped_container().start()
        assert wait_until(lambda: self._starts > started, 60)

    @property
    def _starts(self) -> int:
        logged: bytes = self._container.get_wrapped_container().logs()
        return logged.count(STARTED)

    def segments(self, topic: str) -> bytes:
        """What the topic's segment files hold."""
        found: bytes = self._container.exec(["sh", "-c", f"cat /var/lib/kafka/data/{topic}-*/*.log"]).output
        return found

    def discard(self) -> None:
        self._container.stop()
