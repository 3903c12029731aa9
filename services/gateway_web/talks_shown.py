"""The talks of a case as its page shows them: each alone, or in its series. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_ARRANGED = frozenset({"held", "confirmed"})
_TOOK_PLACE = frozenset({"confirmed", "attended"})


@dataclass(frozen=True)
class Talk:
    """`booking`: as scheduling shows it; None for a time of a series that cannot be had."""

    booking: Mapping[str, Any] | None
    at: str | None
    """When it is or is to be; None while a time is looked for."""
    gap: str | None
    """Why it cannot be had."""
    can_be_cancelled: bool
    can_be_moved: bool
    asks_feedback: bool
    """It was interpreted, and is over."""


@dataclass(frozen=True)
class Series:
    view: Mapping[str, Any]
    talks: list[Talk]
    can_be_ended: bool


def alone(bookings: Iterable[Mapping[str, Any]], now: datetime) -> list[Talk]:
    """Those of no series, the latest first."""
    found = [each for each in bookings if each["series_id"] is None and each["current"]]
    return [_talk(each, _starts(each), now) for each in reversed(found)]


def in_series(view: Mapping[str, Any], bookings: Sequence[Mapping[str, Any]], now: datetime) -> Series:
    """Its talks in order, those for which there is no time included."""
    known = {each["booking_id"]: each for each in bookings}
    talks = [_of_series(each, known, now) for each in view["occurrences"]]
    return Series(view, talks, view["ended_at"] is None and any(each.can_be_cancelled for each in talks))


def _of_series(occurrence: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], now: datetime) -> Talk:
    if occurrence["gap"] is not None:
        return Talk(None, occurrence["occurrence"], occurrence["gap"], *(False,) * 3)
    return _talk(known[occurrence["booking_id"]], occurrence["starts_at"] or occurrence["occurrence"], now)


def _starts(booking: Mapping[str, Any]) -> str | None:
    return booking["chosen"]["starts_at"] if booking["chosen"] else None


def _talk(booking: Mapping[str, Any], at: str | None, now: datetime) -> Talk:
    chosen = booking["chosen"]
    is_to_come = booking["state"] in _ARRANGED and chosen is not None and _moment(chosen["starts_at"]) > now
    is_over = booking["state"] in _TOOK_PLACE and chosen is not None and _moment(chosen["ends_at"]) <= now
    return Talk(
        booking=booking,
        at=at,
        gap=None,
        can_be_cancelled=is_to_come,
        can_be_moved=is_to_come and booking["state"] == "confirmed",
        asks_feedback=is_over and booking["language"] is not None,
    )


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)
