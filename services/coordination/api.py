"""The API of coordination: an office's work, and the municipal streams over HTTP."""

from typing import Annotated
from uuid import UUID

from services.coordination import commands, store_cells, store_offices, streams
from services.coordination.access import require_office
from services.coordination.domain import Finding, Measure
from services.coordination.overview import Overview, overview
from shared.auth import Principal, Role, allow
from shared.bodies import Body
from shared.contracts.vocabulary import FindingKind, Topic
from shared.database import Connection
from shared.errors import NotFound
from shared.idempotency import Router, reading, transaction
from shared.municipalities import OFFICES, KnownAgs

router = Router(tags=["coordination"])
router.include_router(streams.router)

Coordinator = Annotated[Principal, allow(Role.COORDINATOR)]


class NewMeasure(Body):
    ags: KnownAgs
    kind: FindingKind
    about: Topic


class Decision(Body):
    adopted: bool


@router.get("/offices/{office}/overview")
async def show_overview(office: str, who: Coordinator, tx: Annotated[Connection, reading()]) -> Overview:
    """Waiting times, unmet languages and the number of open findings; small counts are suppressed."""
    require_office(who, office)
    served = OFFICES[office]
    return overview(
        office,
        await store_cells.waiting_days(tx, served),
        await store_cells.unmet_languages(tx, served),
        await store_offices.findings_of(tx, served),
    )


@router.get("/offices/{office}/findings")
async def list_findings(office: str, who: Coordinator, tx: Annotated[Connection, reading()]) -> list[Finding]:
    """Structural findings of the office's municipalities, the latest first."""
    require_office(who, office)
    return await store_offices.findings_of(tx, OFFICES[office])


@router.get("/offices/{office}/measures")
async def list_measures(office: str, who: Coordinator, tx: Annotated[Connection, reading()]) -> list[Measure]:
    require_office(who, office)
    return await store_offices.measures_of(tx, office)


@router.post("/offices/{office}/measures", status_code=201)
async def propose_measure(
    office: str, body: NewMeasure, who: Coordinator, tx: Annotated[Connection, transaction()]
) -> Measure:
    """Proposes a measure that answers all open findings of the municipality, kind and topic."""
    require_office(who, office)
    return await commands.propose_measure(tx, office, body.ags, body.kind, body.about)


@router.post("/measures/{measure_id}/decision")
async def decide_measure(
    measure_id: UUID, body: Decision, who: Coordinator, tx: Annotated[Connection, transaction()]
) -> Measure:
    """Adopts or rejects a measure of the coordinator's own office; findings of a rejected one are open again."""
    if who.office is None:
        raise NotFound
    return await commands.decide_measure(tx, measure_id, who.office, adopted=body.adopted)
