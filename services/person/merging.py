"""Use cases of duplicates: who may be whom, not the same, the same, and not the same after all.

Each decision returns the version of the duplicates after it.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from services.person import domain, duplicates, store, store_duplicates, store_erasures
from services.person.commands import Staff, of_responsible
from services.person.domain import Accessed, AccessPurpose, Person
from services.person.duplicates import Duplicates, Record, VersionOutdated
from services.person.store import Access
from shared import outbox
from shared.clock import now, today
from shared.consent_rules import CounsellingNotConsented
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id


@dataclass(frozen=True, slots=True)
class Decision:
    """On another record, by the case manager responsible for this enquiry's, who has read the version."""

    staff: Staff
    enquiry_id: UUID
    other_id: UUID
    version: str


async def look(conn: Connection, staff: Staff, enquiry_id: UUID) -> Duplicates:
    """For the case manager responsible; the access logs of all whom it tells of have it.

    Raises NotFound, CounsellingNotConsented.
    """
    await store_duplicates.look_at_identities(conn)
    if not await store.is_responsible(conn, staff.subject, [enquiry_id]):
        raise NotFound
    if not domain.may_be_counselled(await store.consents_of(conn, enquiry_id), today()):
        raise CounsellingNotConsented
    found = await _duplicates(conn, await store.person_of(conn, enquiry_id), staff)
    await store.insert_access(conn, found.person_id, _access(staff, Accessed.DUPLICATES))
    for each in found.candidates:
        await store.insert_access(conn, each.person_id, _access(staff, Accessed.MATCH))
    return found


def _access(staff: Staff, what: Accessed) -> Access:
    return Access(new_id(), staff.subject, staff.role, what, AccessPurpose.DUPLICATE_CHECK, now())


async def dismiss(conn: Connection, decision: Decision) -> str:
    """They are two people; it stays so. Raises NotFound, VersionOutdated."""
    person = await _own(conn, decision)
    before = await _duplicates(conn, person.id, decision.staff)
    if decision.other_id not in {each.person_id for each in before.candidates}:
        if await _may_be_shown(conn, decision.other_id) and await store_duplicates.dismiss(
            conn, person.id, decision.other_id, decision.staff.subject, now()
        ):
            return before.version
        raise NotFound("person_id")
    _check(before, decision)
    await store_duplicates.dismiss(conn, person.id, decision.other_id, decision.staff.subject, now())
    return (await _duplicates(conn, person.id, decision.staff)).version


async def merge(conn: Connection, decision: Decision) -> str:
    """The other record is of the same person, by whoever is responsible for both; this one is the survivor.

    Merged so before: nothing happens. Raises NotFound, CounsellingNotConsented, VersionOutdated, SamePerson,
    MergeRefused.
    """
    person = await _own(conn, decision)
    other = await _load_own(conn, decision.staff, decision.other_id)
    before = await _duplicates(conn, person.id, decision.staff)
    if other.id in before.merged_ids:
        return before.version
    if not await _may_be_shown(conn, other.id):
        raise CounsellingNotConsented
    _check(before, decision)
    events = duplicates.merge(await _record(conn, person), await _record(conn, other))
    await store_duplicates.insert_merge(conn, other.id, person.id, decision.staff.subject, now())
    await outbox.append(conn, *events)
    return (await _duplicates(conn, person.id, decision.staff)).version


async def undo(conn: Connection, decision: Decision) -> str:
    """The other record is of somebody else after all, by whoever is responsible for it or for its survivor.

    Not merged: nothing happens. Raises NotFound, VersionOutdated.
    """
    person = await _own(conn, decision)
    survivor_id = await store_duplicates.survivor_of(conn, decision.other_id)
    if survivor_id is None:
        await _load_own(conn, decision.staff, decision.other_id)
        return (await _duplicates(conn, person.id, decision.staff)).version
    if person.id not in {survivor_id, decision.other_id}:
        raise NotFound("person_id")
    _check(await _duplicates(conn, person.id, decision.staff), decision)
    other, survivor = await store.load(conn, decision.other_id), await store.load(conn, survivor_id)
    await store_duplicates.delete_merge(conn, other.id)
    await outbox.append(conn, *duplicates.undo(survivor, other))
    return (await _duplicates(conn, person.id, decision.staff)).version


async def _own(conn: Connection, decision: Decision) -> Person:
    await store_duplicates.lock_identities(conn)
    return await of_responsible(conn, decision.staff, decision.enquiry_id)


async def _load_own(conn: Connection, staff: Staff, person_id: UUID) -> Person:
    """Raises NotFound where somebody else is responsible."""
    if not await store.is_responsible(conn, staff.subject, await store_erasures.enquiries_of(conn, person_id)):
        raise NotFound("person_id")
    return await store.load(conn, person_id)


async def _record(conn: Connection, person: Person) -> Record:
    """Raises NotFound before its registration."""
    await store.locked_contact(conn, person.id)
    merged = await store_duplicates.merged_into(conn, person.id)
    return Record(person, await store_duplicates.survivor_of(conn, person.id), bool(merged))


async def _duplicates(conn: Connection, person_id: UUID, staff: Staff) -> Duplicates:
    """Of those who are counselled no more nothing is told, not even that they are there (Art. 7(3) GDPR)."""
    found = await store_duplicates.duplicates_of(conn, person_id, staff.subject)
    shown = [each for each in found.candidates if await _may_be_shown(conn, each.person_id)]
    return replace(found, candidates=tuple(shown))


async def _may_be_shown(conn: Connection, person_id: UUID) -> bool:
    """Whether they may be counselled, for one of their enquiries at least."""
    given = [await store.consents_of(conn, each) for each in await store_erasures.enquiries_of(conn, person_id)]
    return any(domain.may_be_counselled(consents, today()) for consents in given)


def _check(found: Duplicates, decision: Decision) -> None:
    if found.version != decision.version:
        raise VersionOutdated(found.version)
