"""What person does when it hears of an event."""

from services.person import commands, store
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.case import CaseAssigned
from shared.contracts.intake import EnquiryReceived
from shared.database import Connection
from shared.envelope import Envelope
from shared.rebuilding import ReadModel, replace_all


async def expect_person(conn: Connection, envelope: Envelope[EnquiryReceived]) -> None:
    """The sealed block itself is fetched by the hand-over loop: a handler has no outside effect."""
    enquiry = envelope.data
    await commands.expect(conn, enquiry.enquiry_id, enquiry.consents, envelope.time)


async def note_responsibility(conn: Connection, envelope: Envelope[CaseAssigned]) -> None:
    """Who may read the contact from now on. May arrive before the enquiry does."""
    case = envelope.data
    await store.assign(conn, case.case_id, case.enquiry_id, case.case_manager_id)


RESPONSIBILITIES = ReadModel(
    "responsibilities", ["responsibility"], {CaseAssigned: note_responsibility}, replace_all("responsibility")
)

REACTIONS: dict[type[Event], Handler] = {
    EnquiryReceived: expect_person,
    CaseAssigned: note_responsibility,
}
