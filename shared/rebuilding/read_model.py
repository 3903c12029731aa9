"""What a service knows from the log alone."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from shared.database import Connection
from shared.reactions import Reactions
from shared.rebuilding import shadow

Swap: TypeAlias = Callable[[Connection], Awaitable[None]]


def replace_all(*tables: str) -> Swap:
    """The rebuilt rows replace all rows. For tables that no other refers to, without identity columns."""

    async def swap(conn: Connection) -> None:
        for table in tables:
            await shadow.replace(conn, table)

    return swap


@dataclass(frozen=True)
class ReadModel:
    """Declared in the service's registration, so that `python -m services.<name> rebuild` makes it again.

    Where a service does not remember erasures (`Erasing.remembers`), its read models hold nothing about persons.
    """

    name: str
    tables: Sequence[str]
    """Those that the reactions write; the names mean empty shadows of them then. They may read all others."""
    reactions: Reactions
    """They append nothing. Mostly the service's own; others where its own do more than to note."""
    swap: Swap
    """Brings the rows of `rebuild.<table>` to `public.<table>`, in a transaction in which nobody else writes these."""
