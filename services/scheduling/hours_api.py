"""HTTP: when case managers, interpreters and rooms are there. An interpreter's hours are told to interpreter."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from services.scheduling import store_calendars as calendars
from services.scheduling import store_resources as resources
from services.scheduling.hours_views import HoursInput, ResourceView
from services.scheduling.resources import Kind, Resource
from shared.auth import Principal, Role, allow
from shared.database import Connection
from shared.errors import Conflict, NotFound
from shared.idempotency import Router, reading, transaction

router = Router()
Keeping = Annotated[Principal, allow(Role.ADMINISTRATOR, Role.CASE_MANAGER)]


class InterpreterKeepsTheseHours(Conflict):
    """Interpreters' hours are kept by the interpreter service: set them there."""


@router.get("/resources/{resource_id}")
async def hours(resource_id: UUID, who: Keeping, db: Annotated[Connection, reading()]) -> ResourceView:
    """When it is there; a case manager sees the own hours."""
    return ResourceView.of(await _own(db, resource_id, who))


@router.put("/resources/{resource_id}/hours")
async def put_hours(
    resource_id: UUID, body: HoursInput, who: Keeping, tx: Annotated[Connection, transaction()]
) -> ResourceView:
    """All hours and absences anew, a case manager's own or, by an administrator, anybody's and any room's.

    What is booked already stays booked.
    """
    await resources.lock(tx, resource_id)
    found = await _own(tx, resource_id, who)
    if found.kind is Kind.INTERPRETER:
        raise InterpreterKeepsTheseHours("resource_id")
    changed = replace(found, windows=body.weekly, rules=body.recurring, absences=body.away)
    await resources.put(tx, changed)
    return ResourceView.of(changed)


async def _own(conn: Connection, resource_id: UUID, who: Principal) -> Resource:
    """Raises NotFound for another's."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(resource_id):
        raise NotFound
    return await calendars.resource(conn, resource_id)
