"""How often something may be asked for, counted in this process alone: a shield against load, not a secret's guard."""

from collections.abc import Mapping
from time import monotonic
from types import MappingProxyType
from typing import ClassVar

from shared.errors import DomainError


class TooOften(DomainError):
    """This was asked for too often. Please wait a minute and try again."""

    status = 429
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({"Retry-After": "60"})


class Limit:
    """At most so many in each minute by the clock of this process, for each of the `names`."""

    SECONDS = 60
    NAMES = 50_000
    """More names than these in one minute: then nobody is told apart any more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = -1
        self._counts: dict[str, int] = {}

    def count(self, name: str, at: float | None = None) -> None:
        """Raises TooOften. `at`: seconds of a clock that never goes back."""
        minute = int((monotonic() if at is None else at) // self.SECONDS)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        if len(self._counts) >= self.NAMES:
            name = ""
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] > self._most:
            raise TooOften
