"""An interpreter and the week in which they can be asked. All of it coded."""

from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple, TypeAlias
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.interpreter.substitutes import stands_in_for
from shared.contracts.base import Event
from shared.contracts.interpreter import (
    Absence,
    AvailabilityWindow,
    InterpreterAvailabilityChanged,
    InterpreterProfileChanged,
)
from shared.contracts.recurrence import HoursRule
from shared.contracts.vocabulary import Gender, Language, LanguageTag
from shared.errors import DomainError

Windows: TypeAlias = tuple[AvailabilityWindow, ...]
"""A week, in order, without overlap."""
Rules: TypeAlias = tuple[HoursRule, ...]
"""Hours that recur in another way, or with exceptions."""
Absences: TypeAlias = tuple[Absence, ...]
"""Holidays and the like, in order; each ends after it starts."""


class Availability(NamedTuple):
    """When an interpreter can be asked, as a whole."""

    windows: Windows = ()
    rules: Rules = ()
    absences: Absences = ()

    def is_away(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether an absence falls into that time."""
        return any(each.starts_at < ends_at and starts_at < each.ends_at for each in self.absences)


class WindowUpsideDown(DomainError):
    """A window lies on a weekday from 0 (Monday) to 6, ends after it starts, and has times without an offset."""

    status = 422


class WindowsOverlap(DomainError):
    """Windows of one weekday must not overlap."""

    status = 422


class LanguageTwice(DomainError):
    """A language stands twice, so its level is not clear."""

    status = 422


class Level(StrEnum):
    """How well a language is spoken: the Common European Framework's upper levels, or as a native."""

    B2 = "b2"
    C1 = "c1"
    C2 = "c2"
    NATIVE = "native"


class Credential(StrEnum):
    CERTIFICATE_OF_CONDUCT = "certificate_of_conduct"
    """Erweitertes Führungszeugnis, § 30a BZRG."""
    DATA_SECRECY = "data_secrecy"
    """Obligation to data secrecy, signed."""
    SWORN = "sworn"
    """Allgemeine Beeidigung by a court."""


class _Coded(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Direction(StrEnum):
    """Seen from German."""

    BOTH = "both"
    INTO_GERMAN = "into_german"
    FROM_GERMAN = "from_german"


class SpokenLanguage(_Coded):
    language: Language
    level: Level
    direction: Direction = Direction.BOTH


class Credentials(_Coded):
    """The last day on which each is valid; None: there is none."""

    certificate_of_conduct: date | None = None
    data_secrecy: date | None = None
    sworn: date | None = None

    def valid(self, credential: Credential, day: date) -> bool:
        until: date | None = getattr(self, credential.value)
        return until is not None and day <= until


class Interpreter(_Coded):
    id: UUID
    gender: Gender
    languages: tuple[SpokenLanguage, ...]
    municipalities: tuple[str, ...]
    """AGS of the municipalities served."""
    base_postcode: str
    """Where they set out from; it may lie outside Kreis Wesel."""
    credentials: Credentials
    active: bool
    dialects: tuple[LanguageTag, ...] = ()
    """BCP 47 tags below the languages, such as `ar-SY`."""
    conflicts: tuple[str, ...] = ()
    """Keyed hashes of persons, families and communities with whom there is a conflict of interest."""

    def level(self, language: str) -> Level | None:
        """How well it is spoken; None also where it is interpreted in one direction alone, since a talk has two."""
        both = (spoken for spoken in self.languages if spoken.direction is Direction.BOTH)
        return next((spoken.level for spoken in both if spoken.language == language), None)


def register(known: Interpreter | None, given: Interpreter) -> tuple[Interpreter, list[Event]]:
    """The interpreter as given now; scheduling hears of what concerns it. Raises LanguageTwice."""
    if len({spoken.language for spoken in given.languages}) < len(given.languages):
        raise LanguageTwice("languages")
    told = _profile(given)
    return given, [] if known and _profile(known) == told else [told]


def set_availability(
    interpreter_id: UUID, known: Availability, given: Availability
) -> tuple[Availability, list[Event]]:
    """The week, the rules and the absences anew, as a whole. Raises WindowUpsideDown, WindowsOverlap."""
    week = tuple(sorted(given.windows, key=lambda window: (window.weekday, window.starts.isoformat())))
    if any(not _is_upright(window) for window in week):
        raise WindowUpsideDown("windows")
    if any(a.weekday == b.weekday and b.starts < a.ends for a, b in pairwise(week)):
        raise WindowsOverlap("windows")
    away = sorted({(each.starts_at, each.ends_at): each for each in given.absences}.items())
    now = Availability(week, given.rules, tuple(each for _, each in away))
    changed = InterpreterAvailabilityChanged(
        interpreter_id=interpreter_id,
        windows=list(week),
        rules=[rule.told for rule in now.rules],
        absences=list(now.absences),
    )
    return now, [] if now == known else [changed]


def _profile(interpreter: Interpreter) -> InterpreterProfileChanged:
    spoken = {spoken.language for spoken in interpreter.languages if interpreter.level(spoken.language)}
    return InterpreterProfileChanged(
        interpreter_id=interpreter.id,
        languages=sorted(spoken),
        municipalities=sorted(interpreter.municipalities),
        active=interpreter.active,
        stands_in_for=sorted(stands_in_for(spoken)),
    )


def _is_upright(window: AvailabilityWindow) -> bool:
    without_offset = window.starts.tzinfo is None and window.ends.tzinfo is None
    return without_offset and window.weekday in range(7) and window.starts < window.ends
