"""What speaks for a slot, in numbers: waiting, continuity, travel and fairness, and what each weighs. Pure."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

FAIRNESS = timedelta(days=90)
"""How far back an interpreter's talks count."""
MOST_COUNTED = 20
"""Talks above this number weigh no more."""


class Reason(StrEnum):
    WAITING = "waiting"
    """Days until then, by the calendar of Berlin."""
    SAME_INTERPRETER = "same_interpreter"
    """How many talks of this case the interpreter who is asked first has interpreted."""
    TRAVEL = "travel"
    """Minutes that those who come from, or go to, another place spend on the way."""
    RECENT_TALKS = "recent_talks"
    """How many talks the interpreter who is asked first has in and since the last `FAIRNESS`: fewer is fairer."""


FOR_PARTICIPANTS = frozenset({Reason.WAITING, Reason.SAME_INTERPRETER})
"""The others would tell where somebody else is, or how much they work."""


class Stated(BaseModel):
    """A reason, its number, and the points that it gives (above 0) or takes."""

    model_config = ConfigDict(frozen=True)

    reason: Reason
    number: int
    points: int


_POINTS: Mapping[Reason, tuple[int, int]] = MappingProxyType(
    {
        Reason.WAITING: (-2, 1),
        Reason.SAME_INTERPRETER: (12, 0),
        Reason.TRAVEL: (-1, 15),
        Reason.RECENT_TALKS: (-1, 1),
    }
)
"""Points for each so many, or once and for all where that is 0. Assumed: who knows the case is worth six days."""


class Merits(BaseModel):
    """Of a slot, as they were when it was found, or when its interpreters were ranked."""

    model_config = ConfigDict(frozen=True)

    waiting_days: int = 0
    talks_together: int | None = None
    """None: no interpreter is needed, or none is ranked yet."""
    travel_minutes: int | None = None
    """None: nobody travels to a talk by phone or video."""
    recent_talks: int | None = None
    """None as `talks_together`."""

    @property
    def reasons(self) -> tuple[Stated, ...]:
        """In the order of `Reason`; without those about which nothing is to be said."""
        numbers = {
            Reason.WAITING: self.waiting_days,
            Reason.SAME_INTERPRETER: self.talks_together or None,
            Reason.TRAVEL: self.travel_minutes,
            Reason.RECENT_TALKS: self.recent_talks,
        }
        return tuple(_stated(reason, number) for reason, number in numbers.items() if number is not None)

    @property
    def points(self) -> int:
        return sum(stated.points for stated in self.reasons)


def _stated(reason: Reason, number: int) -> Stated:
    points, each = _POINTS[reason]
    times = min(number, MOST_COUNTED) if reason is Reason.RECENT_TALKS else number
    return Stated(reason=reason, number=number, points=points * (times // each if each else 1))


def shown(reasons: Collection[Stated], *, to_participant: bool) -> list[Stated]:
    """Those that may be told."""
    return [stated for stated in reasons if not to_participant or stated.reason in FOR_PARTICIPANTS]
