"""HTTP: an interpreter with their own assignments, and what is owed for a month."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response

from services.interpreter import commands_assignments, feedback, store_assignments, store_feedback, store_offers
from services.interpreter.callers import Interpreting, OwnerOrAdministrator, Reading, own_id
from services.interpreter.offers import Assignment
from services.interpreter.statement_pdf import as_pdf
from services.interpreter.statements import as_csv
from services.interpreter.views import AssignmentView, Form
from shared.auth import Role
from shared.clock import now
from shared.errors import NotFound
from shared.idempotency import Router

router = Router(tags=["interpreter"])


@router.get("/interpreters/{interpreter_id}/statements/{month}", response_class=Response)
async def show_statement(
    interpreter_id: UUID,
    month: Annotated[str, Path(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")],
    who: OwnerOrAdministrator,
    tx: Reading,
    form: Annotated[Form, Query(alias="format")] = Form.CSV,
) -> Response:
    """What is owed for a month, line by line with the version of its rule; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    made = await commands_assignments.monthly_statement(tx, interpreter_id, date.fromisoformat(f"{month}-01"))
    if form is Form.PDF:
        return Response(as_pdf(made), media_type="application/pdf")
    return Response(as_csv(made), media_type="text/csv; charset=utf-8")


@router.get("/assignments")
async def list_assignments(who: Interpreting, tx: Reading) -> list[AssignmentView]:
    """The caller's assignments by time, with what each pays, item by item."""
    at, to_give_back = now(), await store_offers.to_give_back(tx, own_id(who), now())
    told = await store_feedback.told_by_interpreter(tx, own_id(who))
    return [
        AssignmentView.of(
            one,
            quote,
            accepted,
            _offer(one, to_give_back),
            feedback_due=feedback.is_over(one, at) and one.id not in told,
        )
        for one, quote, accepted in await store_assignments.assignments(tx, own_id(who))
    ]


def _offer(assignment: Assignment, to_give_back: Mapping[UUID, UUID]) -> UUID | None:
    return None if assignment.cancelled_at else to_give_back.get(assignment.booking_id)
