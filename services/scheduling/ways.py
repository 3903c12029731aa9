"""How long somebody is on the way to a talk and from it, seen from where they are before and after. Pure."""

from bisect import bisect_left, bisect_right

from services.scheduling.calendars import Calendar
from services.scheduling.spans import Span
from services.scheduling.windows import berlin_date
from shared.travel import way

_LAST = chr(0x10FFFF)
"""After every place."""


class Ways:
    """Of one person, who is to be at `place`; None: nobody goes anywhere."""

    __slots__ = ("_ends", "_place", "_starts")

    def __init__(self, calendar: Calendar, place: str | None) -> None:
        self._place = place
        there = [busy for busy in calendar.busy if busy.place is not None] if place is not None else []
        self._starts = sorted((busy.span.starts, str(busy.place)) for busy in there)
        self._ends = sorted((busy.span.ends, str(busy.place)) for busy in there)

    def trips(self, span: Span) -> int:
        """0 to 2: from the talk before, and to the one after, where that is on the same day and elsewhere.

        Where somebody sets out from in the morning is not known. Talks by phone change nothing.
        """
        return sum(place != self._place for place in self._beside(span))

    def minutes(self, span: Span) -> int:
        """Of these trips together, by the municipalities of both ends."""
        return sum(way(place, self._place).minutes for place in self._beside(span))

    def _beside(self, span: Span) -> list[str]:
        """Where they are before and after, on the same day."""
        over = bisect_right(self._ends, (span.starts, _LAST))
        following = bisect_left(self._starts, (span.ends, ""))
        beside = [*self._ends[max(over - 1, 0) : over], *self._starts[following : following + 1]]
        day = berlin_date(span.starts)
        return [place for moment, place in beside if berlin_date(moment) == day]
