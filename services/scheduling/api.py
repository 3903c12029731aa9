"""HTTP: a participant and their case manager see and choose; both, and interpreters, see their own calendar."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query

from services.scheduling import (
    commands,
    explaining,
    feeds_api,
    foreign_api,
    hours_api,
    planning,
    series_api,
    store,
)
from services.scheduling import store_calendars as calendars
from services.scheduling import store_resources as resources
from services.scheduling.access import concerns
from services.scheduling.booking import Booking, State
from services.scheduling.resources import Kind
from services.scheduling.shortage_views import ShortageView
from services.scheduling.spans import Span
from services.scheduling.views import AppointmentView, BookingView, CheckIn, ResourceInput, SlotChoice
from shared.auth import Principal, Role, allow
from shared.bodies import Moment
from shared.clock import now
from shared.contracts.vocabulary import CancelledBy
from shared.database import Connection
from shared.errors import Conflict, Invalid, NotFound
from shared.idempotency import Router, reading, transaction

MONTH = timedelta(days=31)

router = Router(tags=["scheduling"])
router.include_router(hours_api.router)
router.include_router(feeds_api.router)
router.include_router(foreign_api.router)
router.include_router(series_api.router)
Concerned = Annotated[Principal, allow(Role.PARTICIPANT, Role.CASE_MANAGER)]
Scheduled = Annotated[Principal, allow(Role.CASE_MANAGER, Role.INTERPRETER)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]


class ResourceIsOther(Conflict):
    """There is a resource of another kind with this id."""


@router.get("/bookings")
async def bookings(who: Concerned, db: Reading, enquiry_id: Annotated[UUID, Query()]) -> list[BookingView]:
    """The bookings of an enquiry, oldest first. 404 for a participant's look at another's enquiry."""
    if Role.CASE_MANAGER not in who.roles and who.enquiry_id != enquiry_id:
        raise NotFound
    found = await store.of_enquiry(db, enquiry_id)
    return [await _view(db, booking, who, found) for booking in found if await concerns(db, booking, who)]


@router.get("/bookings/{booking_id}")
async def booking(booking_id: UUID, who: Concerned, db: Reading) -> BookingView:
    return await _view(db, await _own(db, booking_id, who), who)


@router.get("/bookings/{booking_id}/shortage")
async def shortage(booking_id: UUID, who: Concerned, db: Reading) -> ShortageView:
    """Which constraint leaves no slot for such a talk as of now, and what giving one up would bring."""
    found = await _own(db, booking_id, who)
    told = await explaining.explain(db, found, now())
    return ShortageView.of(told, to_participant=Role.CASE_MANAGER not in who.roles)


@router.post("/bookings/{booking_id}/choice")
async def choose(booking_id: UUID, body: SlotChoice, who: Concerned, tx: Transaction) -> BookingView:
    """Holds the slot, or confirms it where no interpreter has to agree.

    409 `slot-taken`, and `slot-too-soon` where the lead time for an interpreter is not kept any more, list in
    `alternatives` what can still be chosen.
    """
    await _own(tx, booking_id, who)
    return await _view(tx, await commands.choose(tx, booking_id, body.slot_id), who)


@router.post("/bookings/{booking_id}/cancel")
async def cancel(booking_id: UUID, who: Concerned, tx: Transaction) -> BookingView:
    """Before it starts. What an interpreter is owed for a late one is their pot's rule (GET /assignments there)."""
    await _own(tx, booking_id, who)
    by = CancelledBy.CASE_MANAGER if Role.CASE_MANAGER in who.roles else CancelledBy.PARTICIPANT
    return await _view(tx, await commands.cancel(tx, booking_id, by), who)


@router.post("/bookings/{booking_id}/reschedule", status_code=201)
async def reschedule(booking_id: UUID, who: Concerned, tx: Transaction) -> BookingView:
    """Looks for another time: the answer is a booking of its own, which `replaces` this one once it is confirmed."""
    await _own(tx, booking_id, who)
    return await _view(tx, await commands.move(tx, booking_id), who)


@router.post("/bookings/{booking_id}/check-in")
async def check_in(
    booking_id: UUID, body: CheckIn, who: Annotated[Principal, allow(Role.CASE_MANAGER)], tx: Transaction
) -> BookingView:
    """Whether the participant came, once the talk has begun. Who did not come is a task for the case manager."""
    await _own(tx, booking_id, who)
    return await _view(tx, await commands.check_in(tx, booking_id, attended=body.attended), who)


@router.get("/calendar")
async def calendar(
    who: Scheduled, db: Reading, since: Moment | None = None, until: Moment | None = None
) -> list[AppointmentView]:
    """The caller's own appointments between `since` (default: now) and `until` (default: a month later)."""
    starts = since or now()
    within = Span(starts, until or starts + MONTH)
    if within.starts >= within.ends:
        raise Invalid("until")
    found = await calendars.agenda(db, _subject(who), within, now())
    return [AppointmentView.model_validate(dict(row)) for row in found]


@router.put("/resources/{resource_id}", status_code=204, dependencies=[allow(Role.ADMINISTRATOR)])
async def put_resource(resource_id: UUID, body: ResourceInput, tx: Transaction) -> None:
    """A case manager's or a room's weekly hours and absences. What is booked already stays booked."""
    if await resources.kind_of(tx, resource_id) not in {None, Kind(body.kind)}:
        raise ResourceIsOther("resource_id")
    await resources.put(tx, body.resource(resource_id))


async def _view(
    conn: Connection, found: Booking, who: Principal, among: Sequence[Booking] | None = None
) -> BookingView:
    """`among`: all of the enquiry, where they are read already."""
    known, at = await store.of_enquiry(conn, found.enquiry_id) if among is None else among, now()
    free = await planning.still_free(conn, found, at) if found.state is State.PROPOSED else ()
    return BookingView.of(found, known, free, at, to_participant=Role.CASE_MANAGER not in who.roles)


async def _own(conn: Connection, booking_id: UUID, who: Principal) -> Booking:
    """Raises NotFound for another's booking."""
    found = await store.look(conn, booking_id)
    if not await concerns(conn, found, who):
        raise NotFound
    return found


def _subject(who: Principal) -> UUID:
    """Case managers and interpreters are known by the subject of their token. Raises NotFound."""
    try:
        return UUID(who.subject)
    except ValueError:
        raise NotFound from None
