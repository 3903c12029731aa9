"""What the embedded servers have in common: one process each, that is started, stopped, killed and started again."""

import signal
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from deploy.stack.checks import wait_until
from deploy.stack.errors import StackError
from deploy.stack.processes import Program, kill, spawn, stop


class Embedded(ABC):
    """One server. Everything blocks until it is done; what goes wrong is a StackError."""

    name: ClassVar[str]
    """Of its data, log and record in the home."""
    title: ClassVar[str]
    """As a person calls it."""
    ends_by: ClassVar[signal.Signals]
    """Ends it in an orderly way."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home.absolute()
        self.port = port
        self._data = self.home / self.name
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self, limit: float = 90) -> None:
        """Its data are made at the first start; takes requests when this returns."""
        self._prepare()
        self._process = spawn(self._server())
        if not wait_until(lambda: not self.running or self._ready(), limit) or not self.running:
            self.kill()
            raise StackError(f"{self.title} did not start: the reason is at the end of {self._log}.")

    def stop(self, limit: float = 15) -> None:
        """Writes what it has in memory, and ends."""
        if self._process:
            stop(self._process, self.ends_by, limit)
            self._process = None

    def kill(self) -> None:
        """As a crash would: the next start recovers from its logs."""
        if self._process:
            kill(self._process)
            self._process = None

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def _log(self) -> Path:
        return self.home / "log" / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.home / "run" / f"{self.name}.json"

    @abstractmethod
    def _prepare(self) -> None:
        """Ends a leftover, makes sure of ports and data."""

    @abstractmethod
    def _server(self) -> Program:
        """What is run."""

    @abstractmethod
    def _ready(self) -> bool:
        """Whether it takes requests."""
