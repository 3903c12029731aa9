"""Referrals and case conferences, which stand on consents."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from services.case import conferences, referrals, store, store_consents
from services.case import store_referrals as kept
from services.case.case import Case
from services.case.commands import Edit, edited, today, touch
from services.case.conferences import Conference, ConferenceOutcome, ConferenceWish
from services.case.referrals import Referral
from shared import outbox
from shared.contracts.vocabulary import ReferralService, ReferralState, Topic
from shared.database import Connection
from shared.errors import NotFound
from shared.ids import new_id


async def revoke(conn: Connection, case: Case, falls: Callable[[Referral], bool]) -> Case:
    """Of the open referrals those that fall, as what they stood on is gone."""
    for referral in await kept.referrals(conn, case.case_id):
        if ReferralState.REVOKED in referrals.NEXT[referral.state] and falls(referral):
            case = await _move(conn, case, referral, ReferralState.REVOKED)
    return case


async def call_off(conn: Connection, case: Case, stands: Callable[[Conference], bool]) -> Case:
    """Of the conferences to come those that do not stand, as the consent is gone."""
    for conference in await kept.conferences(conn, case.case_id):
        if conferences.is_to_come(conference, today()) and not stands(conference):
            await kept.save_conference(conn, case.case_id, replace(conference, outcome=ConferenceOutcome.CONSENT_GONE))
            case = await touch(conn, case)
    return case


async def offer(
    conn: Connection, edit: Edit, manager_id: UUID, service: ReferralService, area: Topic
) -> tuple[Case, Referral]:
    """Raises NotFound, VersionOutdated and as `referrals.offer`."""
    case = await edited(conn, edit, manager_id)
    known = await store_consents.of(conn, case.enquiry_id)
    wish = Referral(new_id(), service, area, today(), today())
    made, told = referrals.offer(case, known, wish, today())
    await kept.save(conn, case.case_id, made)
    await outbox.append(conn, *told)
    return await touch(conn, case), made


async def move(
    conn: Connection, referral_id: UUID, version: int, manager_id: UUID, state: ReferralState
) -> tuple[Case, Referral]:
    """By the case manager. Raises NotFound, VersionOutdated and as `referrals.move`."""
    case = await edited(conn, Edit((await kept.referral(conn, referral_id)).case_id, version), manager_id)
    referral = (await kept.referral(conn, referral_id)).referral
    case = await _move(conn, case, referral, state)
    return case, (await kept.referral(conn, referral_id)).referral


async def answer(
    conn: Connection, referral_id: UUID, service: str, municipalities: frozenset[str], state: ReferralState
) -> Referral:
    """By the service itself. Raises NotFound for another's, and as `referrals.move`."""
    case = await store.load(conn, (await kept.referral(conn, referral_id)).case_id)
    referral = (await kept.referral(conn, referral_id)).referral
    if referral.service != service or case.ags not in municipalities:
        raise NotFound
    await _move(conn, case, referral, state)
    return (await kept.referral(conn, referral_id)).referral


async def convene(conn: Connection, edit: Edit, manager_id: UUID, wish: ConferenceWish) -> tuple[Case, Conference]:
    """Raises NotFound, VersionOutdated and as `conferences.convene`."""
    case = await edited(conn, edit, manager_id)
    known = await store_consents.of(conn, case.enquiry_id)
    made = conferences.convene(case, known, Conference(new_id(), *wish), today())
    await kept.save_conference(conn, case.case_id, made)
    return await touch(conn, case), made


async def conclude(
    conn: Connection, conference_id: UUID, version: int, manager_id: UUID, outcome: ConferenceOutcome
) -> tuple[Case, Conference]:
    """Raises NotFound, VersionOutdated and as `conferences.conclude`."""
    case = await edited(conn, Edit(await kept.case_of_conference(conn, conference_id), version), manager_id)
    [held] = [each for each in await kept.conferences(conn, case.case_id) if each.conference_id == conference_id]
    made = conferences.conclude(case, await store_consents.of(conn, case.enquiry_id), held, outcome, today())
    await kept.save_conference(conn, case.case_id, made)
    return await touch(conn, case), made


async def _move(conn: Connection, case: Case, referral: Referral, state: ReferralState) -> Case:
    known = await store_consents.of(conn, case.enquiry_id)
    moved, told = referrals.move(case, known, referral, state, today())
    await kept.save(conn, case.case_id, moved)
    await outbox.append(conn, *told)
    return await touch(conn, case)
