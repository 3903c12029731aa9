"""What is done in coordination, one function for each use case, in the caller's transaction."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from services.coordination import chain, domain, store, store_offices, store_streams
from services.coordination.domain import Measure
from services.coordination.pseudonym import Pseudonyms
from services.coordination.publish import record
from shared import outbox, redaction
from shared.clock import now
from shared.contracts.vocabulary import FindingKind, Topic
from shared.database import Connection
from shared.ids import new_id
from shared.municipalities import OFFICES


async def propose_measure(conn: Connection, office: str, ags: str, kind: FindingKind, about: Topic) -> Measure:
    """Raises NotServed, or NothingFound where no open finding asks for it."""
    measure = Measure(new_id(), office, ags, kind, about, chain.day(now()))
    findings = await store_offices.open_findings(conn, ags)
    (measure, answered), events = domain.propose(measure, OFFICES[office], findings)
    await store_offices.save_measure(conn, measure)
    await store_offices.save_findings(conn, answered)
    await outbox.append(conn, *events)
    return measure


async def decide_measure(conn: Connection, measure_id: UUID, office: str, *, adopted: bool) -> Measure:
    """Raises NotFound where the measure is not the office's, AlreadyDecided."""
    measure = await store_offices.load_measure(conn, measure_id, office)
    findings = await store_offices.answered_by(conn, measure_id)
    (measure, findings), events = domain.decide(measure, findings, adopted=adopted, on=chain.day(now()))
    await store_offices.save_measure(conn, measure)
    await store_offices.save_findings(conn, findings)
    await outbox.append(conn, *events)
    return measure


async def erase(conn: Connection, pseudonyms: Pseudonyms, enquiry_ids: Iterable[UUID], marker_after: timedelta) -> None:
    """Redacts all that was published about the enquiries and forgets them; their anonymous counts stay.

    The redactions replace the records under the same keys once the topics are compacted, for which a marker follows
    `marker_after` later.
    """
    await store.queue_up(conn)
    for enquiry_id in enquiry_ids:
        for ags, event in await store_streams.published_of(conn, enquiry_id):
            redacted = chain.redact(event)
            await store_streams.replace_municipal_event(conn, redacted)
            await redaction.replace(conn, [record(ags, redacted)], marker_after)
        await store.forget_enquiry(conn, enquiry_id, pseudonyms.tombstone(enquiry_id))
