"""Days and times as people read them: Europe/Berlin, in German or English."""

from datetime import date, datetime

from services.gateway_web.texts import Catalogue
from shared.clock import BERLIN


def day(texts: Catalogue, value: date) -> str:
    """`Dienstag, 24. November 2026`. A moment is taken by its day in Berlin."""
    local = value.astimezone(BERLIN) if isinstance(value, datetime) else value
    return texts("date.day", weekday=texts("date.weekdays").split()[local.weekday()], **_parts(texts, local))


def short_day(texts: Catalogue, value: date) -> str:
    """`24.11.2026`."""
    local = value.astimezone(BERLIN) if isinstance(value, datetime) else value
    return texts("date.short", **_parts(texts, local))


def moment(texts: Catalogue, value: datetime) -> str:
    """`24.11.2026, 14:30 Uhr`."""
    return f"{short_day(texts, value)}, {texts('date.time', time=_clock(value))}"


def span(texts: Catalogue, starts: datetime, ends: datetime) -> str:
    """`Dienstag, 24. November 2026, 14:30 bis 16:00 Uhr`; over midnight with the day on which it ends."""
    if starts.astimezone(BERLIN).date() != ends.astimezone(BERLIN).date():
        last = short_day(texts, ends)
        return texts("date.span_days", day=day(texts, starts), starts=_clock(starts), last=last, ends=_clock(ends))
    return texts("date.span", day=day(texts, starts), starts=_clock(starts), ends=_clock(ends))


def _clock(value: datetime) -> str:
    return f"{value.astimezone(BERLIN):%H:%M}"


def _parts(texts: Catalogue, local: date) -> dict[str, str | int]:
    month = texts("date.months").split()[local.month - 1]
    return {"day": local.day, "month": month, "number": local.month, "year": local.year}
