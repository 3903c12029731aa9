"""Consents that are heard of, or over: with each goes what stood on it, and with the one to counselling, everything.

Art. 7(3) GDPR: a consent is taken back at any time, as easily as it was given, and what was lawful before stays so. So
the case is closed and its contents are shut, not deleted: that is what an erasure does (Art. 17), or its retention.
"""

from uuid import UUID

from services.case import commands, consents, domain, referrals, store, store_consents, store_posts, store_referrals
from services.case.case import ClosingReason
from services.case.commands import BATCH, today
from services.case.commands_referrals import revoke
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.database import Connection


async def consent_given(conn: Connection, given: ConsentGiven) -> None:
    """Of an enquiry that has ended nothing is kept. With a new consent to counselling a case can be reopened."""
    known = await store.load_enquiry(conn, given.enquiry_id)
    if known.has_ended:
        return
    await store_consents.insert(conn, given)
    if known.may_be_counselled or not consents.may_be_counselled(
        await store_consents.of(conn, given.enquiry_id), today()
    ):
        return
    await store.allow_counselling(conn, given.enquiry_id, allowed=True)
    if case := await store.load_of_enquiry(conn, given.enquiry_id):
        await commands.touch(conn, case)


async def consent_revoked(conn: Connection, revoked: ConsentRevoked) -> None:
    """With it, in the same transaction, go the open referrals that stood on it; or the case, where counselling did."""
    await store.load_enquiry(conn, revoked.enquiry_id)
    await store_consents.revoke(conn, revoked.consent_id)
    if revoked.ends_counselling:
        await _end_counselling(conn, revoked.enquiry_id, ClosingReason.CONSENT_REVOKED)
    elif case := await store.load_of_enquiry(conn, revoked.enquiry_id):
        known = await store_consents.of(conn, case.enquiry_id)
        await revoke(conn, case, lambda referral: not referrals.stands(referral, known))


async def end_expired(conn: Connection) -> int:
    """Where the consent to counselling is over by the clock, counselling ends. Returns how many cases that were."""
    found = await store_consents.over(conn, today(), BATCH)
    for enquiry_id in found:
        await store.load_enquiry(conn, enquiry_id)
        await _end_counselling(conn, enquiry_id, ClosingReason.CONSENT_EXPIRED)
    return len(found)


async def revoke_expired(conn: Connection) -> int:
    """Open referrals whose consents have expired by the clock are revoked. Returns how many."""
    found = await store_referrals.load_unconsented(conn, today(), BATCH)
    for case_id, referral in found:
        await revoke(conn, await store.load(conn, case_id), referral.__eq__)
    return len(found)


async def _end_counselling(conn: Connection, enquiry_id: UUID, reason: ClosingReason) -> None:
    """Where there is no case yet, none will be opened."""
    await store.allow_counselling(conn, enquiry_id, allowed=False)
    if case := await store.load_of_enquiry(conn, enquiry_id):
        await store_posts.delete_hand_over(conn, case.case_id)
        case = await revoke(conn, case, lambda _: True)
        await commands.keep(conn, domain.end_counselling(case, reason, today()))
