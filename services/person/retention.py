"""How long what is kept, by configuration: a period for each kind of data, with its reason and where it comes from."""

import tomllib
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Self, TypeVar

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

DEFAULT = Path(__file__).with_name("retention.toml")
Moment = TypeVar("Moment", date, datetime)


class RetentionUnreadable(Exception):
    """Its message says in one sentence what is wrong with the file: nothing is kept for a time that nobody set."""


class Clock(StrEnum):
    """What starts the clock of an enquiry: when it has run out for all of a person's, the person is erased."""

    CASE_CLOSED = "case_closed"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


class Period(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    months: int = Field(default=0, ge=0, le=600)
    days: int = Field(default=0, ge=0, le=3660)
    what: str
    why: str
    source: str
    """The law or guideline that the period follows."""
    assumed: bool
    """No law sets it: the controller has to."""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if not self.months and not self.days:
            raise ValueError("needs months or days")
        return self

    def before(self, now: Moment) -> Moment:
        """What was at this moment or earlier is kept no longer."""
        return now - relativedelta(months=self.months, days=self.days)

    def __str__(self) -> str:
        """In German, for the register."""
        parts = [f"{self.months} Monate" if self.months else "", f"{self.days} Tage" if self.days else ""]
        return " und ".join(filter(None, parts))


class Periods(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    case_closed: Period
    redirected: Period
    withdrawn: Period
    message: Period
    """After it was sent, refused or too late."""
    access_log: Period
    receipt: Period
    """Of an erasure."""

    def of(self, clock: Clock) -> Period:
        period: Period = getattr(self, clock.value)
        return period


def read(path: Path | None) -> Periods:
    """From the operator's file, or ours. Raises RetentionUnreadable."""
    chosen = path or DEFAULT
    try:
        return Periods.model_validate(tomllib.loads(chosen.read_text(encoding="utf-8")))
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise RetentionUnreadable(f"{chosen.name}: {place} is not as retention.toml of KIM has it.") from None
    except (OSError, ValueError):
        raise RetentionUnreadable(f"{chosen.name} (KIM_RETENTION_FILE) cannot be read as TOML.") from None
