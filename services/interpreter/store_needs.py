"""SQL of what the participants of cases need."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from services.interpreter.needs import Needs
from shared.contracts.case import InterpretingNeedsChanged
from shared.contracts.vocabulary import Gender
from shared.database import Connection


async def save(conn: Connection, told: InterpretingNeedsChanged) -> None:
    await conn.execute(
        """
        insert into case_needs (case_id, enquiry_id, dialect, gender, gender_binding, conflict_tokens)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (case_id) do update set dialect = excluded.dialect, gender = excluded.gender,
            gender_binding = excluded.gender_binding, conflict_tokens = excluded.conflict_tokens
        """,
        *(told.case_id, told.enquiry_id, told.dialect, told.gender, told.gender_binding, told.conflict_tokens),
    )


async def of_case(conn: Connection, case_id: UUID) -> Needs | None:
    return (await of_cases(conn, [case_id])).get(case_id)


async def of_cases(conn: Connection, case_ids: Iterable[UUID]) -> dict[UUID, Needs]:
    """Those without are missing."""
    rows = await conn.fetch(
        "select case_id, dialect, gender, gender_binding, conflict_tokens from case_needs where case_id = any($1)",
        list(case_ids),
    )
    return {row["case_id"]: _needs(row) for row in rows}


def _needs(row: Any) -> Needs:
    gender = Gender(row["gender"]) if row["gender"] else None
    return Needs(row["dialect"], gender, row["gender_binding"], frozenset(row["conflict_tokens"]))
