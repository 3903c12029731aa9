"""`python -m services.interpreter plan`: who should interpret all that is open now, at least cost, and why.

A process of its own, which ends: the service that runs all the time does not carry the solver (docs/adr, assignment).
It reads and writes nothing but its output, one JSON object: ids and coded reasons.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from services.interpreter import store, store_assignments, store_needs, store_rankings
from services.interpreter.assignment import Plan, plan
from services.interpreter.costs import Appointment, OpenRequest, Supply, collide
from services.interpreter.matching import FAIRNESS, REMOTE, question
from services.interpreter.needs import with_needs
from services.interpreter.offers import Assignment
from shared.clock import now
from shared.contracts.scheduling import InterpreterRequested, Slot
from shared.contracts.vocabulary import Mode
from shared.database import Connection, Database
from shared.municipalities import by_postcode


async def show(database_url: str) -> str:
    """The plan as JSON."""
    db = await Database.connect(database_url, most=1)
    try:
        async with db.read() as conn:
            made = await plan_open(conn, now())
    finally:
        await db.close()
    return TypeAdapter(Plan).dump_json(made, indent=2).decode()


async def plan_open(conn: Connection, at: datetime) -> Plan:
    """Of all requests with a slot to come. Who has a talk already is not free then, whatever was known at first."""
    recent = await store_assignments.assignments_since(conn, at - FAIRNESS)
    people = await store.interpreters(conn, None)
    engaged = await store_assignments.engagements(conn, at)
    asked = [
        with_needs(each, await store_needs.of_case(conn, each.case_id))
        for each in await store_rankings.open_requests(conn)
        if any(slot.starts_at > at for slot in each.slots)
    ]
    requests = [
        OpenRequest(
            each.booking_id,
            tuple(_appointment(each, slot, engaged) for slot in each.slots if slot.starts_at > at),
            frozenset(await store_assignments.who_know(conn, each.case_id)),
        )
        for each in asked
    ]
    return plan(requests, [Supply(who, recent.get(who.id, 0), _ags(who.base_postcode)) for who in people])


def _appointment(asked: InterpreterRequested, slot: Slot, engaged: Iterable[Assignment]) -> Appointment:
    in_force, talk, open_slot = question(asked, slot)
    place = _place(asked.mode, asked.ags, asked.booking_id)
    wanted = Appointment(open_slot, talk, in_force, slot.starts_at, slot.ends_at, place)
    busy = {one.interpreter_id for one in engaged if collide(wanted, _taken(wanted, one))}
    return replace(wanted, slot=replace(open_slot, free=open_slot.free - busy))


def _taken(like: Appointment, one: Assignment) -> Appointment:
    place = _place(one.mode, one.ags, one.booking_id)
    return replace(like, starts_at=one.starts_at, ends_at=one.ends_at, place=place)


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
