"""Several things at once, of which the first failure is the failure of all."""

import queue
import threading
from collections.abc import Callable, Iterable


def in_parallel(tasks: Iterable[Callable[[], None]]) -> None:
    """Run each in a thread; return when all are done, or raise the first error without waiting for the others.

    The threads are daemons: they keep nobody from ending.
    """
    results: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

    def attempt(task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # noqa: BLE001 - raised again where the task was ordered
            results.put(error)
        else:
            results.put(None)

    threads = [threading.Thread(target=attempt, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    for _ in threads:
        if error := results.get():
            raise error
