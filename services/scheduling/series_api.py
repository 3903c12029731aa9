"""HTTP: series of talks. One of them is moved or cancelled as any other booking."""

from typing import Annotated
from uuid import UUID

from services.scheduling import commands_series, store, store_series
from services.scheduling.access import concerns
from services.scheduling.series import Series
from services.scheduling.series_views import SeriesInput, SeriesView
from shared.auth import Principal, Role, allow
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading, transaction
from shared.ids import new_id

router = Router()
CaseManager = Annotated[Principal, allow(Role.CASE_MANAGER)]
Transaction = Annotated[Connection, transaction()]


@router.post("/bookings/{booking_id}/series", status_code=201)
async def begin(booking_id: UUID, body: SeriesInput, who: CaseManager, tx: Transaction) -> SeriesView:
    """Talks like this booking: same case, mode, duration and languages. Which cannot be had, and why, is told.

    409 `series-incomplete` lists them in `gaps`, and nothing is booked, where all or none was asked for. With an
    interpreter the talks are held once it is ranked who could come; see `GET /series/{series_id}`.
    """
    like = await store.look(tx, booking_id)
    if not await concerns(tx, like, who):
        raise NotFound
    asked = body.series(new_id(), like)
    await commands_series.begin(tx, like, asked)
    return await _view(tx, asked)


@router.get("/series/{series_id}")
async def series(
    series_id: UUID,
    who: Annotated[Principal, allow(Role.PARTICIPANT, Role.CASE_MANAGER)],
    db: Annotated[Connection, reading()],
) -> SeriesView:
    return await _view(db, await _own(db, series_id, who))


@router.post("/series/{series_id}/end")
async def end(series_id: UUID, who: CaseManager, tx: Transaction) -> SeriesView:
    """Cancels its talks to come; those that have begun stay."""
    await _own(tx, series_id, who)
    await commands_series.end(tx, series_id)
    return await _view(tx, await store_series.look(tx, series_id))


async def _own(conn: Connection, series_id: UUID, who: Principal) -> Series:
    """Raises NotFound for another's."""
    found = await store_series.look(conn, series_id)
    if not await concerns(conn, found, who):
        raise NotFound
    return found


async def _view(conn: Connection, found: Series) -> SeriesView:
    bookings = await store.of_enquiry(conn, found.enquiry_id)
    return SeriesView.of(found, bookings, await store_series.gaps(conn, found.series_id))
