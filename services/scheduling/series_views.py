"""What the API takes and shows of series of talks."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from services.scheduling import talks
from services.scheduling.booking import Booking, State
from services.scheduling.series import Gap, Occurrence, Series
from shared.bodies import Body
from shared.contracts.recurrence import WallDateTime, may_start, parts
from shared.contracts.vocabulary import ReleaseReason


def _checked(rrule: str) -> str:
    parts(rrule)
    return rrule


class SeriesInput(Body):
    """Talks like the booking, as often as the rule says, by the clocks of Berlin."""

    starts: WallDateTime
    """The first of them."""
    rrule: Annotated[str, StringConstraints(max_length=200), AfterValidator(_checked)]
    """RFC 5545, with COUNT or UNTIL: at most 26 talks within a year."""
    whole: bool
    """True: where one of them cannot be had, none is to be; false: those that can."""

    @model_validator(mode="after")
    def _begins_with_its_first(self) -> Self:
        if not may_start(self.rrule, self.starts):
            raise ValueError("must start on a day that its rule names")
        return self

    def series(self, series_id: UUID, like: Booking) -> Series:
        return Series(
            series_id=series_id,
            case_id=like.case_id,
            enquiry_id=like.enquiry_id,
            case_manager_id=like.case_manager_id,
            starts=self.starts,
            rrule=self.rrule,
            minutes=like.duration_minutes,
            whole=self.whole,
        )


class OccurrenceView(BaseModel):
    occurrence: datetime
    """When the series has it."""
    booking_id: UUID | None
    """The booking that tells how it stands; null: there is none."""
    state: State | None
    starts_at: datetime | None
    """When it is, or is to be; null while another time is looked for."""
    reason: ReleaseReason | None
    gap: Gap | None
    """Why there is no booking."""

    @classmethod
    def of(cls, booking: Booking) -> Self:
        shown = booking.chosen or (booking.candidates[0] if booking.is_fixed else None)
        return cls(
            occurrence=booking.occurrence,
            booking_id=booking.booking_id,
            state=booking.state,
            starts_at=shown.starts_at if shown else None,
            reason=booking.reason,
            gap=None,
        )

    @classmethod
    def missing(cls, found: Occurrence) -> Self:
        return cls(occurrence=found.starts_at, booking_id=None, state=None, starts_at=None, reason=None, gap=found.gap)


class SeriesView(BaseModel):
    series_id: UUID
    starts: WallDateTime
    rrule: str
    minutes: Annotated[int, Field(gt=0)]
    whole: bool
    ended_at: datetime | None
    occurrences: list[OccurrenceView]
    """In order, those for which there is no time included."""

    @classmethod
    def of(cls, series: Series, bookings: Sequence[Booking], gaps: Iterable[Occurrence]) -> Self:
        """`bookings`: all of the enquiry, the oldest first."""
        shown = talks.current(bookings)
        its = [each for each in bookings if each.series_id == series.series_id and each.booking_id in shown]
        found = [*map(OccurrenceView.of, its), *map(OccurrenceView.missing, gaps)]
        return cls(
            series_id=series.series_id,
            starts=series.starts,
            rrule=series.rrule,
            minutes=series.minutes,
            whole=series.whole,
            ended_at=series.ended_at,
            occurrences=sorted(found, key=lambda each: each.occurrence),
        )
