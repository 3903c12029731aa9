"""HTTP: case managers with their own cases, participants with the phase of theirs, administrators with the posts.

A case of others is not there: 404. Who coordinates has no access at all: 403. Plans, referrals, posts and notes have
files of their own.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from services.case import (
    api_accesses,
    api_notes,
    api_plan,
    api_posts,
    api_referrals,
    areas,
    commands,
    commands_posts,
    listing,
    store,
)
from services.case.accesses import Read
from services.case.callers import (
    Edited,
    Glance,
    Logged,
    Manager,
    Participant,
    Reading,
    Transaction,
    read_case,
    read_file,
    subject,
    tag,
)
from services.case.case import Case
from services.case.choice import Choice
from services.case.views import (
    CaseManagerInput,
    CasePage,
    CaseView,
    FindingInput,
    NeedsInput,
    PhaseChange,
    PhaseView,
    TalkInput,
    TalkRequested,
    TalkView,
)
from shared.auth import Role, allow
from shared.contracts.vocabulary import Phase
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router

router = Router(tags=["case"])
RepeatKey = Annotated[str, Header(alias="Idempotency-Key", description="So that a finding sent twice counts once")]


@router.get("/cases", response_model=CasePage)
async def cases(
    who: Manager,
    db: Glance,
    phase: Phase | None = None,
    after: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Response:
    """The case manager's own, the oldest first."""
    return Response(await listing.page(db, subject(who), phase, after, limit), media_type="application/json")


@router.get("/cases/{case_id}")
async def case(case_id: UUID, who: Manager, db: Logged, response: Response) -> CaseView:
    """With the version as ETag."""
    return await _shown(db, await read_case(db, case_id, who), response)


@router.get("/cases/{case_id}/talks")
async def talks(case_id: UUID, who: Manager, db: Logged) -> list[TalkView]:
    """In the order in which they were asked for."""
    return [TalkView.of(talk) for talk in (await read_file(db, case_id, who, Read.TALKS)).talks]


@router.get("/cases/{case_id}/choice")
async def choice(case_id: UUID, who: Manager, db: Logged) -> Choice:
    """Why the case is yours: everybody who was looked at, with points or with what stood in the way, as far as that is
    told of colleagues; or who named you.
    """
    return (await store.choice(db, (await read_file(db, case_id, who, Read.CHOICE)).case_id)).as_shown()


@router.post("/cases/{case_id}/phase")
async def change_phase(body: PhaseChange, who: Manager, edit: Edited, tx: Transaction, response: Response) -> CaseView:
    """428 without If-Match. 409 `version-outdated` names the present `version`, `phase-not-reachable` what follows."""
    return await _shown(tx, await commands.change_phase(tx, edit, subject(who), body.phase, body.ending), response)


@router.post("/cases/{case_id}/counselling", status_code=201)
async def request_talk(case_id: UUID, body: TalkInput, who: Manager, tx: Transaction) -> TalkRequested:
    """Another talk. 409 `talk-under-way` while one is being arranged."""
    return TalkRequested(counselling_id=await commands.request_talk(tx, case_id, subject(who), body.wish))


@router.put("/cases/{case_id}/interpreting")
async def change_needs(body: NeedsInput, who: Manager, edit: Edited, tx: Transaction, response: Response) -> CaseView:
    """Dialect and gender wished, for every talk from now on; one that is being arranged hears of it, too."""
    return await _shown(tx, await commands.change_needs(tx, edit, subject(who), body.wishes), response)


@router.post("/cases/{case_id}/findings", status_code=204)
async def report_finding(case_id: UUID, body: FindingInput, who: Manager, tx: Transaction, _key: RepeatKey) -> None:
    """It leaves with the day's batch. From then on, as before, nothing links it to the case."""
    await commands.report_finding(tx, case_id, subject(who), body.kind, body.about)


@router.get("/enquiries/{enquiry_id}/case")
async def phase_of_enquiry(enquiry_id: UUID, who: Participant, db: Reading) -> PhaseView:
    """404 while there is no case."""
    if who.enquiry_id != enquiry_id:
        raise NotFound
    return PhaseView(phase=await store.phase_of_enquiry(db, enquiry_id))


@router.put("/case-managers/{case_manager_id}", status_code=204, dependencies=[allow(Role.ADMINISTRATOR)])
async def put_case_manager(case_manager_id: UUID, body: CaseManagerInput, tx: Transaction) -> None:
    """Cases that wait are looked at again within a second. Open cases stay where they are, and so does an absence that
    is not named. 422 `supervisor-of-oneself`.
    """
    await commands_posts.put(tx, body.manager(case_manager_id), keeps_absence=body.keeps_absence)


async def _shown(db: Connection, case: Case, response: Response) -> CaseView:
    tag(case, response)
    return CaseView.of(await areas.as_open(db, case, commands.today()))


for _part in (api_plan, api_referrals, api_posts, api_notes, api_accesses):
    router.include_router(_part.router)
