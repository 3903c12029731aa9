"""HTTP: how an interpreted talk went, by whoever was there; summed up for those who look after the pool."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from services.interpreter import feedback, store, store_feedback
from services.interpreter.callers import Administrator, Reading, WasThere, Writing
from services.interpreter.feedback import Feedback, FeedbackIsGiven
from services.interpreter.offers import Assignment
from shared import outbox
from shared.auth import Principal, Role
from shared.bodies import Body
from shared.clock import now, today
from shared.contracts.vocabulary import FeedbackBy, FeedbackRemark
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router

router = Router(tags=["interpreter"])
Mark = Annotated[int, Field(ge=1, le=5)]


class FeedbackBody(Body):
    understanding: Mark
    """1: not at all, 5: very well."""
    punctuality: Mark
    remarks: Annotated[frozenset[FeedbackRemark], Field(max_length=8)] = frozenset()


class SummaryView(BaseModel):
    """Of at least five feedbacks by the same kind of people; a remark that few made, or all but a few, is left out."""

    by: FeedbackBy
    number: int
    understanding: Decimal
    punctuality: Decimal
    remarks: dict[FeedbackRemark, int]


@router.post("/bookings/{booking_id}/feedback", status_code=204)
async def give(booking_id: UUID, body: FeedbackBody, who: WasThere, tx: Writing) -> None:
    """By the participant, the case manager or the interpreter of a talk that is over; once each."""
    assignment = await store_feedback.assignment(tx, booking_id)
    given = Feedback(_by(assignment, who), body.understanding, body.punctuality, body.remarks)
    await _keep(tx, assignment, given)


@router.get("/interpreters/{interpreter_id}/feedback")
async def show(interpreter_id: UUID, _who: Administrator, tx: Reading) -> list[SummaryView]:
    """Summed up by who gave it."""
    await store.require(tx, interpreter_id)
    found = feedback.summed_up(await store_feedback.of_interpreter(tx, interpreter_id))
    return [SummaryView(**asdict(each)) for each in found]


async def _keep(tx: Connection, assignment: Assignment, given: Feedback) -> None:
    events = feedback.give(assignment, given, now(), today())
    if not await store_feedback.insert(tx, assignment.id, given):
        raise FeedbackIsGiven
    await outbox.append(tx, *events)


def _by(assignment: Assignment, who: Principal) -> FeedbackBy:
    """Raises NotFound for whoever was not there."""
    if Role.PARTICIPANT in who.roles and who.enquiry_id == assignment.enquiry_id:
        return FeedbackBy.PARTICIPANT
    if Role.CASE_MANAGER in who.roles and who.subject == str(assignment.case_manager_id):
        return FeedbackBy.CASE_MANAGER
    if Role.INTERPRETER in who.roles and who.subject == str(assignment.interpreter_id):
        return FeedbackBy.INTERPRETER
    raise NotFound
