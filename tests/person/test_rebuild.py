"""Who is responsible for whom, made again from what case has told."""

from datetime import date
from uuid import UUID

from services.person import store
from services.person.reactions import RESPONSIBILITIES
from shared.clock import now
from shared.contracts.case import CaseAssigned
from shared.contracts.vocabulary import Phase
from shared.database import Database
from shared.envelope import Envelope
from shared.ids import new_id
from tests.shadowed import shadowed


def assigned(enquiry_id: UUID, case_id: UUID, case_manager_id: UUID) -> Envelope[CaseAssigned]:
    told = CaseAssigned(
        case_id=case_id, enquiry_id=enquiry_id, ags="05170008", case_manager_id=case_manager_id, speaks_language=True,
        phase=Phase.CLARIFICATION, assigned_on=date(2026, 11, 2),
    )  # fmt: skip
    return Envelope(new_id(), told.type, "/case", told.subject_id, now(), None, told)


async def test_the_last_one_to_whom_the_log_assigns_a_case_may_read_and_nobody_else(
    database: Database, database_url: str
) -> None:
    enquiry, case, first, last, stranger = (new_id() for _ in range(5))
    async with database.transaction() as conn:
        await store.assign(conn, case, enquiry, first)
        await store.assign(conn, new_id(), enquiry, stranger)
    async with shadowed(database_url, RESPONSIBILITIES) as shadows, shadows.transaction() as conn:
        for manager in (first, last):
            await RESPONSIBILITIES.reactions[CaseAssigned](conn, assigned(enquiry, case, manager))
        await RESPONSIBILITIES.swap(conn)
    async with database.read() as conn:
        may = [each for each in (first, last, stranger) if await store.is_responsible(conn, str(each), [enquiry])]
    assert may == [last]
