"""Who read what of a case, and why: for "who saw my data" (Art. 15 GDPR), which person tells the participant.

Notes are not among it: person hands out their key, and keeps the row for it.
"""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID

from services.case import commands, store_accesses
from services.case.store_accesses import Access
from shared.auth import Principal, Role
from shared.database import Connection


class Read(StrEnum):
    """What of a case was read."""

    CASE = "case"
    TALKS = "talks"
    CHOICE = "choice"
    PLAN = "plan"
    ASSESSMENTS = "assessments"
    REFERRALS = "referrals"
    CONFERENCES = "conferences"


class Why(StrEnum):
    COUNSELLING = "counselling"
    REFERRAL = "referral"


async def by_manager(conn: Connection, who: Principal, what: Read, enquiry_id: UUID) -> bool:
    """Keeps their reading. False where the enquiry was erased meanwhile; else that waits for this transaction."""
    access = Access(who.subject.lower(), Role.CASE_MANAGER, what, Why.COUNSELLING, commands.moment())
    return bool(await store_accesses.insert(conn, access, [enquiry_id]))


async def by_service(conn: Connection, who: Principal, enquiry_ids: Collection[UUID]) -> frozenset[UUID]:
    """Keeps that it is shown referrals of these. Returns those that were not erased meanwhile, as `by_manager`."""
    access = Access(who.subject, Role.PARTNER, Read.REFERRALS, Why.REFERRAL, commands.moment())
    return await store_accesses.insert(conn, access, enquiry_ids)
