"""Who calls, and which version of a case they have read: what the routes of this service have in common."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Response

from services.case import accesses, commands, consents, refusals, store, store_consents
from services.case.accesses import Read
from services.case.case import Case
from services.case.commands import Edit
from shared import versions
from shared.auth import Principal, Role, allow
from shared.consent_rules import CounsellingNotConsented
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import glance, logged, reading, transaction

Manager = Annotated[Principal, allow(Role.CASE_MANAGER)]
Participant = Annotated[Principal, allow(Role.PARTICIPANT)]
Partner = Annotated[Principal, allow(Role.PARTNER)]
Administrator = Annotated[Principal, allow(Role.ADMINISTRATOR)]
Transaction = Annotated[Connection, transaction()]
Reading = Annotated[Connection, reading()]
Glance = Annotated[Connection, glance()]
Logged = Annotated[Connection, logged()]


def _version(
    if_match: Annotated[str | None, Header(description="The ETag of the case as it was read")] = None,
) -> int:
    """Raises VersionMissing, Invalid."""
    return int(versions.seen(if_match, versions.COUNTED, refusals.VersionMissing))


Version = Annotated[int, Depends(_version)]


def _edit(case_id: UUID, version: Version) -> Edit:
    return Edit(case_id, version)


Edited = Annotated[Edit, Depends(_edit)]


async def own_case(db: Connection, case_id: UUID, who: Principal) -> Case:
    """For reading. Raises NotFound: also where it is in another municipality without consent in force for that."""
    case = commands.own(await store.look(db, case_id), subject(who))
    if case.is_away and not consents.may_be_with(
        case, case.ags, await store_consents.of(db, case.enquiry_id), commands.today()
    ):
        raise NotFound
    return case


async def open_file(db: Connection, case_id: UUID, who: Principal) -> Case:
    """For reading what is in it. Raises NotFound, CounsellingNotConsented."""
    case = await own_case(db, case_id, who)
    if not case.may_be_counselled:
        raise CounsellingNotConsented
    return case


async def read_case(db: Connection, case_id: UUID, who: Principal) -> Case:
    """As `own_case`, and the access log has it."""
    return await _kept(db, await own_case(db, case_id, who), who, Read.CASE)


async def read_file(db: Connection, case_id: UUID, who: Principal, what: Read) -> Case:
    """As `open_file`, and the access log has it."""
    return await _kept(db, await open_file(db, case_id, who), who, what)


async def _kept(db: Connection, case: Case, who: Principal, what: Read) -> Case:
    if not await accesses.by_manager(db, who, what, case.enquiry_id):
        raise NotFound
    return case


def tag(case: Case, response: Response) -> None:
    """The case's version as ETag."""
    versions.tag(case.version, response)


def subject(who: Principal) -> UUID:
    """Case managers are known by the subject of their token. Raises NotFound."""
    try:
        return UUID(who.subject)
    except ValueError:
        raise NotFound from None
