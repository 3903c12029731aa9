"""Has plans computed, one after the other, each by a process of its own that has little time; outside any handler."""

import asyncio
import os
import sys
from asyncio import StreamReader
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from services.interpreter import commands_plans, planning_lines
from services.interpreter.plan_contents import Plan, Stage
from services.interpreter.planning_lines import Done, Errand, Reached
from services.interpreter.plans import AssignmentPlan, Fault, Progress
from shared.clock import now
from shared.database import Database

WORKER = "services.interpreter.planner"
"""Never imported here: it carries the solver."""
SECONDS = 120
"""For one plan; 2,000 talks x 500 interpreters take under 5 on a quiet machine (`make bench ARGS=assignment`)."""
HEARTBEAT = 3.0
"""Seconds between two signs of life of a plan that is being computed; a small part of its lease."""
LONGEST_LINE = 64 * 1024 * 1024
_ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""The others are for requests and events."""

log = structlog.get_logger()


class PlanDesk:
    def __init__(self, database_url: str, *, worker: str = WORKER, seconds: int = SECONDS) -> None:
        """`worker`: the module that computes."""
        self._database_url = database_url
        self._worker = worker
        self._seconds = seconds

    async def run(self, database: Database) -> None:
        """Every plan that is due. Cancelled, it leaves the one in hand to whoever comes when its lease is over."""
        while True:
            async with database.transaction() as conn:
                claimed = await commands_plans.claim(conn)
            if claimed is None:
                return
            if claimed.is_computing:
                await self._compute(database, claimed)

    async def _compute(self, database: Database, claimed: AssignmentPlan) -> None:
        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                made = await self._ask(database, claimed)
        except TimeoutError:
            if not limit.expired():
                raise
            made = Fault.TIME_LIMIT
        if made is None:
            return
        async with database.transaction() as conn:
            if isinstance(made, Plan):
                await commands_plans.finish(conn, claimed, made)
            else:
                log.warning("plan.failed", plan_id=str(claimed.id), code=made)
                await commands_plans.fail(conn, claimed, made)

    async def _ask(self, database: Database, claimed: AssignmentPlan) -> Plan | Fault | None:
        """The plan, or why there is none; None where somebody else computes it by now."""
        errand = Errand(
            database_url=self._database_url, scope=claimed.scope, at=claimed.read_at or now(), seconds=self._seconds
        )
        reached = Progress(Stage.READING, 0)
        async with _process(self._worker, errand) as lines:
            while line := await _next(lines):
                if isinstance(line, Done):
                    return line.plan
                reached = Progress(line.stage, line.percent) if isinstance(line, Reached) else reached
                async with database.transaction() as conn:
                    if not await commands_plans.go_on(conn, claimed, reached):
                        return None
        return Fault.WORKER_FAILED


class Silence:
    """Nothing was said for a while, and the process lives."""


async def _next(lines: StreamReader) -> planning_lines.Line | Silence | None:
    """None: it has nothing more to say, or it was nothing that one can read."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            line = await lines.readline()
        return planning_lines.read(line) if line else None
    except TimeoutError:
        return Silence()
    except ValueError:
        return None


@asynccontextmanager
async def _process(module: str, errand: Errand) -> AsyncIterator[StreamReader]:
    """It ends with the block, whatever it is at."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=PIPE,
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=LONGEST_LINE,
        env=os.environ | _ONE_CORE,
    )
    try:
        if process.stdin is None or process.stdout is None:
            raise OSError("a process without pipes")
        process.stdin.write(errand.model_dump_json().encode() + b"\n")
        process.stdin.close()
        yield process.stdout
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
