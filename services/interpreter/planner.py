"""Planning as a process of its own, which ends: the service that runs all the time carries no solver (docs/adr 10, 18).

    python -m services.interpreter plan       for an operator: the plan of all that is open, as one JSON object
    python -m services.interpreter.planner    for the service: a line of JSON comes in, lines of JSON go out

It reads and writes nothing but its output: ids and coded reasons.
"""

import asyncio
import os
import resource
import sys
from datetime import datetime

from pydantic import TypeAdapter

from services.interpreter import open_work
from services.interpreter.assignment import plan
from services.interpreter.plan_contents import Plan, Stage, Tell, silent
from services.interpreter.planning_lines import Done, Errand, Line, Reached, percent
from services.interpreter.plans import Scope
from shared.clock import now
from shared.database import Database

NICENESS = 10
"""So that requests and events come first on the same machine."""


async def show(database_url: str) -> str:
    """The plan as JSON."""
    made = await _made(database_url, now())
    return TypeAdapter(Plan).dump_json(made, indent=2).decode()


async def _made(database_url: str, at: datetime, scope: Scope | None = None, tell: Tell = silent) -> Plan:
    """The search begins when the database is left alone again."""
    tell(Stage.READING, 0)
    db = await Database.connect(database_url, most=1)
    try:
        async with db.read() as conn:
            requests, people = await open_work.to_plan(conn, await open_work.read(conn, at), scope)
    finally:
        await db.close()
    return plan(requests, people, tell)


def _tell(stage: Stage, share: float) -> None:
    _write(Reached(stage=stage, percent=percent(stage, share)))


def _write(line: Line) -> None:
    sys.stdout.write(line.model_dump_json() + "\n")
    sys.stdout.flush()


def main() -> None:
    errand = Errand.model_validate_json(sys.stdin.buffer.readline())
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (errand.seconds, errand.seconds))
    made = asyncio.run(_made(errand.database_url, errand.at, errand.scope, _tell))
    _write(Done(plan=made))


if __name__ == "__main__":
    main()
