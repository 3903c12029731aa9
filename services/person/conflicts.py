"""Conflicts of interest: what is named is turned into tokens at once, and nothing else of it is kept or told."""

from collections.abc import Sequence
from uuid import UUID

from services.person import commands, crypto, keys
from services.person.commands import Staff
from services.person.vault import Vault
from shared import outbox
from shared.contracts.person import ConflictsStated, InterpreterConflictsStated
from shared.database import Connection

Named = Sequence[tuple[str, str]]
"""Kind and value, as `crypto.conflict_token` takes them."""


async def of_participant(conn: Connection, vault: Vault, staff: Staff, enquiry_id: UUID, named: Named) -> int:
    """All anew, by the case manager responsible; returns their number. Raises NotFound, CounsellingNotConsented."""
    person = await commands.of_reader(conn, staff, enquiry_id)
    tokens = await _tokens(conn, vault, named)
    await outbox.append(conn, ConflictsStated(person_id=person.id, enquiry_id=enquiry_id, tokens=tokens))
    return len(tokens)


async def of_interpreter(conn: Connection, vault: Vault, interpreter_id: UUID, named: Named) -> int:
    """All anew; returns their number. Who is unknown as an interpreter is known so to the interpreter service."""
    tokens = await _tokens(conn, vault, named)
    await outbox.append(conn, InterpreterConflictsStated(interpreter_id=interpreter_id, tokens=tokens))
    return len(tokens)


async def _tokens(conn: Connection, vault: Vault, named: Named) -> list[str]:
    key = await keys.conflict_key(conn, vault)
    return sorted({crypto.conflict_token(key, kind, value) for kind, value in named})
