"""Bounded memory: what an unfinished talk needs, and nothing longer."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Chat -> value, forgotten `seconds` after it was last put, or when `most` newer ones are there."""

    def __init__(self, seconds: float, most: int, now: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._now = now
        self._kept: OrderedDict[int, tuple[float, T]] = OrderedDict()

    def put(self, chat: int, value: T) -> None:
        self._kept.pop(chat, None)
        self._kept[chat] = (self._now() + self._seconds, value)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, chat: int) -> T | None:
        self.purge()
        return self._kept[chat][1] if chat in self._kept else None

    def drop(self, chat: int) -> None:
        self._kept.pop(chat, None)

    def purge(self) -> None:
        """Forgets what is due: the oldest stand first."""
        while self._kept and next(iter(self._kept.values()))[0] <= self._now():
            self._kept.popitem(last=False)
