"""Recurrence rules of calendars (RFC 5545, 3.3.10), narrowed to what hours of availability need. Pure.

Taken are FREQ daily to yearly with INTERVAL, COUNT or UNTIL, WKST, BYDAY, BYMONTH and BYMONTHDAY. What could run for
ever without finding a day, or find one every second, is refused: seconds to hours, BYSETPOS, and the combinations of
parts that contradict each other.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from shared.contracts.interpreter import AvailabilityRule
from shared.errors import DomainError

BERLIN = ZoneInfo("Europe/Berlin")
MOST_REPEATS = 1000
LONGEST_INTERVAL = 99
_DAY = "(MO|TU|WE|TH|FR|SA|SU)"
_ORDINAL_DAY = f"([+-]?[1-5])?{_DAY}"
_FORMS: Mapping[str, str] = {
    "FREQ": "DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": "[1-9][0-9]?",
    "COUNT": "[1-9][0-9]{0,3}",
    "UNTIL": "[0-9]{8}T[0-9]{6}Z",
    "WKST": _DAY,
    "BYDAY": f"{_ORDINAL_DAY}(,{_ORDINAL_DAY}){{0,20}}",
    "BYMONTH": "([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}",
    "BYMONTHDAY": r"-?([1-9]|[12]\d|3[01])(,-?([1-9]|[12]\d|3[01])){0,30}",
}
_PARTS = {name: re.compile(form, re.ASCII) for name, form in _FORMS.items()}


def parts(rrule: str) -> dict[str, str]:
    """Name -> value of each part. Raises ValueError where it is no rule that is taken here."""
    found: dict[str, str] = {}
    for part in rrule.split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or name in found or not _PARTS[name].fullmatch(value):
            raise ValueError("is not a recurrence rule that is taken here (RFC 5545, daily to yearly)")
        found[name] = value
    _check_together(found)
    return found


def _check_together(found: Mapping[str, str]) -> None:
    if "FREQ" not in found:
        raise ValueError("needs FREQ")
    if "COUNT" in found and "UNTIL" in found:
        raise ValueError("must not have both COUNT and UNTIL")
    if int(found.get("COUNT", 1)) > MOST_REPEATS:
        raise ValueError("repeats too often")
    if "UNTIL" in found:
        until(found)
    ordinal = any(character.isdigit() for character in found.get("BYDAY", ""))
    if ordinal and (found["FREQ"] in {"DAILY", "WEEKLY"} or "BYMONTHDAY" in found):
        raise ValueError("must not have numbered weekdays with this FREQ or with BYMONTHDAY")
    if "BYMONTHDAY" in found and found["FREQ"] in {"DAILY", "WEEKLY"}:
        raise ValueError("must not have BYMONTHDAY with this FREQ")


def until(found: Mapping[str, str]) -> datetime:
    """The last possible start, by the clocks of Berlin, without offset. Raises ValueError where there is no such day.

    RFC 5545: where DTSTART is local time with a time zone, UNTIL is in UTC.
    """
    try:
        last = datetime.strptime(found["UNTIL"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return last.astimezone(BERLIN).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError("has an UNTIL that is no date") from None


def may_start(rrule: str, starts: datetime) -> bool:
    """False where `starts` cannot be the first of the rule: RFC 5545 leaves undefined what such a rule means."""
    found = parts(rrule)
    if starts.month not in _numbers(found, "BYMONTH", starts.month):
        return False
    days = _numbers(found, "BYMONTHDAY", starts.day)
    if not {starts.day, starts.day - _length(starts) - 1} & days:
        return False
    if "UNTIL" in found and until(found) < starts:
        return False
    return "BYDAY" not in found or any(_is_that_day(day, found, starts) for day in found["BYDAY"].split(","))


def _is_that_day(day: str, found: Mapping[str, str], starts: datetime) -> bool:
    if day[-2:] != ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[starts.weekday()]:
        return False
    if not day[:-2]:
        return True
    if found["FREQ"] == "YEARLY" and "BYMONTH" not in found:
        number, last = starts.timetuple().tm_yday, 366 if _is_leap(starts.year) else 365
    else:
        number, last = starts.day, _length(starts)
    return int(day[:-2]) in {(number - 1) // 7 + 1, -((last - number) // 7 + 1)}


def _numbers(found: Mapping[str, str], name: str, default: int) -> set[int]:
    return {int(number) for number in found[name].split(",")} if name in found else {default}


def _length(starts: datetime) -> int:
    """Days of that month."""
    if starts.month == 2:
        return 29 if _is_leap(starts.year) else 28
    return 30 if starts.month in {4, 6, 9, 11} else 31


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _checked(rrule: str) -> str:
    parts(rrule)
    return rrule


def _whole_minute(value: datetime) -> datetime:
    if value.tzinfo is not None:
        raise ValueError("is wall time in Europe/Berlin, without an offset")
    if value.second or value.microsecond:
        raise ValueError("is given to the minute")
    if not 2000 <= value.year < 2100:
        raise ValueError("must lie between 2000 and 2099")
    return value


WallDateTime = Annotated[
    datetime,
    AfterValidator(_whole_minute),
    WithJsonSchema({"type": "string", "pattern": r"^20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d(:00)?$"}),
]
"""Date and time by the clocks of Berlin, without offset."""


class RuleUnusable(DomainError):
    """This is no rule of recurring hours that is taken here."""

    status = 422


class HoursRule(BaseModel):
    """Hours that recur, by the clocks of Berlin.

    On public holidays of North Rhine-Westphalia there are none but those that `rdates` names.
    """

    model_config = ConfigDict(frozen=True)

    starts: WallDateTime
    """DTSTART, the first of them; with `minutes` it says from when until when."""
    minutes: Annotated[int, Field(ge=15, le=24 * 60)]
    """By the clocks: hours that begin at 9 and have 180 end at 12 on every day."""
    rrule: Annotated[str, StringConstraints(max_length=200), AfterValidator(_checked)] | None = None
    """Such as `FREQ=WEEKLY;BYDAY=MO,WE`; None: once, and on `rdates`."""
    exdates: Annotated[tuple[WallDateTime, ...], Field(max_length=400)] = ()
    """Starts that the rule has and that do not take place."""
    rdates: Annotated[tuple[WallDateTime, ...], Field(max_length=400)] = ()
    """Further starts."""

    @model_validator(mode="after")
    def _begins_with_its_first(self) -> Self:
        if self.rrule and not may_start(self.rrule, self.starts):
            raise ValueError("must start on a day that its rule names")
        return self

    @property
    def told(self) -> AvailabilityRule:
        return AvailabilityRule(
            dtstart=self.starts.strftime(_STAMP),
            minutes=self.minutes,
            rrule=self.rrule,
            exdates=[each.strftime(_STAMP) for each in self.exdates],
            rdates=[each.strftime(_STAMP) for each in self.rdates],
        )

    @classmethod
    def heard(cls, told: AvailabilityRule) -> Self:
        """The inverse. Raises RuleUnusable."""
        try:
            return cls(
                starts=_moment(told.dtstart),
                minutes=told.minutes,
                rrule=told.rrule,
                exdates=tuple(map(_moment, told.exdates)),
                rdates=tuple(map(_moment, told.rdates)),
            )
        except ValueError:
            raise RuleUnusable("rules") from None


_STAMP = "%Y%m%dT%H%M%S"


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP)  # noqa: DTZ007 -- wall time
