"""Findings, made again from what case has told."""

from dataclasses import replace

from services.coordination import commands, store_offices
from services.coordination.reactions import FINDINGS
from shared.contracts.case import FindingReported
from shared.contracts.vocabulary import FindingKind, Topic
from shared.ids import new_id
from tests.coordination.world import DINSLAKEN, MOERS, TODAY, World, envelope
from tests.shadowed import shadowed


def reported(ags: str = DINSLAKEN) -> FindingReported:
    return FindingReported(
        finding_id=new_id(), ags=ags, kind=FindingKind.WAITING_TIME, about=Topic.HOUSING, reported_on=TODAY
    )


async def test_findings_are_as_the_log_tells_them_and_keep_the_measures_that_answer_them(
    world: World, database_url: str
) -> None:
    answered, missing, invented = reported(), reported(), reported(MOERS)
    await world.hear(answered, invented)
    async with world.database.transaction() as conn:
        measure = await commands.propose_measure(conn, "dinslaken", DINSLAKEN, answered.kind, answered.about)
        await conn.execute("update finding set about = $1", Topic.HEALTH)
    async with shadowed(database_url, FINDINGS) as shadows, shadows.transaction() as conn:
        for each in (answered, missing):
            await FINDINGS.reactions[FindingReported](conn, envelope(each))
        await FINDINGS.swap(conn)
    async with world.database.read() as conn:
        found = {each.finding_id: each for each in await store_offices.findings_of(conn, [DINSLAKEN, MOERS])}
    assert found.keys() == {answered.finding_id, missing.finding_id}
    assert {each.about for each in found.values()} == {Topic.HOUSING}
    assert found[answered.finding_id].measure_id == measure.measure_id
    assert found[missing.finding_id] == replace(
        found[answered.finding_id], finding_id=missing.finding_id, measure_id=None
    )
