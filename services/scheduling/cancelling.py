"""Until when a confirmed talk with an interpreter can be called off for nothing. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from services.scheduling.windows import BERLIN, berlin_date


class FreeCancelling(NamedTuple):
    """Of the funding pot, by the first day of a talk for which it holds."""

    valid_from: date
    days_before: int
    """Calendar days before the talk."""
    until: time
    """By the clocks of Berlin on that day."""


def free_until(rules: Iterable[FreeCancelling], starts_at: datetime) -> datetime | None:
    """The last moment that costs nothing, as interpreter counts it; None where no rule is known for that day."""
    day = berlin_date(starts_at)
    begun = [rule for rule in rules if rule.valid_from <= day]
    if not begun:
        return None
    _, days_before, until = max(begun)
    return datetime.combine(day - timedelta(days=days_before), until, BERLIN).astimezone(UTC)
