"""What the office of Dinslaken has: an enquiry in its stream, an open finding, and a measure to be decided."""

from services.coordination import commands
from services.coordination.pseudonym import Pseudonyms
from shared.contracts.case import FindingReported
from shared.contracts.vocabulary import FindingKind, Topic
from shared.ids import new_id
from tests.access.house import DINSLAKEN, Call, Owners, Running, Scene
from tests.coordination.world import TODAY, World, received


async def make(running: Running) -> Scene:
    world = World(running.db, Pseudonyms(running.settings.secrets_dir))
    finding = _finding(FindingKind.MISSING_LANGUAGE)
    enquiry = received()
    await world.hear(enquiry, _finding(FindingKind.WAITING_TIME), finding)
    async with running.db.transaction() as conn:
        measure = await commands.propose_measure(conn, "dinslaken", DINSLAKEN, FindingKind.WAITING_TIME, Topic.HOUSING)
    office, stream = {"office": "dinslaken"}, {"ags": DINSLAKEN}
    return Scene(
        Owners(enquiry=enquiry.enquiry_id),
        {
            ("GET", "/offices/{office}/overview"): Call(office),
            ("GET", "/offices/{office}/findings"): Call(office),
            ("GET", "/offices/{office}/measures"): Call(office),
            ("POST", "/offices/{office}/measures"): Call(
                office, body={"ags": DINSLAKEN, "kind": "missing_language", "about": "housing"}
            ),
            ("POST", "/measures/{measure_id}/decision"): Call(
                {"measure_id": measure.measure_id}, body={"adopted": True}
            ),
            ("GET", "/municipalities/{ags}/events"): Call(stream, query={"after": "0"}),
            ("GET", "/municipalities/{ags}/stream"): Call(stream, query={"after": "0"}),
        },
        traces=frozenset({str(measure.measure_id), str(finding.finding_id)}),
    )


def _finding(kind: FindingKind) -> FindingReported:
    return FindingReported(finding_id=new_id(), ags=DINSLAKEN, kind=kind, about=Topic.HOUSING, reported_on=TODAY)
