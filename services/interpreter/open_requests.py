"""Talks that wait for an interpreter, and when interpreters are taken already. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.interpreter.costs import Appointment, collide
from shared.contracts.scheduling import InterpreterRequested, Slot


class Planned(NamedTuple):
    """What the plan means for a request that was adopted last; without interpreter: that it stays unmet."""

    slot_id: UUID | None
    interpreter_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Open:
    asked: InterpreterRequested
    proposed: frozenset[UUID] | None
    """The slots among which the participant chooses; None: not told yet, so it may be any."""
    planned: Planned | None = None

    @property
    def id(self) -> UUID:
        return self.asked.booking_id

    def slots(self, at: datetime) -> list[Slot]:
        """Those that can still be chosen."""
        return [
            slot
            for slot in self.asked.slots
            if slot.starts_at > at and (self.proposed is None or slot.slot_id in self.proposed)
        ]


class Taken(NamedTuple):
    """A talk that an interpreter has."""

    interpreter_id: UUID
    booking_id: UUID
    starts_at: datetime
    ends_at: datetime
    place: str | None
    by_plan: bool = False
    """An adopted plan means them for it, and nobody was asked yet."""


class Diary:
    """Who is taken when, by day."""

    def __init__(self, taken: Iterable[Taken]) -> None:
        self._by_day: defaultdict[date, list[Taken]] = defaultdict(list)
        for one in taken:
            self._by_day[one.starts_at.date()].append(one)

    def taken(self, wanted: Appointment, booking_id: UUID) -> tuple[frozenset[UUID], frozenset[UUID]]:
        """Who is at another talk then, or on the way, and who is planned for one. `booking_id`: of this one."""
        first, last = wanted.starts_at.date() - timedelta(days=1), wanted.ends_at.date() + timedelta(days=1)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        near = [
            one
            for day in days
            for one in self._by_day.get(day, ())
            if one.booking_id != booking_id and collide(wanted, _like(wanted, one))
        ]
        engaged = frozenset(one.interpreter_id for one in near if not one.by_plan)
        return engaged, frozenset(one.interpreter_id for one in near if one.by_plan)


def _like(wanted: Appointment, one: Taken) -> Appointment:
    return replace(wanted, starts_at=one.starts_at, ends_at=one.ends_at, place=one.place)


def without(appointment: Appointment, people: Iterable[UUID]) -> Appointment:
    """They are not free then."""
    free = appointment.slot.free.difference(people)
    return replace(appointment, slot=replace(appointment.slot, free=free))
