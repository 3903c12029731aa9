"""What a service holds about an enquiry, for the participant (Art. 15 GDPR): rows as they stand, and what is left out.

Person alone asks, with its service token and on the participant's request, and puts the export together (ADR 0013).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel

from shared.auth import Principal, Role, allow
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading


class LeftOut(StrEnum):
    """Why a table is not in the export."""

    RIGHTS_OF_OTHERS = "rights_of_others"
    """Rows about the participant that tell of others, as interpreters in a ranking (Art. 15 (4) GDPR)."""
    SECRET = "secret"  # noqa: S105 - a code
    """Hashes of codes and links: shown, they would help whoever got hold of the export."""
    NOBODYS = "nobodys"
    """No row of it is about a participant."""


@dataclass(frozen=True, slots=True)
class Portion:
    """The rows of one table: `where` is SQL about `$1`, the enquiry's id."""

    table: str
    where: str
    without: tuple[str, ...] = ()
    """Columns that are secret, or tell of others."""


@dataclass(frozen=True, slots=True)
class Portions:
    """Every table of a service is in one of both."""

    given: Sequence[Portion]
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)


class Held(BaseModel):
    """`tables`: rows as JSON, bytes as PostgreSQL writes them. `left_out`: what is held and not given, and why."""

    tables: dict[str, list[dict[str, Any]]]
    left_out: dict[str, LeftOut]


class NothingHeld(NotFound):
    """This service holds nothing about this enquiry."""


PUBLISHED = Portion("published_event", "enquiry_id = $1")
"""Which events the service has published about the enquiry: in every service."""


def routes(portions: Portions) -> Router:
    """The route by which person asks."""
    router = Router()

    @router.get("/internal/enquiries/{enquiry_id}/export")
    async def export(
        enquiry_id: UUID, who: Annotated[Principal, allow(Role.SERVICE)], tx: Annotated[Connection, reading()]
    ) -> Held:
        """All that is held about the enquiry, for the person service, which gives it to the participant.

        404 `nothing-held` where that is nothing.
        """
        if who.subject != "person":
            raise NotFound
        found = await held(tx, Portions((*portions.given, PUBLISHED), portions.left_out), enquiry_id)
        if not found.tables:
            raise NothingHeld
        return found

    return router


async def held(conn: Connection, portions: Portions, about: UUID) -> Held:
    """`about` is what `$1` of the portions means."""
    tables = {portion.table: await _rows(conn, portion, about) for portion in portions.given}
    told = {table: why for table, why in portions.left_out.items() if why is not LeftOut.NOBODYS}
    return Held(tables={table: rows for table, rows in tables.items() if rows}, left_out=told)


async def _rows(conn: Connection, portion: Portion, about: UUID) -> list[dict[str, Any]]:
    rows = await conn.fetch(
        f"""
        select to_jsonb(found) - $2::text[] as row from (select * from {portion.table} where {portion.where}) as found
        order by 1
        """,  # noqa: S608 - ours
        about, list(portion.without),
    )  # fmt: skip
    return [row["row"] for row in rows]
