"""HTTP: who has a case. Hand-overs, their approval, absences, conflicts of interest."""

from datetime import date
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ValidationInfo, field_validator

from services.case import commands_posts as use
from services.case import store_posts
from services.case.callers import Administrator, Edited, Manager, Reading, Transaction, subject, tag
from services.case.commands_posts import Moved
from shared.bodies import Body
from shared.idempotency import Router
from shared.municipalities import KnownAgs

router = Router()


class HandOverInput(Body):
    ags: KnownAgs
    case_manager_id: UUID | None = None
    """None: whoever is chosen there."""


class HandOverView(BaseModel):
    awaits_approval: bool
    version: int


class PendingView(BaseModel):
    case_id: UUID
    ags: str
    case_manager_id: UUID | None
    asked_on: date


class ApprovalInput(Body):
    approved: bool


class AbsenceInput(Body):
    absent_from: date
    absent_until: date | None = None
    """The last day; without it, until further notice."""

    @field_validator("absent_until")
    @classmethod
    def _ends_after_it_starts(cls, until: date | None, known: ValidationInfo) -> date | None:
        if until and (starts := known.data.get("absent_from")) and until < starts:
            raise ValueError("must not be before `absent_from`")
        return until


@router.post("/cases/{case_id}/hand-over")
async def ask(body: HandOverInput, who: Manager, edit: Edited, tx: Transaction, response: Response) -> HandOverView:
    """To another municipality: 409 `consent-missing` or `consent-expired` without the participant's consent."""
    case, awaits = await use.ask(tx, edit, subject(who), body.ags, body.case_manager_id)
    tag(case, response)
    return HandOverView(awaits_approval=awaits, version=case.version)


@router.get("/approvals")
async def approvals(who: Manager, db: Reading) -> list[PendingView]:
    """Hand-overs that wait for the caller as supervisor."""
    found = await store_posts.pending_of(db, subject(who))
    return [
        PendingView(case_id=case_id, ags=each.ags, case_manager_id=each.case_manager_id, asked_on=each.asked_on)
        for case_id, each in found
    ]


@router.post("/cases/{case_id}/hand-over/approval", status_code=204)
async def decide(case_id: UUID, body: ApprovalInput, who: Manager, tx: Transaction) -> None:
    """By the supervisor. Consent is looked at again."""
    await use.decide(tx, case_id, subject(who), approved=body.approved)


@router.post("/cases/{case_id}/conflict-of-interest")
async def declare_conflict(who: Manager, edit: Edited, tx: Transaction) -> Moved:
    """The caller is partial: somebody else gets the case, or it waits."""
    return await use.declare_conflict(tx, edit, subject(who))


@router.post("/case-managers/{case_manager_id}/absence")
async def fall_ill(case_manager_id: UUID, body: AbsenceInput, who: Administrator, tx: Transaction) -> list[Moved]:  # noqa: ARG001 - the guard
    """Where the absence has begun, every open case goes to somebody else, or waits; each choice explains itself."""
    return await use.fall_ill(tx, case_manager_id, body.absent_from, body.absent_until)
