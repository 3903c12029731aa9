"""HTTP: who has a case. Hand-overs, their approval, absences, conflicts of interest."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ValidationInfo, field_validator

from services.case import commands, store_managers, store_posts
from services.case import commands_posts as use
from services.case.callers import Administrator, Edited, Manager, Reading, Transaction, subject, tag
from services.case.commands_posts import Moved
from services.case.store_managers import Uncovered
from shared.auth import Principal, Role, allow
from shared.bodies import Body
from shared.contracts.vocabulary import Phase
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


class UncoveredView(BaseModel):
    case_id: UUID
    ags: str
    phase: Phase
    case_manager_id: UUID | None
    """Who is absent; None: it waits for somebody."""
    absent_from: date | None
    absent_until: date | None

    @classmethod
    def of(cls, found: Uncovered) -> Self:
        known = found._asdict()
        return cls(case_id=known.pop("id"), **known)


class ApprovalInput(Body):
    approved: bool


class AbsenceInput(Body):
    absent_from: date
    absent_until: date | None = None
    """The last day; without it, until further notice."""
    moves_cases: bool = True
    """Whether every open case goes to somebody else when it begins."""

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
    """From its first day on no new case comes, and every open one goes to somebody else or waits; each choice explains
    itself. Those that have moved already, which is none before that day.
    """
    return await use.fall_ill(tx, case_manager_id, body.absent_from, body.absent_until, moves_cases=body.moves_cases)


@router.get("/uncovered-cases")
async def uncovered(
    who: Annotated[Principal, allow(Role.ADMINISTRATOR, Role.CASE_MANAGER)],
    db: Reading,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> list[UncoveredView]:
    """Open cases that nobody looks after today, the oldest first, from behind `after`: for supervisors those of the
    absent whom they supervise, for administrators all, also those that wait for a case manager.
    """
    supervisor = None if Role.ADMINISTRATOR in who.roles else subject(who)
    return [
        UncoveredView.of(each)
        for each in await store_managers.uncovered(db, commands.today(), supervisor, after, limit)
    ]
