"""What it costs to send an interpreter to a talk, in points: one point is worth a Euro of fee. Weights are assumed.

Hard rules are not weighed: where one is broken there is no option at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from services.interpreter.domain import Interpreter, Level
from services.interpreter.fees import kilometres, quote_talk
from services.interpreter.ranking import OpenSlot, Talk, permitted_who_speak, spoken_for
from services.interpreter.tariffs import Tariff
from shared.travel import OUTSIDE, between, way

FAIRNESS = 4
"""For each assignment of the last 90 days or earlier in the plan: so work that is spread costs less."""
UNMET = 10_000
"""A talk without interpreter: more than any talk with one, and than moving thirty others to their worst."""


class CostReason(StrEnum):
    LANGUAGE_LEVEL = "language_level"
    SUBSTITUTE = "substitute"
    LESS_PREFERRED_LANGUAGE = "less_preferred_language"
    DIALECT = "dialect"
    STAKES = "stakes"
    GENDER_WISH = "gender_wish"
    DISTANCE = "distance"
    CONTINUITY = "continuity"
    FEE = "fee"
    FAIRNESS = "fairness"


_LEVEL: Mapping[Level, int] = MappingProxyType({Level.NATIVE: 0, Level.C2: 6, Level.C1: 14, Level.B2: 22})
_SUBSTITUTE, _NEXT_LANGUAGE, _DIALECT, _NOT_SWORN, _GENDER, _STRANGER = 200, 30, 12, 10, 50, 40
_KM = 2
"""Kilometres one way that weigh one point."""


class Cost(NamedTuple):
    reason: CostReason
    points: int


@dataclass(frozen=True, slots=True)
class Appointment:
    """A slot that a request may have. `place` is coded; None: by phone or video, so nobody travels."""

    slot: OpenSlot
    talk: Talk
    tariff: Tariff
    starts_at: datetime
    ends_at: datetime
    place: str | None


@dataclass(frozen=True, slots=True)
class OpenRequest:
    id: UUID
    appointments: tuple[Appointment, ...]
    known: frozenset[UUID]
    """The interpreters who know the case."""


@dataclass(frozen=True, slots=True)
class Supply:
    interpreter: Interpreter
    recent: int
    """Assignments of the last 90 days."""
    base: str | None
    """AGS where they set out from; None: outside Kreis Wesel."""


class Option(NamedTuple):
    """One way to meet a request that breaks no hard rule. `request` and `supply` are places in what was given."""

    request: int
    supply: int
    appointment: Appointment
    language: str
    costs: tuple[Cost, ...]
    cost: int
    """Without fairness, which depends on what else is planned."""


def collide(one: Appointment, other: Appointment) -> bool:
    """Whether one interpreter cannot do both, the way between the places included, as scheduling counts it."""
    time = way(one.place, other.place).time
    return one.starts_at < other.ends_at + time and other.starts_at < one.ends_at + time


def options(requests: Sequence[OpenRequest], supplies: Sequence[Supply]) -> list[Option]:
    """All of them, by request."""
    speak = _speakers(requests, supplies)
    return [
        option
        for at, request in enumerate(requests)
        for appointment in request.appointments
        for option in _of_appointment(at, request, appointment, supplies, speak)
    ]


Speakers = Mapping[str, Mapping[int, tuple[str, Level]]]
"""Language asked for -> places of those who could speak it, what they would speak instead or it, and how well."""


def _speakers(requests: Iterable[OpenRequest], supplies: Sequence[Supply]) -> Speakers:
    asked = {each for request in requests for a in request.appointments for each in a.talk.languages}
    return {language: dict(_spoken(language, supplies)) for language in asked}


def _spoken(language: str, supplies: Sequence[Supply]) -> Iterable[tuple[int, tuple[str, Level]]]:
    for at, supply in enumerate(supplies):
        spoken = spoken_for(supply.interpreter, language)
        level = supply.interpreter.level(spoken) if spoken else None
        if spoken and level:
            yield at, (spoken, level)


def _of_appointment(
    at: int, request: OpenRequest, appointment: Appointment, supplies: Sequence[Supply], speak: Speakers
) -> Iterable[Option]:
    far = {base: _kilometres(appointment, base) for base in {supply.base for supply in supplies}}
    fees = {km: _fee(appointment, km) for km in set(far.values())}
    for number in sorted(set().union(*(speak[language] for language in appointment.talk.languages))):
        supply = supplies[number]
        if not permitted_who_speak(appointment.talk, appointment.slot, supply.interpreter):
            continue
        language, linguistic = _linguistic(appointment.talk, number, speak)
        fee = Cost(CostReason.FEE, fees[far[supply.base]])
        costs = tuple(cost for cost in (*linguistic, *_other(request, appointment, supply), fee) if cost.points)
        yield Option(at, number, appointment, language, costs, sum(cost.points for cost in costs))


def _linguistic(talk: Talk, number: int, speak: Speakers) -> tuple[str, tuple[Cost, ...]]:
    """The participant's language in which they understand each other best. Levels count double at high stakes."""
    ways = []
    for rank, language in enumerate(talk.languages):
        if number in speak[language]:
            spoken, level = speak[language][number]
            costs = (
                Cost(CostReason.LANGUAGE_LEVEL, _LEVEL[level] * (2 if talk.high_stakes else 1)),
                Cost(CostReason.SUBSTITUTE, _SUBSTITUTE if spoken != language else 0),
                Cost(CostReason.LESS_PREFERRED_LANGUAGE, _NEXT_LANGUAGE * rank),
            )
            ways.append((sum(cost.points for cost in costs), rank, language, costs))
    _, _, language, costs = min(ways)
    return language, costs


def _other(request: OpenRequest, appointment: Appointment, supply: Supply) -> Iterable[Cost]:
    talk, who = appointment.talk, supply.interpreter
    credited = who.credentials.valid(talk.rules.stakes.prefer, appointment.slot.day)
    if talk.dialect is not None and talk.dialect not in who.dialects:
        yield Cost(CostReason.DIALECT, _DIALECT)
    if talk.high_stakes and not credited:
        yield Cost(CostReason.STAKES, _NOT_SWORN)
    if talk.gender is not None and talk.gender is not who.gender:
        yield Cost(CostReason.GENDER_WISH, _GENDER)
    if appointment.place is not None and supply.base != talk.ags:
        yield Cost(CostReason.DISTANCE, between(supply.base or OUTSIDE, talk.ags).km // _KM)
    if request.known and who.id not in request.known:
        yield Cost(CostReason.CONTINUITY, _STRANGER)


def _kilometres(appointment: Appointment, base: str | None) -> Decimal:
    """For which the pot pays."""
    return kilometres(appointment.tariff, travels=appointment.place is not None, base=base, ags=appointment.talk.ags)


def _fee(appointment: Appointment, distance: Decimal) -> int:
    """Whole Euros, rounded half up."""
    total = quote_talk(appointment.tariff, appointment.starts_at, appointment.ends_at, distance).total
    return int(total.quantize(Decimal(1), ROUND_HALF_UP))
