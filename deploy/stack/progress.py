"""What is being done, for the person who waits: a live list on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from rich.progress import Progress as RichProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn


class Progress:
    """`with progress: with progress.step("Kafka"): ...`; steps may run in several threads at once."""

    def __init__(self) -> None:
        self._live = (
            RichProgress(SpinnerColumn(finished_text="[green]✓"), TextColumn("{task.description}"), TimeElapsedColumn())
            if sys.stdout.isatty()
            else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """What is done inside; an error inside leaves it unfinished."""
        started = time.monotonic()
        if self._live:
            task = self._live.add_task(text, total=1)
            yield
            self._live.update(task, completed=1)
        else:
            say(f"{text} ...")
            yield
            say(f"{text}: done in {time.monotonic() - started:.1f} s")


def say(text: str) -> None:
    """In one write, since several threads speak."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
