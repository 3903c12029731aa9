"""What person does when it hears of an event."""

from contextlib import suppress

from services.person import commands, domain, messages, store, store_notices, store_retention
from services.person.messages import Kind, Message
from services.person.one_time_codes import NoWayToSend
from services.person.retention import Clock
from services.person.store_notices import Notice, Settled
from services.person.texts import Place
from services.person.vault import Vault
from shared.clock import now, today
from shared.consumer import Handler
from shared.contracts.base import Event
from shared.contracts.case import CaseAssigned, CaseOpened, CasePhaseChanged, CaseUnassigned
from shared.contracts.intake import EnquiryReceived, EnquiryRedirected, EnquiryWithdrawn
from shared.contracts.interpreter import (
    OfferAccepted,
    OfferDeclined,
    OfferEvent,
    OfferExpired,
    OfferMade,
    OfferRetracted,
)
from shared.contracts.scheduling import ReminderDue
from shared.contracts.vocabulary import Phase
from shared.database import Connection
from shared.envelope import Envelope
from shared.errors import NotFound
from shared.municipalities import BY_AGS
from shared.rebuilding import ReadModel, replace_all


async def expect_person(conn: Connection, envelope: Envelope[EnquiryReceived]) -> None:
    """The sealed block itself is fetched by the hand-over loop: a handler has no outside effect."""
    enquiry = envelope.data
    await commands.expect(conn, enquiry.enquiry_id, enquiry.consents, envelope.time)


async def note_case(conn: Connection, envelope: Envelope[CaseOpened]) -> None:
    """Nobody has it yet, but an erasure has to know it."""
    case = envelope.data
    await store.assign(conn, case.case_id, case.enquiry_id, None)


async def note_responsibility(conn: Connection, envelope: Envelope[CaseAssigned]) -> None:
    """Who may read the contact from now on. May arrive before the enquiry does."""
    case = envelope.data
    await store.assign(conn, case.case_id, case.enquiry_id, case.case_manager_id)


async def end_responsibility(conn: Connection, envelope: Envelope[CaseUnassigned]) -> None:
    """Whoever was responsible may read no more, from this moment on."""
    case = envelope.data
    await store.assign(conn, case.case_id, case.enquiry_id, None)


async def note_phase(conn: Connection, envelope: Envelope[CasePhaseChanged]) -> None:
    """A closed case is kept for a time; one that is reopened, again without one."""
    case = envelope.data
    if case.phase is Phase.CLOSED:
        await store_retention.start(conn, case.enquiry_id, Clock.CASE_CLOSED, case.changed_on)
    else:
        await store_retention.stop(conn, case.enquiry_id, Clock.CASE_CLOSED)


async def note_redirected(conn: Connection, envelope: Envelope[EnquiryRedirected]) -> None:
    await store_retention.start(conn, envelope.data.enquiry_id, Clock.REDIRECTED, envelope.data.redirected_on)


async def note_withdrawn(conn: Connection, envelope: Envelope[EnquiryWithdrawn]) -> None:
    await store_retention.start(conn, envelope.data.enquiry_id, Clock.WITHDRAWN, envelope.data.withdrawn_on)


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


async def notify_of_offer(conn: Connection, envelope: Envelope[OfferMade]) -> None:
    """The link itself is fetched by a loop: a handler has no outside effect."""
    offer = envelope.data
    notice = Notice(offer.offer_id, offer.interpreter_id, offer.expires_at, 0)
    await store_notices.insert(conn, notice, offer.enquiry_id, now())


async def forget_offer(conn: Connection, envelope: Envelope[OfferEvent]) -> None:
    """Nothing is to be answered any more, so nobody is to be told."""
    await store_notices.settle(conn, envelope.data.offer_id, Settled.OVER)


OF_RESPONSIBILITIES: dict[type[Event], Handler] = {
    CaseOpened: note_case,
    CaseAssigned: note_responsibility,
    CaseUnassigned: end_responsibility,
}
RESPONSIBILITIES = ReadModel("responsibilities", ["responsibility"], OF_RESPONSIBILITIES, replace_all("responsibility"))

REACTIONS: dict[type[Event], Handler] = {
    EnquiryReceived: expect_person,
    EnquiryRedirected: note_redirected,
    EnquiryWithdrawn: note_withdrawn,
    CasePhaseChanged: note_phase,
    OfferMade: notify_of_offer,
    OfferAccepted: forget_offer,
    OfferDeclined: forget_offer,
    OfferExpired: forget_offer,
    OfferRetracted: forget_offer,
    **OF_RESPONSIBILITIES,
}
