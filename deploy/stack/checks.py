"""What must be true before anything is started; each check fails with the sentence that helps."""

import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

from deploy.stack.errors import StackError

MEBIBYTE = 1024 * 1024
FIRST_START_NEEDS = 700 * MEBIBYTE


def require_free_port(port: int, what: str, variable: str) -> None:
    """On 127.0.0.1; `variable` is the setting by which another port is chosen."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StackError(
                f"Port {port} for {what} is taken by another program: "
                f"end that program, or set {variable} to a free port."
            ) from error


def require_disk(directory: Path, needed: int = FIRST_START_NEEDS) -> None:
    """`needed` bytes free on the file system where `directory` is or will be."""
    existing = next(place for place in (directory, *directory.absolute().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < needed:
        raise StackError(
            f"Only {free // MEBIBYTE} MB are free at {directory}, {needed // MEBIBYTE} MB are needed: "
            "free some space, or set KIM_HOME to a directory on another disk."
        )


def require_writable(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StackError(
            f"{directory} cannot be written ({error.strerror}): "
            "correct its rights, or set KIM_HOME to another directory."
        ) from error


def wait_until(condition: Callable[[], bool], limit: float, pause: float = 0.05) -> bool:
    """Ask every `pause` seconds until it is so (True) or `limit` seconds are over (False)."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True
