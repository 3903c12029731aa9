"""When somebody or something is there, as the API takes and shows it."""

from datetime import datetime, time
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from services.scheduling.resources import Kind, Resource
from services.scheduling.rules import Rule
from services.scheduling.spans import Span
from services.scheduling.windows import Window
from shared.bodies import Body
from shared.contracts.recurrence import HoursRule


class WindowInput(Body):
    """Every week, Europe/Berlin wall time, half-open."""

    weekday: Annotated[int, Field(ge=0, le=6, description="0 is Monday")]
    starts: time
    ends: time

    @model_validator(mode="after")
    def _is_no_instant(self) -> Self:
        if self.starts.tzinfo or self.ends.tzinfo:
            raise ValueError("is wall time in Europe/Berlin, without an offset")
        if self.starts >= self.ends:
            raise ValueError("must end after it starts")
        return self


class AbsenceInput(Body):
    starts_at: AwareDatetime
    ends_at: AwareDatetime

    @model_validator(mode="after")
    def _takes_time(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError("must end after it starts")
        return self


class RuleInput(Body, HoursRule):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HoursInput(Body):
    """All hours and absences: they replace what was known."""

    windows: Annotated[list[WindowInput], Field(max_length=100, default_factory=list)]
    rules: Annotated[list[RuleInput], Field(max_length=50, default_factory=list)]
    """Beside the windows: hours that recur in another way, or with exceptions (RFC 5545)."""
    absences: Annotated[list[AbsenceInput], Field(max_length=500, default_factory=list)]

    @property
    def weekly(self) -> tuple[Window, ...]:
        return tuple(Window(window.weekday, window.starts, window.ends) for window in self.windows)

    @property
    def recurring(self) -> tuple[Rule, ...]:
        return tuple(map(Rule.of, self.rules))

    @property
    def away(self) -> tuple[Span, ...]:
        return tuple(Span(absence.starts_at, absence.ends_at) for absence in self.absences)


class WindowView(BaseModel):
    weekday: int
    starts: time
    ends: time


class AbsenceView(BaseModel):
    starts_at: datetime
    ends_at: datetime


class ResourceView(BaseModel):
    """Windows and rules are wall time in Europe/Berlin."""

    resource_id: UUID
    kind: Kind
    ags: list[str]
    windows: list[WindowView]
    rules: list[HoursRule]
    absences: list[AbsenceView]

    @classmethod
    def of(cls, found: Resource) -> Self:
        return cls(
            resource_id=found.id,
            kind=found.kind,
            ags=list(found.ags),
            windows=[WindowView(weekday=w.weekday, starts=w.starts, ends=w.ends) for w in found.windows],
            rules=[rule.shown for rule in found.rules],
            absences=[AbsenceView(starts_at=away.starts, ends_at=away.ends) for away in found.absences],
        )
