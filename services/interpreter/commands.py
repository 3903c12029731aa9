"""Weeks, and who is known; each in its caller's transaction. The rest has files of its own."""

from uuid import UUID

from services.interpreter import domain, offers, store, store_availability
from services.interpreter.domain import Availability, Interpreter
from shared import outbox
from shared.database import Connection
from shared.municipalities import by_postcode


async def put_availability(conn: Connection, interpreter_id: UUID, given: Availability) -> Availability:
    """Raises NotFound, WindowUpsideDown, WindowsOverlap."""
    await store.load(conn, interpreter_id)
    known = await store_availability.availability(conn, interpreter_id)
    changed, events = domain.set_availability(interpreter_id, known, given)
    await store_availability.save(conn, interpreter_id, changed)
    await outbox.append(conn, *events)
    return changed


async def require_known(conn: Connection, *ids: UUID) -> list[Interpreter]:
    """In the order of `ids`. Raises UnknownInterpreter."""
    found = {each.id: each for each in await store.by_ids(conn, ids)}
    if not found.keys() >= set(ids):
        raise offers.UnknownInterpreter
    return [found[id] for id in ids]


def base_of(interpreter: Interpreter) -> str | None:
    """AGS of where they set out from; None for somebody from outside Kreis Wesel."""
    try:
        return by_postcode(interpreter.base_postcode).ags
    except KeyError:
        return None
