"""Weeks, and who is known; each in its caller's transaction. The rest has files of its own."""

from uuid import UUID

from services.interpreter import domain, offers, store, store_rules
from services.interpreter.domain import Interpreter, Rules, Windows
from shared import outbox
from shared.database import Connection
from shared.municipalities import by_postcode


async def put_availability(conn: Connection, interpreter_id: UUID, given: Windows, rules: Rules = ()) -> Windows:
    """Raises NotFound, WindowUpsideDown, WindowsOverlap."""
    await store.load(conn, interpreter_id)
    known = await store.availability(conn, interpreter_id)
    known_rules = await store_rules.rules(conn, interpreter_id)
    windows, events = domain.set_availability(interpreter_id, known, given, known_rules, rules)
    await store.save_availability(conn, interpreter_id, windows)
    await store_rules.save(conn, interpreter_id, rules)
    await outbox.append(conn, *events)
    return windows


async def require_known(conn: Connection, *ids: UUID) -> list[Interpreter]:
    """In the order of `ids`. Raises UnknownInterpreter."""
    found = {each.id: each for each in await store.by_ids(conn, ids)}
    if not found.keys() >= set(ids):
        raise offers.UnknownInterpreter
    return [found[id] for id in ids]


def is_based_in(interpreter: Interpreter, ags: str) -> bool:
    """False also for somebody from outside Kreis Wesel."""
    try:
        return by_postcode(interpreter.base_postcode).ags == ags
    except KeyError:
        return False
