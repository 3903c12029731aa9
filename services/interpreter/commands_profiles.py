"""What an interpreter is, changed within the caller's transaction."""

from services.interpreter import barring, domain, store
from services.interpreter.domain import Interpreter
from shared import outbox
from shared.database import Connection


async def put_interpreter(conn: Connection, given: Interpreter) -> Interpreter:
    """Whoever may not come any more is barred from what was offered or agreed. Raises LanguageTwice."""
    known = await store.find(conn, given.id)
    interpreter, events = domain.register(known, given)
    await store.save(conn, interpreter)
    await outbox.append(conn, *events)
    await barring.check_again(conn, interpreter.id)
    return interpreter
