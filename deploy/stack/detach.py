"""The stack in the background: start it, show what it says until it is ready, and leave it running."""

import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import TextIO

from deploy.stack.checks import wait_until
from deploy.stack.settings import ROOT, StackSettings
from deploy.stack.single import ready_mark


def run_detached(settings: StackSettings, arguments: Sequence[str]) -> int:
    """Returns 0 when it is ready, and its own exit code when it ended instead."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = settings.log("stack")
    log.parent.mkdir(parents=True, exist_ok=True)
    ready = ready_mark(settings)
    with log.open("w") as written, log.open() as read:
        process = subprocess.Popen(
            [sys.executable, "-m", "deploy.stack", *arguments],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=written, stderr=written, start_new_session=True,
        )  # fmt: skip
        try:
            while process.poll() is None and not (ready.exists() and ready.read_text() == str(process.pid)):
                wait_until(lambda: _follow(read), 0.2)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGTERM)
            process.wait()
        _follow(read)
        return process.poll() or 0


def _follow(log: TextIO) -> bool:
    text = log.read()
    print(text, end="", flush=True)
    return bool(text)
