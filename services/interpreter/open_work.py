"""What is to be planned, as the service knows it by now: open requests, who could come, and who is taken when."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.interpreter import store, store_assignments, store_needs, store_offers, store_rankings
from services.interpreter.costs import Appointment, OpenRequest, Supply
from services.interpreter.hours import Hours
from services.interpreter.matching import FAIRNESS, REMOTE, question
from services.interpreter.needs import with_needs
from services.interpreter.offers import Engagement
from services.interpreter.open_requests import Diary, Open, Planned, Taken, without
from services.interpreter.plans import Scope
from shared.contracts.scheduling import InterpreterRequested, Slot
from shared.contracts.vocabulary import Mode
from shared.database import Connection
from shared.municipalities import by_postcode


@dataclass(frozen=True)
class Work:
    """As of `at`. What is open may be asked for outside of any plan too."""

    at: datetime
    open: dict[UUID, Open]
    hours: dict[UUID, Hours]
    taken: Sequence[Taken]

    def diary(self, planned: Callable[[UUID], bool]) -> Diary:
        """`planned`: whether a request is of the plan in hand, so that what earlier plans meant for it is no more."""
        return Diary(one for one in self.taken if not (one.by_plan and planned(one.booking_id)))

    def with_plan(self, meant: Mapping[UUID, Planned]) -> "Work":
        """As it is once these requests are planned so."""
        planned = {id: replace(each, planned=meant.get(id, each.planned)) for id, each in self.open.items()}
        engaged = [one for one in self.taken if not one.by_plan]
        return replace(self, open=planned, taken=engaged + [one for each in planned.values() for one in _planned(each)])

    def free(self, asked: InterpreterRequested, slot: Slot, diary: Diary) -> Appointment:
        """Nobody is free who is at another talk then, or planned for one."""
        wanted = self.appointment(asked, slot)
        engaged, planned = diary.taken(wanted, asked.booking_id)
        return without(wanted, engaged | planned)

    def appointment(self, asked: InterpreterRequested, slot: Slot) -> Appointment:
        """Free is whom scheduling has found free, but for those whose own hours forbid it by now."""
        in_force, talk, open_slot = question(asked, slot)
        place = _place(asked.mode, asked.ags, asked.booking_id)
        wanted = Appointment(open_slot, talk, in_force, slot.starts_at, slot.ends_at, place)
        hours = ((who, self.hours.get(who)) for who in open_slot.free)
        return without(wanted, [who for who, known in hours if known and known.forbid(slot.starts_at, slot.ends_at)])


async def read(conn: Connection, at: datetime) -> Work:
    waiting = await store_rankings.open_requests(conn)
    needs = await store_needs.of_cases(conn, [each.asked.case_id for each in waiting])
    known = [replace(each, asked=with_needs(each.asked, needs.get(each.asked.case_id))) for each in waiting]
    engaged: list[Engagement] = [
        *await store_assignments.engagements(conn, at),
        *await store_offers.under_way(conn, at),
    ]
    taken = [_taken(one) for one in engaged] + [one for each in known for one in _planned(each)]
    return Work(at, {each.id: each for each in known}, await store.hours(conn), taken)


async def to_plan(conn: Connection, work: Work, scope: Scope | None) -> tuple[list[OpenRequest], list[Supply]]:
    """Every open request of the scope with the slots that it may have then; None: of any day and place."""
    chosen = {each.id: slots for each in work.open.values() if (slots := _within(each, scope, work.at))}
    diary = work.diary(chosen.__contains__)
    asked = {booking_id: work.open[booking_id].asked for booking_id in chosen}
    know = await store_assignments.who_know_each(conn, [each.case_id for each in asked.values()])
    requests = [
        OpenRequest(
            booking_id,
            tuple(work.free(asked[booking_id], slot, diary) for slot in slots),
            frozenset(know.get(asked[booking_id].case_id, ())),
        )
        for booking_id, slots in chosen.items()
    ]
    recent = await store_assignments.assignments_since(conn, work.at - FAIRNESS)
    people = await store.interpreters(conn, None)
    return requests, [Supply(who, recent.get(who.id, 0), _ags(who.base_postcode)) for who in people]


def _within(each: Open, scope: Scope | None, at: datetime) -> list[Slot]:
    if scope and scope.ags not in {None, each.asked.ags}:
        return []
    return [slot for slot in each.slots(at) if scope is None or scope.holds(slot.starts_at)]


def _taken(one: Engagement) -> Taken:
    place = _place(one.mode, one.ags, one.booking_id)
    return Taken(one.interpreter_id, one.booking_id, one.starts_at, one.ends_at, place)


def _planned(each: Open) -> list[Taken]:
    if each.planned is None or each.planned.interpreter_id is None:
        return []
    place = _place(each.asked.mode, each.asked.ags, each.id)
    return [
        Taken(each.planned.interpreter_id, each.id, slot.starts_at, slot.ends_at, place, by_plan=True)
        for slot in each.asked.slots
        if slot.slot_id == each.planned.slot_id
    ]


def _place(mode: Mode, ags: str, booking_id: UUID) -> str | None:
    """Offices of a municipality are one place, each home is one of its own."""
    if mode in REMOTE:
        return None
    return f"{ags}/{booking_id}" if mode is Mode.HOME_VISIT else ags


def _ags(postcode: str) -> str | None:
    try:
        return by_postcode(postcode).ags
    except KeyError:
        return None
