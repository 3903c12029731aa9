"""Child processes that end with us, and whose leftovers the next start can prove to be ours."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

GUARD = Path(__file__).with_name("guard.py")

# The kernel's parent-death signal follows the thread that forked: all children come from one that lasts.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")
_children: list[subprocess.Popen[bytes]] = []
_closed = threading.Event()


class Closing(Exception):
    """Nothing is started any more."""


@dataclass(frozen=True)
class Program:
    """What to run: `orphan_ends_by` is the signal by which it ends when we are gone, `identity` is for guard.py."""

    name: str
    command: Sequence[str]
    log: Path
    record: Path
    orphan_ends_by: signal.Signals = signal.SIGKILL
    identity: str = "self"
    environment: Mapping[str, str] | None = None
    directory: Path | None = None


def spawn(program: Program) -> subprocess.Popen[bytes]:
    """Start it in a session of its own (a Ctrl-C reaches only us) and record it for the next start."""
    return _SPAWNER.submit(_spawn, program).result()


def close() -> None:
    """From now on nothing is started: what is being started in another thread ends with Closing."""
    _SPAWNER.submit(_closed.set).result()


def end_all() -> None:
    """End at once whatever still runs of what was ever spawned."""
    for process in _children:
        kill(process)


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    if _closed.is_set():
        raise Closing
    program.log.parent.mkdir(parents=True, exist_ok=True)
    guard = [
        sys.executable,
        "-IS",
        str(GUARD),
        str(int(program.orphan_ends_by)),
        str(os.getpid()),
        program.identity,
    ]
    with program.log.open("ab") as log:
        process = subprocess.Popen(
            [*guard, *program.command],
            env=program.environment,
            cwd=program.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[:] = [child for child in _children if child.poll() is None]
    _children.append(process)
    write_record(program.record, process.pid)
    return process


def write_record(path: Path, pid: int) -> None:
    """Remember which process runs, by pid and start, so that a reused pid is never taken for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(psutil.NoSuchProcess):
        making = path.with_suffix(".making")
        making.write_text(json.dumps({"pid": pid, "started": psutil.Process(pid).create_time()}))
        making.replace(path)


def recorded(path: Path) -> psutil.Process | None:
    """The process of this record, if it still runs and is that very process."""
    try:
        entry = json.loads(path.read_text())
        process = psutil.Process(entry["pid"])
        same = abs(process.create_time() - entry["started"]) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except (OSError, ValueError, KeyError, psutil.Error):
        return None


def clear_leftover(path: Path, ends_by: signal.Signals, limit: float = 20) -> bool:
    """End what a killed supervisor left running, and say whether there was anything."""
    process = recorded(path)
    if process is not None:
        _end_tree(process, ends_by, limit)
    path.unlink(missing_ok=True)
    return process is not None


def stop(process: subprocess.Popen[bytes], ends_by: signal.Signals, limit: float) -> None:
    """Ask it to end, wait `limit` seconds, then end it and all it started."""
    if process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            _end_tree(psutil.Process(process.pid), ends_by, limit)
    process.wait()


def kill(process: subprocess.Popen[bytes]) -> None:
    """End it and all it started at once, as a crash would."""
    stop(process, signal.SIGKILL, 0)


def listens(pid: int, port: int) -> bool:
    """Whether this process has opened this TCP port."""
    try:
        sockets = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in sockets)


def _end_tree(process: psutil.Process, ends_by: signal.Signals, limit: float) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [process, *process.children(recursive=True)]
        process.send_signal(ends_by)
        _, alive = psutil.wait_procs(family, timeout=limit)
        for each in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(alive, timeout=5)


@cache
def unprivileged() -> str:
    """As whom a program runs that refuses root: ourselves, `nobody` in a user namespace, or `nobody`."""
    if os.geteuid() != 0:
        return "self"
    probe = subprocess.run([sys.executable, "-IS", str(GUARD), "0", "0", "probe"], check=False, capture_output=True)
    return "namespace" if probe.returncode == 0 else "nobody"
