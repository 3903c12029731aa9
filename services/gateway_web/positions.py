"""How far the streams of several municipalities were read, as one event id: `05170008:12,05170024:3`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

_PART = re.compile(r"(\d{8}):(\d{1,18})")


@dataclass(frozen=True)
class Positions:
    """AGS -> the last sequence that was read. What is missing starts from 0."""

    read: Mapping[str, int]

    @classmethod
    def parse(cls, text: str, served: Collection[str]) -> Self:
        """Only of the municipalities served; whatever is no position counts as not read."""
        found = {ags: int(sequence) for ags, sequence in _PART.findall(text)}
        return cls({ags: found.get(ags, 0) for ags in sorted(served)})

    def moved(self, ags: str, sequence: int) -> Self:
        return type(self)({**self.read, ags: sequence})

    def __str__(self) -> str:
        return ",".join(f"{ags}:{sequence}" for ags, sequence in self.read.items())
