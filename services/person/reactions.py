"""What person does when it hears of an event."""

from contextlib import suppress

from services.person import commands, domain, messages, store
from services.person.messages import Kind, Message
from services.person.one_time_codes import NoWayToSend
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import today
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.case import CaseAssigned, CaseUnassigned
from shared.contracts.intake import EnquiryReceived
from shared.contracts.scheduling import ReminderDue
from shared.database import Connection
from shared.envelope import Envelope
from shared.errors import NotFound
from shared.municipalities import BY_AGS
from shared.rebuilding import ReadModel, replace_all


async def expect_person(conn: Connection, envelope: Envelope[EnquiryReceived]) -> None:
    """The sealed block itself is fetched by the hand-over loop: a handler has no outside effect."""
    enquiry = envelope.data
    await commands.expect(conn, enquiry.enquiry_id, enquiry.consents, envelope.time)


async def note_responsibility(conn: Connection, envelope: Envelope[CaseAssigned]) -> None:
    """Who may read the contact from now on. May arrive before the enquiry does."""
    case = envelope.data
    await store.assign(conn, case.case_id, case.enquiry_id, case.case_manager_id)


async def end_responsibility(conn: Connection, envelope: Envelope[CaseUnassigned]) -> None:
    """Whoever was responsible may read no more, from this moment on."""
    await store.unassign(conn, envelope.data.case_id)


async def remind(conn: Connection, envelope: Envelope[ReminderDue], vault: Vault) -> None:
    """A message with day, time and place, where there is an address for one.

    Who is erased is told nothing, and neither is who took back the consent to be counselled: the talk is cancelled.
    """
    talk = envelope.data
    if not domain.may_be_counselled(await store.consents_of(conn, talk.enquiry_id), today()):
        return
    place = Place(talk.mode, BY_AGS[talk.ags].name)
    message = Message(Kind.REMINDER, {"starts_at": talk.starts_at, "place": place}, until=talk.starts_at)
    with suppress(NotFound, NoWayToSend):
        await messages.post(conn, vault, await store.person_of(conn, talk.enquiry_id), message)


OF_RESPONSIBILITIES: dict[type[Event], Handler] = {
    CaseAssigned: note_responsibility,
    CaseUnassigned: end_responsibility,
}
RESPONSIBILITIES = ReadModel("responsibilities", ["responsibility"], OF_RESPONSIBILITIES, replace_all("responsibility"))

REACTIONS: dict[type[Event], Handler] = {
    EnquiryReceived: expect_person,
    **OF_RESPONSIBILITIES,
}
