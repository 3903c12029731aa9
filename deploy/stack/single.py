"""One stack per home: who runs it, whether it is ready, and how another process ends it."""

import fcntl
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy.stack import processes
from deploy.stack.errors import StackError
from deploy.stack.settings import StackSettings

STOP_LIMIT = 60.0


@contextmanager
def alone(settings: StackSettings) -> Iterator[None]:
    """Be the stack of this home, or raise StackError where another one is."""
    record = settings.record("stack")
    record.parent.mkdir(parents=True, exist_ok=True)
    with record.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StackError(
                "KIM is running already: end it with `make stop`, or set KIM_HOME and the ports for a second one."
            ) from error
        processes.write_record(record, os.getpid())
        ready_mark(settings).unlink(missing_ok=True)
        try:
            yield
        finally:
            ready_mark(settings).unlink(missing_ok=True)
            record.unlink(missing_ok=True)


def ready_mark(settings: StackSettings) -> Path:
    """A file that is there as long as the stack is up."""
    return settings.home / "run" / "stack.ready"


def stop_other(settings: StackSettings) -> str:
    """End the stack of this home and wait until it is gone. Returns a sentence about it."""
    process = processes.recorded(settings.record("stack"))
    if process is None:
        return "KIM is not running."
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT)
    except psutil.TimeoutExpired as error:
        raise StackError(f"KIM did not end within {STOP_LIMIT:.0f} s: end process {process.pid} yourself.") from error
    return "KIM has ended."
