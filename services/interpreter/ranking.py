"""Who could interpret a talk, best first. Hard rules are never weighed against points."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.interpreter.domain import Credential, Interpreter, Level
from services.interpreter.substitutes import SUBSTITUTES
from services.interpreter.tariffs import Kind, Rules
from shared.contracts.vocabulary import Gender


class Refusal(StrEnum):
    """The hard rule that is broken."""

    INACTIVE = "inactive"
    NOT_FREE = "not_free"
    MUNICIPALITY_NOT_SERVED = "municipality_not_served"
    LANGUAGE_NOT_SPOKEN = "language_not_spoken"
    CREDENTIAL_MISSING = "credential_missing"
    NOT_SWORN = "not_sworn"
    EXCLUDED_BY_POT = "excluded_by_pot"
    LEAD_TIME = "lead_time"
    CONFLICT_OF_INTEREST = "conflict_of_interest"
    OTHER_GENDER = "other_gender"


class Reason(StrEnum):
    """What gave or took points."""

    LANGUAGE_NATIVE = "language_native"
    LANGUAGE_C2 = "language_c2"
    LANGUAGE_C1 = "language_c1"
    LANGUAGE_B2 = "language_b2"
    SUBSTITUTE = "substitute"
    CONTINUITY = "continuity"
    SAME_MUNICIPALITY = "same_municipality"
    DISTANCE = "distance"
    RECENT_ASSIGNMENTS = "recent_assignments"
    DIALECT = "dialect"
    GENDER_WISH = "gender_wish"
    CREDENTIAL = "credential"
    """What the pot prefers where much depends on every word."""
    PLANNED = "planned"
    """An adopted plan means them for this slot."""
    PLANNED_ELSEWHERE = "planned_elsewhere"
    """An adopted plan means them for another talk at that time."""


_LEVEL = MappingProxyType(
    {
        Level.NATIVE: Reason.LANGUAGE_NATIVE,
        Level.C2: Reason.LANGUAGE_C2,
        Level.C1: Reason.LANGUAGE_C1,
        Level.B2: Reason.LANGUAGE_B2,
    }
)
POINTS: Mapping[Reason, int] = MappingProxyType(
    {
        Reason.LANGUAGE_NATIVE: 30,
        Reason.LANGUAGE_C2: 24,
        Reason.LANGUAGE_C1: 16,
        Reason.LANGUAGE_B2: 8,
        Reason.SUBSTITUTE: -200,
        Reason.CONTINUITY: 40,
        Reason.SAME_MUNICIPALITY: 10,
        Reason.DISTANCE: -1,
        Reason.RECENT_ASSIGNMENTS: -4,
        Reason.DIALECT: 12,
        Reason.GENDER_WISH: 50,
        Reason.CREDENTIAL: 10,
        Reason.PLANNED: 1000,
        Reason.PLANNED_ELSEWHERE: -1000,
    }
)
"""Assumed weights; levels count double at high stakes. Who speaks a substitute stands behind everybody who does not.

An adopted plan weighs more than all else together: somebody has looked at it."""
KM_COUNTED = 5
"""So many kilometres one way weigh one point of distance."""
MOST_COUNTED = 20
"""Recent assignments above this number weigh no more."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What is asked for. `languages` are the participant's, the preferred one first."""

    ags: str
    languages: Sequence[str]
    kinds: frozenset[Kind]
    rules: Rules
    earliest: date
    """First day that keeps the pot's lead time."""
    remote: bool = False
    """By phone or video, so that it does not matter where the interpreter goes to."""
    dialect: str | None = None
    gender: Gender | None = None
    """Whom the participant wishes for."""
    gender_binding: bool = False
    """Whether that is a condition."""
    conflicts: frozenset[str] = frozenset()
    """Keyed hashes of the participant, their family and community."""
    high_stakes: bool = False
    """Much depends on every word, by the pot's rules about topics and purposes."""


@dataclass(frozen=True, slots=True)
class OpenSlot:
    """A slot, its day in Berlin, and who is free then."""

    slot_id: UUID
    day: date
    free: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Candidate:
    interpreter: Interpreter
    recent_assignments: int
    """In the last 90 days, so that work is shared fairly."""
    knows_case: bool
    same_municipality: bool
    planned: bool = False
    planned_elsewhere: bool = False
    km: int = 0
    """One way, from where they set out; 0 also where nobody travels."""


class Scored(BaseModel):
    """A reason, and the points it gave."""

    model_config = ConfigDict(frozen=True)

    reason: Reason
    points: int


@dataclass(frozen=True, slots=True)
class Ranked:
    interpreter_id: UUID
    reasons: tuple[Scored, ...]

    @property
    def score(self) -> int:
        return sum(scored.points for scored in self.reasons)


@dataclass(frozen=True, slots=True)
class SlotRanking:
    """`language` is the participant's that is to be interpreted; None where nobody could come."""

    slot_id: UUID
    language: str | None
    ranked: tuple[Ranked, ...]


def rank(talk: Talk, slot: OpenSlot, candidates: Iterable[Candidate]) -> SlotRanking:
    """Everybody who breaks no hard rule, by points; equal ones by id."""
    could = [candidate for candidate in candidates if not refusals(talk, slot, candidate.interpreter)]
    language = _language(talk.languages, [candidate.interpreter for candidate in could])
    if language is None:
        return SlotRanking(slot.slot_id, None, ())
    ranked = [
        Ranked(candidate.interpreter.id, tuple(_reasons(talk, slot, candidate, language)))
        for candidate in could
        if spoken_for(candidate.interpreter, language)
    ]
    return SlotRanking(slot.slot_id, language, tuple(sorted(ranked, key=lambda r: (-r.score, r.interpreter_id))))


