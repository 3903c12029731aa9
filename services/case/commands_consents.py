"""Consents that are heard of, or over: with each goes what stood on it, and with the one to counselling, everything.

Art. 7(3) GDPR: a consent is taken back at any time, as easily as it was given, and what was lawful before stays so. So
the case is closed and its contents are shut, not deleted: that is what an erasure does (Art. 17), or its retention.
"""

from collections.abc import Sequence
from uuid import UUID

from services.case import (
    commands,
    commands_posts,
    conferences,
    consents,
    domain,
    referrals,
    store,
    store_consents,
    store_enquiries,
    store_managers,
    store_posts,
    store_referrals,
)
from services.case.case import Case, ClosingReason
from services.case.commands import BATCH, today
from services.case.commands_referrals import call_off, revoke
from services.case.consents import Consent
from shared.contracts.person import ConsentGiven, ConsentRevoked
from shared.database import Connection


async def consent_given(conn: Connection, given: ConsentGiven) -> None:
    """Of an enquiry that has ended nothing is kept. With a new consent to counselling a case can be reopened."""
    known = await store_enquiries.load(conn, given.enquiry_id)
    if known.has_ended:
        return
    await store_consents.insert(conn, given)
    if known.may_be_counselled or not given.allows_counselling:
        return
    await store_enquiries.allow_counselling(conn, given.enquiry_id, allowed=True)
    if case := await store.load_of_enquiry(conn, given.enquiry_id):
        await commands.touch(conn, case)


async def consent_revoked(conn: Connection, revoked: ConsentRevoked) -> None:
    """With it, in the same transaction, go the open referrals and the conferences to come that stood on it; or, where
    counselling did, the case.

    A case that was handed over to another municipality on it comes home, closed or not; a hand-over that waits is off.
    """
    await store_enquiries.load(conn, revoked.enquiry_id)
    await store_managers.one_choice_at_a_time(conn)
    await store_consents.revoke(conn, revoked.consent_id, revoked.revoked_on)
    if revoked.ends_counselling:
        await _end_counselling(conn, revoked.enquiry_id, ClosingReason.CONSENT_REVOKED)
    elif case := await store.load_of_enquiry(conn, revoked.enquiry_id):
        known = await store_consents.of(conn, case.enquiry_id)
        case = await revoke(conn, case, lambda referral: not referrals.stands(referral, known, today()))
        case = await call_off(conn, case, lambda conference: conferences.stands(conference, known))
        if not await _bring_home(conn, case, known):
            await _drop_hand_over(conn, case, known)


async def counselling_expired(conn: Connection, enquiry_id: UUID) -> None:
    """The consent to it is over by the clock, as person has found."""
    if (await store_enquiries.load(conn, enquiry_id)).may_be_counselled:
        await _end_counselling(conn, enquiry_id, ClosingReason.CONSENT_EXPIRED)


async def revoke_expired(conn: Connection) -> int:
    """Open referrals whose consents have expired by the clock are revoked. Returns how many."""
    found = await store_referrals.load_unconsented(conn, today(), BATCH)
    for case_id, referral in found:
        await revoke(conn, await store.load(conn, case_id), referral.__eq__)
    return len(found)


async def bring_home_expired(conn: Connection) -> int:
    """Cases, closed or not, that are in another municipality on a consent over by the clock. Returns how many."""
    if not (found := await store.away(conn)):
        return 0
    await store_managers.one_choice_at_a_time(conn)
    count = 0
    for case_id in found:
        case = await store.load(conn, case_id)
        known = await store_consents.of(conn, case.enquiry_id)
        count += await _bring_home(conn, case, known)
    return count


async def drop_expired_hand_overs(conn: Connection) -> int:
    """Those that wait for approval, and for which the consent is over by the clock. Returns how many."""
    if not (found := await store_posts.cases_pending(conn)):
        return 0
    await store_managers.one_choice_at_a_time(conn)
    count = 0
    for case_id in found:
        case = await store.load(conn, case_id)
        count += await _drop_hand_over(conn, case, await store_consents.of(conn, case.enquiry_id))
    return count


async def _bring_home(conn: Connection, case: Case, known: Sequence[Consent]) -> bool:
    """Where it is away, and no consent in force is left for that."""
    if consents.may_be_with(case, case.ags, known, today()):
        return False
    await commands_posts.bring_home(conn, case)
    return True


async def _drop_hand_over(conn: Connection, case: Case, known: Sequence[Consent]) -> bool:
    """Where one waits for approval, and no consent in force is left for it."""
    asked = await store_posts.pending(conn, case.case_id)
    if asked is None or asked.ags == case.ags or consents.may_be_with(case, asked.ags, known, today()):
        return False
    await store_posts.delete_hand_over(conn, case.case_id)
    await commands.touch(conn, case)
    return True


async def _end_counselling(conn: Connection, enquiry_id: UUID, reason: ClosingReason) -> None:
    """Where there is no case yet, none will be opened."""
    await store_enquiries.allow_counselling(conn, enquiry_id, allowed=False)
    if case := await store.load_of_enquiry(conn, enquiry_id):
        case = await revoke(conn, case, lambda _: True)
        case = await call_off(conn, case, lambda _: False)
        await commands.keep(conn, domain.end_counselling(case, reason, today()))
