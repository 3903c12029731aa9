"""People and enquiries for the vault's tests, and what can be seen of them afterwards."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from services.person.reactions import end_responsibility, expect_person, note_case, note_responsibility
from shared.clock import BERLIN, now
from shared.contracts.base import Event
from shared.contracts.case import CaseAssigned, CaseOpened, CaseUnassigned
from shared.contracts.intake import EnquiryReceived, GivenConsent
from shared.contracts.vocabulary import Channel, ConsentKind, Criterion, Mode, Phase, Purpose, Recipient, Topic
from shared.database import Database
from shared.envelope import E, Envelope
from shared.ids import new_id
from shared.sealing import ContactKind, SealedContact
from tests.told import told

TODAY = date(2026, 11, 24)
LATER = now().astimezone(BERLIN).date() + timedelta(days=365)
CANARIES = ("Kanarienvogelname", "+49-2064-4711-0815", "Kanarienvogelnachricht")
CONTACT = SealedContact(
    name=CANARIES[0],
    contact_kind=ContactKind.PHONE,
    contact=CANARIES[1],
    message=CANARIES[2],
    preferred_language="ti",
)


ADDRESS = "kanarienvogel@example.org"
"""Of whoever is reached by mail."""
CONSENT = {
    "kind": "processing",
    "recipient": "office-moers",
    "purpose": "coordination",
    "topics": ["housing"],
    "language_explained_in": "ti",
    "valid_until": LATER.isoformat(),
}
"""As a participant gives it."""


def consent_given(recipient: Recipient = Recipient.OFFICE_DINSLAKEN) -> GivenConsent:
    return GivenConsent(
        consent_id=new_id(),
        kind=ConsentKind.PROCESSING,
        recipient=recipient,
        purpose=Purpose.COORDINATION,
        valid_until=LATER,
    )


async def hear_enquiry(
    database: Database, consents: Sequence[GivenConsent] = (), received_at: datetime | None = None
) -> UUID:
    """Person hears of a new enquiry. Returns its id."""
    event = enquiry_received(consents)
    async with database.transaction() as conn:
        await expect_person(conn, envelope_of(event, received_at or now()))
    return event.enquiry_id


def enquiry_received(consents: Sequence[GivenConsent] = ()) -> EnquiryReceived:
    return EnquiryReceived(
        enquiry_id=new_id(),
        ags="05170008",
        postcode="46535",
        topics=[Topic.HOUSING],
        languages=["ti"],
        mode=Mode.IN_PERSON,
        channel=Channel.WEB,
        criteria=list(Criterion),
        consents=list(consents),
        received_on=TODAY,
    )


async def hear_assignment(
    database: Database, enquiry_id: UUID, case_manager_id: UUID, case_id: UUID | None = None
) -> None:
    event = CaseAssigned(
        case_id=case_id or new_id(),
        enquiry_id=enquiry_id,
        ags="05170008",
        case_manager_id=case_manager_id,
        speaks_language=False,
        phase=Phase.CLARIFICATION,
        assigned_on=TODAY,
    )
    async with database.transaction() as conn:
        await note_responsibility(conn, envelope_of(event, now()))


async def hear_opening(database: Database, enquiry_id: UUID, case_id: UUID) -> None:
    event = CaseOpened(
        case_id=case_id,
        enquiry_id=enquiry_id,
        ags="05170008",
        topics=[Topic.HOUSING],
        languages=["ti"],
        phase=Phase.CLARIFICATION,
        opened_on=TODAY,
    )
    async with database.transaction() as conn:
        await note_case(conn, envelope_of(event, now()))


async def hear_unassignment(database: Database, enquiry_id: UUID, case_id: UUID) -> None:
    event = CaseUnassigned(case_id=case_id, enquiry_id=enquiry_id, ags="05170008", unassigned_on=TODAY)
    async with database.transaction() as conn:
        await end_responsibility(conn, envelope_of(event, now()))


async def fail_at_commit(database: Database, table: str) -> None:
    """From now on a transaction that inserts into the table fails, and no sooner than at its commit."""
    await database.pool.execute(
        f"""
        create function refuse() returns trigger language plpgsql as $$ begin raise 'the commit fails'; end $$;
        create constraint trigger refused after insert on {table} deferrable initially deferred
            for each row execute function refuse();
        """
    )


async def published(database: Database) -> list[Event]:
    """What person has appended to its outbox, in order; without redactions."""
    return await told(database)


async def found_in_tables(database: Database, *texts: str) -> list[str]:
    """The tables in which a row holds one of the texts, as text or as the bytes of a bytea."""
    tables = await database.pool.fetch("select tablename from pg_tables where schemaname = 'public'")
    wanted = [f"%{form}%" for text in texts for form in (text, text.encode().hex())]
    return [
        table
        for (table,) in tables
        if await database.pool.fetchval(
            f"select exists (select from {table} as found where found::text like any($1))",  # noqa: S608 - ours
            wanted,
        )
    ]


def envelope_of(event: E, time: datetime) -> Envelope[E]:
    return Envelope(
        id=new_id(),
        type=event.type,
        source="/test",
        subject=event.subject_id,
        time=time,
        traceparent=None,
        data=event,
    )
