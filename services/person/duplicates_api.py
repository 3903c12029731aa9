"""Duplicates, for the case manager responsible: the list, and what they decide on it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from services.person import merging
from services.person.callers import CaseManager, Logged, Transaction, Version, staff, tag
from services.person.duplicates_views import DuplicatesView, OtherRecord
from services.person.merging import Decision
from shared.idempotency import Router

router = Router(prefix="/persons/by-enquiry/{enquiry_id}")


def _decision(enquiry_id: UUID, body: OtherRecord, who: CaseManager, version: Version) -> Decision:
    return Decision(staff(who), enquiry_id, body.person_id, version)


Decided = Annotated[Decision, Depends(_decision)]


@router.get("/duplicates")
async def show(enquiry_id: UUID, who: CaseManager, tx: Logged, response: Response) -> DuplicatesView:
    """Other records that may be of the same person; each of them has in its access log that you looked."""
    found = await merging.look(tx, staff(who), enquiry_id)
    tag(found.version, response)
    return DuplicatesView.of(found)


@router.post("/duplicates/dismissal", status_code=204)
async def dismiss(who: CaseManager, decision: Decided, tx: Transaction, response: Response) -> None:  # noqa: ARG001
    """They are two people, and stay two. 428 without If-Match, 409 `version-outdated` names the present `version`."""
    tag(await merging.dismiss(tx, decision), response)


@router.post("/merge", status_code=204)
async def merge(who: CaseManager, decision: Decided, tx: Transaction, response: Response) -> None:  # noqa: ARG001
    """They are one person, and this record is the survivor: you are responsible for both.

    428 without If-Match. 409 names what stands in the way: the present `version`, or the `rule` and its `source`.
    """
    tag(await merging.merge(tx, decision), response)


@router.post("/merge-undo", status_code=204)
async def undo(who: CaseManager, decision: Decided, tx: Transaction, response: Response) -> None:  # noqa: ARG001
    """They are two people after all: everything is as it was before the merge. 428 and 409 as there."""
    tag(await merging.undo(tx, decision), response)
