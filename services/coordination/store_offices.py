"""SQL of what offices work with: findings and the measures that answer them."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from services.coordination.domain import Finding, Measure
from shared.contracts.vocabulary import FindingKind, Topic
from shared.database import Connection
from shared.errors import NotFound


async def add_finding(conn: Connection, finding: Finding) -> None:
    await conn.execute(
        """
        insert into finding (finding_id, ags, kind, about, reported_on) values ($1, $2, $3, $4, $5)
        on conflict do nothing
        """,
        finding.finding_id,
        finding.ags,
        finding.kind,
        finding.about,
        finding.reported_on,
    )


async def take_over_rebuilt(conn: Connection) -> None:
    """What the log tells of findings replaces what is known of them; the measures that answer them stay."""
    await conn.execute("delete from public.finding where finding_id not in (select finding_id from rebuild.finding)")
    await conn.execute(
        """
        insert into public.finding (finding_id, ags, kind, about, reported_on)
        select finding_id, ags, kind, about, reported_on from rebuild.finding
        on conflict (finding_id) do update
        set ags = excluded.ags, kind = excluded.kind, about = excluded.about, reported_on = excluded.reported_on
        """
    )


async def findings_of(conn: Connection, served: Collection[str]) -> list[Finding]:
    """Findings of these municipalities, the latest first."""
    rows = await conn.fetch("select * from finding where ags = any($1) order by reported_on desc, finding_id", served)
    return [_finding(row) for row in rows]


async def open_findings(conn: Connection, ags: str) -> list[Finding]:
    """Those without a measure, locked."""
    rows = await conn.fetch(
        "select * from finding where ags = $1 and measure_id is null order by finding_id for update", ags
    )
    return [_finding(row) for row in rows]


async def answered_by(conn: Connection, measure_id: UUID) -> list[Finding]:
    rows = await conn.fetch("select * from finding where measure_id = $1", measure_id)
    return [_finding(row) for row in rows]


async def save_findings(conn: Connection, findings: Iterable[Finding]) -> None:
    await conn.executemany(
        "update finding set measure_id = $2 where finding_id = $1",
        [(finding.finding_id, finding.measure_id) for finding in findings],
    )


async def load_measure(conn: Connection, measure_id: UUID, office: str) -> Measure:
    """Locked. Raises NotFound for one that is not there or another office's."""
    row = await conn.fetchrow(
        "select * from measure where measure_id = $1 and office = $2 for update", measure_id, office
    )
    if row is None:
        raise NotFound
    return _measure(row)


async def measures_of(conn: Connection, office: str) -> list[Measure]:
    """The latest first."""
    rows = await conn.fetch(
        "select * from measure where office = $1 order by proposed_on desc, measure_id desc", office
    )
    return [_measure(row) for row in rows]


async def save_measure(conn: Connection, measure: Measure) -> None:
    await conn.execute(
        """
        insert into measure values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict (measure_id) do update set adopted = excluded.adopted, decided_on = excluded.decided_on
        """,
        measure.measure_id,
        measure.office,
        measure.ags,
        measure.kind,
        measure.about,
        measure.proposed_on,
        measure.adopted,
        measure.decided_on,
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(**{**row, "kind": FindingKind(row["kind"]), "about": Topic(row["about"])})


def _measure(row: Mapping[str, Any]) -> Measure:
    return Measure(**{**row, "kind": FindingKind(row["kind"]), "about": Topic(row["about"])})
