"""The list of a case manager's cases, from the rows to JSON in one go: it is read all day, and decides nothing.

One statement, so that no transaction is opened, and text as PostgreSQL makes it, so that nothing is parsed only to be
written again: with domain objects and views in between, the list took three and a half times as long as its rows.
Only of a case that is in another municipality the consents are looked at as well.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from services.case import commands, consents, store_consents
from services.case.case import ClosingReason
from services.case.domain import reachable
from shared.contracts.vocabulary import Phase, Topic
from shared.database import Connection

_PAGE = """
    select case_file.id::text as case_id, enquiry_id::text, person_id::text, ags, topics, languages, mode,
        opened_on::text, phase, reason, outcome, may_be_counselled, speaks_language, dialect, gender, gender_binding,
        version, ags <> home_ags as is_away
    from case_file join enquiry on enquiry.id = enquiry_id
    where case_manager_id = $1 and case_file.id > $2
"""
_ORDER = "order by case_file.id limit $3"
_NIL = UUID(int=0)
_REACHABLE = {
    (phase.value, goes_on): sorted(str(each) for each in reachable(phase, may_go_on=goes_on))
    for phase in Phase
    for goes_on in (True, False)
}


async def page(conn: Connection, case_manager_id: UUID, phase: Phase | None, after: UUID | None, limit: int) -> bytes:
    """A `CasePage` as JSON: of one case manager, the oldest first, from behind `after`.

    Without those that are in another municipality and have no consent in force for that: they are about to go home.
    """
    given = (case_manager_id, after or _NIL, limit + 1)
    found = await (
        conn.fetch(f"{_PAGE} and phase = $4 {_ORDER}", *given, phase)
        if phase
        else conn.fetch(f"{_PAGE} {_ORDER}", *given)
    )
    cases = [_shown(row) for row in found[:limit] if not row["is_away"] or await _may_be_there(conn, row)]
    return to_json({"cases": cases, "next": found[limit - 1]["case_id"] if len(found) > limit else None})


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {**row, "reachable": _reachable(row)}
    del shown["is_away"]
    return shown


async def _may_be_there(conn: Connection, row: Mapping[str, Any]) -> bool:
    known = await store_consents.of(conn, UUID(row["enquiry_id"]))
    need = consents.for_municipality(row["ags"], map(Topic, row["topics"]))
    return need.is_met(known, commands.today())


def _reachable(row: Mapping[str, Any]) -> list[str]:
    return _REACHABLE[row["phase"], row["may_be_counselled"] and row["reason"] != ClosingReason.ENQUIRY_WITHDRAWN]
