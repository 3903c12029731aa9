"""The state of a case and of its talks: coded facts and ids, nothing of the person."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from shared.contracts.base import Event
from shared.contracts.vocabulary import Gender, Mode, Phase, Topic


class ClosingReason(StrEnum):
    """Why a case came to its end."""

    GOALS_REACHED = "goals_reached"
    HANDED_OVER = "handed_over"
    ENDED_BY_PARTICIPANT = "ended_by_participant"
    NOT_REACHED = "not_reached"
    MOVED_AWAY = "moved_away"
    ENQUIRY_WITHDRAWN = "enquiry_withdrawn"
    """Told by intake, never chosen here: such a case stays closed."""
    CONSENT_REVOKED = "consent_revoked"
    """Told by person, never chosen here: the consent to be counselled was taken back (Art. 7(3) GDPR)."""
    CONSENT_EXPIRED = "consent_expired"
    """Told by person, never chosen here: the consent to be counselled is over by the clock, and there is no new one."""


NEVER_CHOSEN = frozenset(
    {ClosingReason.ENQUIRY_WITHDRAWN, ClosingReason.CONSENT_REVOKED, ClosingReason.CONSENT_EXPIRED}
)
"""Reasons that nobody gives: then there is no outcome either."""


class ClosingOutcome(StrEnum):
    """How the situation is at the end, against how it was at the beginning."""

    IMPROVED = "improved"
    PARTLY_IMPROVED = "partly_improved"
    UNCHANGED = "unchanged"
    WORSE = "worse"
    UNKNOWN = "unknown"


class Ending(NamedTuple):
    """With what a case is closed."""

    reason: ClosingReason
    outcome: ClosingOutcome


class TalkState(StrEnum):
    """requested -> confirmed | unmet | released; confirmed -> attended | missed | released. Scheduling says which."""

    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    UNMET = "unmet"
    """No interpreter could be found."""
    ATTENDED = "attended"
    MISSED = "missed"
    """The participant did not come: somebody should ask how they are."""
    RELEASED = "released"
    """It came to nothing, or was cancelled."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that was asked for, and what scheduling made of it."""

    counselling_id: UUID
    mode: Mode
    duration_minutes: int
    requested_on: date
    state: TalkState = TalkState.REQUESTED
    booking_id: UUID | None = None
    """Known with the first that is heard of its booking."""
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class Needs(NamedTuple):
    """Whom the participant can be interpreted by."""

    dialect: str | None = None
    """BCP 47, such as `ar-SY`."""
    gender: Gender | None = None
    gender_binding: bool = False
    """Whether the gender is a condition and not a wish."""
    conflict_tokens: tuple[str, ...] = ()
    """Keyed hashes that person alone computes; sorted."""


@dataclass(frozen=True, slots=True)
class Case:
    case_id: UUID
    enquiry_id: UUID
    ags: str
    home_ags: str
    """Where the enquiry came from: elsewhere a case is with the participant's consent alone."""
    topics: tuple[Topic, ...]
    languages: tuple[str, ...]
    """BCP 47, in the order of preference."""
    mode: Mode
    opened_on: date
    """Dates are those of Europe/Berlin."""
    phase: Phase = Phase.CLARIFICATION
    reason: ClosingReason | None = None
    """There is one exactly while the case is closed."""
    outcome: ClosingOutcome | None = None
    """Of a closed case; None for a reason that is never chosen."""
    case_manager_id: UUID | None = None
    """None: waits for somebody to have room for it."""
    speaks_language: bool = False
    """Whether the case manager speaks one of the participant's languages."""
    version: int = 1
    """Grows with every change but those of talks."""
    may_be_counselled: bool = True
    """False: the consent to it was revoked or is over. Nothing in the case is read or done until there is a new one."""
    needs: Needs = field(default_factory=Needs)
    person_id: UUID | None = None
    """None until the person service has told it."""
    talks: tuple[Talk, ...] = ()
    """In the order in which they were asked for."""

    @property
    def is_away(self) -> bool:
        return self.ags != self.home_ags

    @property
    def is_closed(self) -> bool:
        return self.phase is Phase.CLOSED


Outcome = tuple[Case, list[Event]]
"""The new state, and what is to be told."""