def refusals(talk: Talk, slot: OpenSlot, interpreter: Interpreter) -> frozenset[Refusal]:
    """The hard rules that would be broken, if this interpreter came."""
    return frozenset(refusal for refusal, broken in _BROKEN.items() if broken(talk, slot, interpreter))


def permitted_who_speak(talk: Talk, slot: OpenSlot, interpreter: Interpreter) -> bool:
    """Whether no hard rule is broken, of somebody who speaks a language of the talk: as `refusals`, and quicker."""
    return interpreter.id in slot.free and not any(broken(talk, slot, interpreter) for broken in _BUT_LANGUAGE)


def spoken_for(interpreter: Interpreter, language: str) -> str | None:
    """What the interpreter would speak: the language itself, else the first allowed substitute, else None."""
    choices = (language, *SUBSTITUTES.get(language, ()))
    return next((choice for choice in choices if interpreter.level(choice)), None)


def _language(languages: Sequence[str], could: Sequence[Interpreter]) -> str | None:
    """The most preferred language that somebody speaks; without any, the most preferred one with a substitute."""
    itself = (language for language in languages if any(one.level(language) for one in could))
    instead = (language for language in languages if any(spoken_for(one, language) for one in could))
    return next(itself, None) or next(instead, None)


def _reasons(talk: Talk, slot: OpenSlot, candidate: Candidate, language: str) -> Iterable[Scored]:
    spoken = spoken_for(candidate.interpreter, language) or language
    if level := candidate.interpreter.level(spoken):
        yield _scored(_LEVEL[level], 2 if talk.high_stakes else 1)
    if talk.high_stakes and candidate.interpreter.credentials.valid(talk.rules.stakes.prefer, slot.day):
        yield _scored(Reason.CREDENTIAL)
    if spoken != language:
        yield _scored(Reason.SUBSTITUTE)
    if candidate.knows_case:
        yield _scored(Reason.CONTINUITY)
    if candidate.same_municipality:
        yield _scored(Reason.SAME_MUNICIPALITY)
    if far := candidate.km // KM_COUNTED:
        yield _scored(Reason.DISTANCE, far)
    if talk.dialect is not None and talk.dialect in candidate.interpreter.dialects:
        yield _scored(Reason.DIALECT)
    if talk.gender is not None and talk.gender is candidate.interpreter.gender:
        yield _scored(Reason.GENDER_WISH)
    yield from _by_plan(candidate)
    if candidate.recent_assignments:
        yield _scored(Reason.RECENT_ASSIGNMENTS, min(candidate.recent_assignments, MOST_COUNTED))


def _by_plan(candidate: Candidate) -> Iterable[Scored]:
    if candidate.planned:
        yield _scored(Reason.PLANNED)
    if candidate.planned_elsewhere:
        yield _scored(Reason.PLANNED_ELSEWHERE)


def _scored(reason: Reason, times: int = 1) -> Scored:
    return Scored(reason=reason, points=POINTS[reason] * times)


def _lacks_credential(talk: Talk, slot: OpenSlot, interpreter: Interpreter) -> bool:
    return any(
        not interpreter.credentials.valid(credential, slot.day) for credential in talk.rules.required_credentials
    )


def _lacks_oath(talk: Talk, slot: OpenSlot, interpreter: Interpreter) -> bool:
    needed = talk.kinds & talk.rules.exclusions.sworn_only
    return bool(needed) and not interpreter.credentials.valid(Credential.SWORN, slot.day)


_BROKEN: Mapping[Refusal, Callable[[Talk, OpenSlot, Interpreter], bool]] = MappingProxyType(
    {
        Refusal.INACTIVE: lambda _talk, _slot, who: not who.active,
        Refusal.NOT_FREE: lambda _talk, slot, who: who.id not in slot.free,
        Refusal.MUNICIPALITY_NOT_SERVED: lambda talk, _slot, who: (
            not talk.remote and talk.ags not in who.municipalities
        ),
        Refusal.LANGUAGE_NOT_SPOKEN: lambda talk, _slot, who: not any(spoken_for(who, tag) for tag in talk.languages),
        Refusal.CREDENTIAL_MISSING: _lacks_credential,
        Refusal.NOT_SWORN: _lacks_oath,
        Refusal.EXCLUDED_BY_POT: lambda talk, _slot, _who: bool(talk.kinds & talk.rules.exclusions.never),
        Refusal.LEAD_TIME: lambda talk, slot, _who: slot.day < talk.earliest,
        Refusal.CONFLICT_OF_INTEREST: lambda talk, _slot, who: not talk.conflicts.isdisjoint(who.conflicts),
        Refusal.OTHER_GENDER: lambda talk, _slot, who: talk.gender_binding and talk.gender is not who.gender,
    }
)
_QUICKLY_SEEN = frozenset({Refusal.NOT_FREE, Refusal.LANGUAGE_NOT_SPOKEN})
_BUT_LANGUAGE = tuple(broken for refusal, broken in _BROKEN.items() if refusal not in _QUICKLY_SEEN)
