"""SQL of feedback."""

from uuid import UUID

from services.interpreter.feedback import Feedback
from services.interpreter.offers import Assignment
from services.interpreter.store_assignments import last_of_booking
from shared.contracts.vocabulary import FeedbackBy, FeedbackRemark
from shared.database import Connection
from shared.errors import NotFound


async def assignment(conn: Connection, booking_id: UUID) -> Assignment:
    """The one in force, else the last. Locked until the transaction ends. Raises NotFound."""
    if found := await last_of_booking(conn, booking_id):
        return found
    raise NotFound


async def insert(conn: Connection, assignment_id: UUID, feedback: Feedback) -> bool:
    """False where they have given theirs already."""
    row = await conn.fetchval(
        """
        insert into feedback (assignment_id, by, understanding, punctuality, remarks) values ($1, $2, $3, $4, $5)
        on conflict do nothing returning true
        """,
        *(assignment_id, feedback.by, feedback.understanding, feedback.punctuality, sorted(feedback.remarks)),
    )
    return row is True


async def told_by_interpreter(conn: Connection, interpreter_id: UUID) -> frozenset[UUID]:
    """The assignments of which this interpreter has told how they went."""
    rows = await conn.fetch(
        """
        select assignment_id from feedback join assignment on assignment.id = assignment_id
        where interpreter_id = $1 and by = $2
        """,
        *(interpreter_id, FeedbackBy.INTERPRETER),
    )
    return frozenset(row["assignment_id"] for row in rows)


async def of_interpreter(conn: Connection, interpreter_id: UUID) -> list[Feedback]:
    rows = await conn.fetch(
        """
        select by, understanding, punctuality, remarks from feedback
        join assignment on assignment.id = assignment_id where interpreter_id = $1
        """,
        interpreter_id,
    )
    return [
        Feedback(
            FeedbackBy(row["by"]),
            row["understanding"],
            row["punctuality"],
            frozenset(map(FeedbackRemark, row["remarks"])),
        )
        for row in rows
    ]
