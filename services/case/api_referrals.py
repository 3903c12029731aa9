"""HTTP: referrals, by the case manager and by the services themselves, and case conferences.

A service is a partner system whose token has the service's code as subject. Of a case it sees the life area alone.
"""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.case import accesses, areas, commands, store_referrals
from services.case import commands_referrals as use
from services.case.accesses import Read
from services.case.callers import Edited, Logged, Manager, Partner, Transaction, Version, read_file, subject, tag
from services.case.views_referrals import (
    AnswerInput,
    ConferenceInput,
    ConferenceView,
    OutcomeInput,
    ReferralInput,
    ReferralStateInput,
    ReferralView,
)
from shared.idempotency import Router

router = Router()


@router.get("/cases/{case_id}/referrals")
async def of_case(case_id: UUID, who: Manager, db: Logged, response: Response) -> list[ReferralView]:
    """Without life areas that consent to counselling does not cover."""
    case = await read_file(db, case_id, who, Read.REFERRALS)
    tag(case, response)
    seen = await areas.open_areas(db, case.enquiry_id, commands.today())
    return [ReferralView.of(each) for each in await store_referrals.referrals(db, case_id) if each.area in seen]


@router.post("/cases/{case_id}/referrals", status_code=201)
async def offer(body: ReferralInput, who: Manager, edit: Edited, tx: Transaction, response: Response) -> ReferralView:
    """409 `consent-missing` or `consent-expired` names the kind of consent, the recipient and the law."""
    case, made = await use.offer(tx, edit, subject(who), body.service, body.area)
    tag(case, response)
    return ReferralView.of(made)


@router.post("/referrals/{referral_id}/state")
async def move(  # noqa: PLR0913, PLR0917 - what a request is made of
    referral_id: UUID, body: ReferralStateInput, who: Manager, version: Version, tx: Transaction, response: Response
) -> ReferralView:
    case, moved = await use.move(tx, referral_id, version, subject(who), body.state)
    tag(case, response)
    return ReferralView.of(moved)


@router.get("/referrals")
async def for_service(
    who: Partner, db: Logged, after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> list[ReferralView]:
    """Open ones of the service, with consents in force, in the municipalities of its token; the oldest first, from
    behind `after`. Of a closed case those that the service has accepted.
    """
    page = store_referrals.Page(after, limit)
    found = await store_referrals.for_service(db, who.subject, who.municipalities, commands.today(), page)
    there = await accesses.by_service(db, who, {each.enquiry_id for each in found})
    return [ReferralView.of(each.referral) for each in found if each.enquiry_id in there]


@router.post("/referrals/{referral_id}/answer")
async def answer(referral_id: UUID, body: AnswerInput, who: Partner, tx: Transaction) -> ReferralView:
    """By the service: 409 `referral-state-not-reachable` where it was revoked meanwhile. What was accepted can be
    done also when the case is closed.
    """
    return ReferralView.of(await use.answer(tx, referral_id, who.subject, who.municipalities, body.state))


@router.get("/cases/{case_id}/conferences")
async def conferences(case_id: UUID, who: Manager, db: Logged, response: Response) -> list[ConferenceView]:
    """Of what they are about, the life areas that consent to counselling covers."""
    case = await read_file(db, case_id, who, Read.CONFERENCES)
    tag(case, response)
    seen = await areas.open_areas(db, case.enquiry_id, commands.today())
    held = await store_referrals.conferences(db, case_id)
    return [ConferenceView.of(replace(each, areas=tuple(filter(seen.__contains__, each.areas)))) for each in held]


@router.post("/cases/{case_id}/conferences", status_code=201)
async def convene(
    body: ConferenceInput, who: Manager, edit: Edited, tx: Transaction, response: Response
) -> ConferenceView:
    """409 `consent-missing` where a service has no consent to one of the areas, `consent-expired` where that is over
    on the day of the conference.
    """
    case, made = await use.convene(tx, edit, subject(who), body.wish)
    tag(case, response)
    return ConferenceView.of(made)


@router.post("/conferences/{conference_id}/outcome")
async def conclude(  # noqa: PLR0913, PLR0917 - what a request is made of
    conference_id: UUID, body: OutcomeInput, who: Manager, version: Version, tx: Transaction, response: Response
) -> ConferenceView:
    """`called_off` at any time; all else from its day on, with consents as they counted then."""
    case, made = await use.conclude(tx, conference_id, version, subject(who), body.outcome)
    tag(case, response)
    return ConferenceView.of(made)
