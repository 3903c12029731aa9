"""Weekly windows in the wall time of Berlin, as instants: right on both days on which the clocks change."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.scheduling.spans import Span, merge
from shared.errors import DomainError

BERLIN = ZoneInfo("Europe/Berlin")
_CHANGE = time(1, tzinfo=UTC)
"""Directive 2000/84/EC: clocks in the Union change at 01:00 UTC."""


class WindowUpsideDown(DomainError):
    """A weekly window must lie on a weekday from 0 (Monday) to 6 and end after it starts."""

    status = 422


@dataclass(frozen=True, slots=True)
class Window:
    """From `starts` until before `ends`, every week on `weekday` (0 is Monday), by the clocks of Berlin."""

    weekday: int
    starts: time
    ends: time

    def __post_init__(self) -> None:
        """Raises WindowUpsideDown."""
        if self.weekday not in range(7) or self.starts >= self.ends:
            raise WindowUpsideDown("windows")

    def on(self, day: date) -> list[Span]:
        """The instants of `day` at which clocks in Berlin show a time in this window.

        An hour that the clocks skip has none; one that they show twice may have two spans.
        """
        if day.weekday() != self.weekday:
            return []
        return shown(datetime.combine(day, self.starts), datetime.combine(day, self.ends))


def shown(starts: datetime, ends: datetime) -> list[Span]:
    """The instants at which clocks in Berlin show a time from `starts` until before `ends`, of one day, wall time."""
    change = datetime.combine(starts.date(), _CHANGE)
    before, after = offset(change - timedelta(microseconds=1)), offset(change)
    starts, ends = starts.replace(tzinfo=UTC), ends.replace(tzinfo=UTC)
    return merge(
        [
            Span(starts - before, min(ends - before, change)),
            Span(max(starts - after, change), ends - after),
        ]
    )


def offset(instant: datetime) -> timedelta:
    """How far the clocks of Berlin are ahead of UTC at that instant."""
    return instant.astimezone(BERLIN).utcoffset() or timedelta()


def berlin_date(instant: datetime) -> date:
    """The date on the calendars of Berlin at that instant."""
    return instant.astimezone(BERLIN).date()


def day_ends(day: date) -> datetime:
    """The instant at which that day is over in Berlin."""
    return datetime.combine(day + timedelta(days=1), time(), BERLIN).astimezone(UTC)
