"""The state of a booking."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.scheduling.merits import Merits
from services.scheduling.windows import berlin_date
from shared.contracts.scheduling import Slot
from shared.contracts.vocabulary import CancelledBy, Gender, Mode, NextOption, ReleaseReason, TalkPurpose, Topic


class State(StrEnum):
    """requested -> ranking -> proposed -> held -> confirmed -> attended | missed; before it starts: released, unmet."""

    REQUESTED = "requested"
    RANKING = "ranking"
    """Joint slots are found; interpreter ranks who could come."""
    PROPOSED = "proposed"
    """The participant has slots to choose from."""
    HELD = "held"
    """Everything is held; the interpreter is asked."""
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    MISSED = "missed"
    """The participant did not come."""
    RELEASED = "released"
    UNMET = "unmet"
    """No interpreter could be found."""


SEARCHING = frozenset({State.REQUESTED, State.RANKING, State.PROPOSED})
ENDED = frozenset({State.RELEASED, State.UNMET, State.ATTENDED, State.MISSED})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Candidate(_Frozen):
    """A joint slot."""

    slot_id: UUID
    starts_at: datetime
    ends_at: datetime
    interpreters: tuple[UUID, ...] = ()
    """Who can still be asked: while ranking in any order, then best first."""
    language: str | None = None
    """What these interpreters speak; None until it is ranked, and where none is needed."""
    other_languages: Mapping[UUID, str] = Field(default_factory=dict)
    """Interpreter -> what they would interpret, where an adopted plan means another one of the participant's."""
    ask_at_once: int = 1
    """How many interpreters are held and asked in one round."""
    merits: Merits = Merits()

    @property
    def slot(self) -> Slot:
        return Slot(slot_id=self.slot_id, starts_at=self.starts_at, ends_at=self.ends_at)

    def language_of(self, interpreter_id: UUID | None) -> str | None:
        """What would be interpreted, if they came."""
        return self.other_languages.get(interpreter_id, self.language) if interpreter_id else self.language

    def round_of(self, free: Sequence[UUID]) -> tuple[UUID, ...]:
        """The best of them, as many as are asked at once. Those of one round interpret the same language."""
        alike = (who for who in free if self.language_of(who) == self.language_of(free[0]))
        return tuple(islice(alike, self.ask_at_once))

    def without(self, interpreter_id: UUID) -> Self:
        left = tuple(other for other in self.interpreters if other != interpreter_id)
        return self.model_copy(update={"interpreters": left})


class Booking(_Frozen):
    booking_id: UUID
    counselling_id: UUID
    case_id: UUID
    enquiry_id: UUID
    ags: str
    case_manager_id: UUID
    languages: tuple[str, ...]
    """Of the participant, in the order of preference."""
    topics: tuple[Topic, ...]
    mode: Mode
    interpreter_needed: bool
    duration_minutes: int
    requested_at: datetime
    """When the talk was asked for; of one that is moved or searched anew, the first time."""
    purpose: TalkPurpose = TalkPurpose.COUNSELLING
    dialect: str | None = None
    gender: Gender | None = None
    """Whom the participant wishes to be interpreted by."""
    gender_binding: bool = False
    conflict_tokens: tuple[str, ...] = ()
    """Opaque here; what is known of wishes and conflicts later, interpreter hears from case itself."""
    state: State = State.REQUESTED
    candidates: tuple[Candidate, ...] = ()
    """The slots that are looked at; once proposed, those that are proposed."""
    slot_id: UUID | None = None
    """The chosen one."""
    room_id: UUID | None = None
    interpreter_id: UUID | None = None
    also_asked: tuple[UUID, ...] = ()
    """The others of the round, best first; the first of all to accept comes."""
    expires_at: datetime | None = None
    """When the proposal, or the hold, comes to an end by itself."""
    reason: ReleaseReason | None = None
    next_options: tuple[NextOption, ...] = ()
    """What could still be tried where nobody could be found, the best first."""
    cancelled_by: CancelledBy | None = None
    cancelled_at: datetime | None = None
    costs_fee: bool | None = None
    """Of a cancelled one: whether that costs the funding pot a fee, as it was too late; None: the rule is not known."""
    series_id: UUID | None = None
    """The series of talks to which it belongs."""
    occurrence: datetime | None = None
    """When the series has this talk; it may have been moved since."""
    replaces: UUID | None = None
    """The confirmed booking whose place this one takes once it is confirmed itself."""

    @property
    def duration(self) -> timedelta:
        return timedelta(minutes=self.duration_minutes)

    @property
    def place(self) -> str | None:
        """A coded place, as `shared.travel` reads it: offices, a home, or None where nobody travels."""
        places = {Mode.IN_PERSON: self.ags, Mode.HOME_VISIT: f"{self.ags}/{self.enquiry_id}"}
        return places.get(self.mode)

    @property
    def client_id(self) -> UUID:
        """Scheduling knows no persons: a client is known by the enquiry."""
        return self.enquiry_id

    @property
    def resources(self) -> set[UUID]:
        """Everything that the talk needs, as far as it is decided."""
        needed = (self.client_id, self.case_manager_id, self.room_id, *self.round)
        return {resource for resource in needed if resource}

    @property
    def round(self) -> tuple[UUID, ...]:
        """The interpreters who are held, best first."""
        return (*((self.interpreter_id,) if self.interpreter_id else ()), *self.also_asked)

    @property
    def chosen(self) -> Candidate | None:
        return next((c for c in self.candidates if c.slot_id == self.slot_id), None)

    @property
    def is_fixed(self) -> bool:
        """Whether it is about one time of a series alone, so that nobody has to choose."""
        only = [candidate.starts_at for candidate in self.candidates]
        return self.series_id is not None and self.replaces is None and only == [self.occurrence]

    def has_started(self, now: datetime) -> bool:
        """Whether the chosen slot has begun, be it over or not."""
        return self.chosen is not None and self.chosen.starts_at <= now

    def is_over(self, now: datetime) -> bool:
        """Whether the time limit of the proposal, or of the hold, has passed."""
        return self.expires_at is not None and self.expires_at <= now

    def upcoming(self, now: datetime, too_soon: Collection[date] = ()) -> list[Candidate]:
        """The candidates that have not started, in order of time. `too_soon`: days in Berlin that are no more."""
        ahead = [candidate for candidate in self.candidates if candidate.starts_at > now]
        later = [candidate for candidate in ahead if berlin_date(candidate.starts_at) not in too_soon]
        return sorted(later, key=lambda candidate: candidate.starts_at)


def best(found: Sequence[Candidate], most: int) -> tuple[Candidate, ...]:
    """The earliest, since nobody is to wait for lack of choice, and those with most points; in order of time."""
    first, *others = sorted(found, key=lambda candidate: candidate.starts_at)
    others.sort(key=lambda candidate: -candidate.merits.points)
    return tuple(sorted([first, *others[: most - 1]], key=lambda candidate: candidate.starts_at))
