"""A series of talks as it is typed in: from when, how often, and whether all or none."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from starlette.datastructures import FormData

INTERVALS = (1, 2, 3, 4)
"""Weeks from one talk to the next."""
FEWEST, MOST = 2, 26
"""Talks of a series; scheduling has the upper limit, too."""


@dataclass(frozen=True)
class Typed:
    day: str = ""
    time: str = ""
    interval: str = "1"
    count: str = ""
    whole: str = "no"

    @classmethod
    def of(cls, form: FormData) -> Self:
        return cls(**{name: str(form.get(name, "")).strip() for name in asdict(cls())})

    def wrong(self) -> dict[str, str]:
        """Field -> key of the text that says why."""
        right: Mapping[str, bool] = {
            "day": bool(self.day),
            "time": bool(self.time),
            "interval": self.interval in map(str, INTERVALS),
            "count": self.count in map(str, range(FEWEST, MOST + 1)),
            "whole": self.whole in {"yes", "no"},
        }
        return {name: f"series_{name}" for name, is_right in right.items() if not is_right}

    def body(self) -> dict[str, Any]:
        """For scheduling, of a form with nothing wrong; whether there is such a day and time it says itself."""
        return {
            "starts": f"{self.day}T{self.time}",
            "rrule": f"FREQ=WEEKLY;INTERVAL={self.interval};COUNT={self.count}",
            "whole": self.whole == "yes",
        }
