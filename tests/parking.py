"""What person tells, as a service hears it that knows one recipient less: a dead letter, and all behind it waits."""

from uuid import UUID

from shared import envelope
from shared.clock import BERLIN, now
from shared.consumer import Dispatcher, Reactions
from shared.contracts.base import Event
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.contracts.vocabulary import ConsentKind, Purpose, Recipient
from shared.database import Database
from shared.ids import new_id
from shared.inbox import Incoming


async def revoke_behind_a_dead_letter(
    database: Database, reactions: Reactions, enquiry_id: UUID, consent_id: UUID
) -> Dispatcher:
    """Consent for a recipient of a later version, then the revocation of another: neither is heard."""
    person_id, today = new_id(), now().astimezone(BERLIN).date()
    later = ConsentGiven(
        person_id=person_id,
        consent_id=new_id(),
        enquiry_id=enquiry_id,
        kind=ConsentKind.PROCESSING,
        recipient=Recipient.AWO,
        purpose=Purpose.REFERRAL,
        valid_until=today,
    )
    revoked = ConsentRevoked(person_id=person_id, consent_id=consent_id, enquiry_id=enquiry_id, revoked_on=today)
    dispatcher = Dispatcher(database, "reader", reactions)
    await dispatcher.handle([_delivered(later), _delivered(revoked)])
    assert await database.pool.fetchval("select count(*) from parked") == 2
    return dispatcher


def _delivered(event: Event) -> Incoming:
    """As it comes from the log, of a time when there was one recipient more."""
    id = new_id()
    headers = envelope.headers(id=id, type=event.type, source="/test", subject=event.subject_id, time=now())
    value = event.model_dump_json().encode().replace(b'"awo"', b'"of-a-later-version"')
    return Incoming(event.topic, 0, 0, id, event.type, event.subject_id, headers, value)
