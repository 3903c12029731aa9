"""Measures the hot paths, each beside a bare equivalent in the same run, and prints medians with their spread.

Without arguments it measures everything (about eight minutes on 2 cores) and writes bench/results.json.
"""

import argparse
import asyncio
import json
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial
from importlib.metadata import version
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench.assignment import SIZES, Size, assignment, size
from bench.case import case_list
from bench.consumer import consumer_faststream, consumer_plain
from bench.enquiry import enquiry
from bench.figures import REPEATS, Figure
from bench.latency import latency
from bench.memory import memory
from bench.relay import relay
from bench.rewrapping import rewrapping
from bench.rights import rights
from bench.slots import Sizes, contention, slots
from bench.world import World, world

RESULTS = Path(__file__).parent / "results.json"
Measure = Callable[[], Awaitable[Sequence[Figure]]]


def _in_a_world(measure: Callable[[World], Awaitable[Sequence[Figure]]]) -> Measure:
    """With a database server and a broker that nothing was done on before."""

    async def measured() -> Sequence[Figure]:
        async with world() as started:
            return await measure(started)

    return measured


FIGURES: Mapping[str, Measure] = {
    "assignment": assignment,
    "relay": _in_a_world(relay),
    "consumer": _in_a_world(consumer_plain),
    "faststream": _in_a_world(consumer_faststream),
    "enquiry": _in_a_world(enquiry),
    "latency": _in_a_world(latency),
    "cases": _in_a_world(case_list),
    "slots": _in_a_world(slots),
    "contention": _in_a_world(contention),
    "rewrapping": _in_a_world(rewrapping),
    "rights": rights,
    "memory": memory,
}
PACKAGES = ("aiokafka", "asyncpg", "fastapi", "faststream", "pydantic", "uvicorn", "uvloop")


async def main(names: Sequence[str], weeks: Sequence[Size], office: Sizes) -> None:
    found: list[Figure] = []
    sized: Mapping[str, Measure] = {
        "assignment": partial(assignment, weeks),
        "slots": _in_a_world(partial(slots, sizes=office)),
        "contention": _in_a_world(partial(contention, sizes=office)),
    }
    for name in names:
        print(f"{name} ...", file=sys.stderr, flush=True)
        found += await {**FIGURES, **sized}[name]()
    _show(found)
    if list(names) == list(FIGURES) and (weeks, office) == (SIZES, Sizes()):
        RESULTS.write_text(json.dumps(_report(found), indent=2) + "\n")


def _show(figures: Sequence[Figure]) -> None:
    console = Console(width=180, highlight=False)
    table = Table("figure", "unit", "ours: median (least to most)", "bare", "ratio", "reach", box=None)
    for figure in figures:
        cells = (figure.ours, figure.bare or "-", figure.ratio or "-")
        table.add_row(figure.asked.name, figure.asked.unit, *map(str, cells), figure.asked.reach)
    console.print(table)
    for detail in dict.fromkeys(figure.detail for figure in figures if figure.detail):
        console.print(detail)


def _report(figures: Sequence[Figure]) -> dict[str, object]:
    machine = {
        "cores": psutil.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }
    return {"machine": machine, "repeats": REPEATS, "figures": [figure.as_json() for figure in figures]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help=f"only these of: {', '.join(FIGURES)}")
    parser.add_argument(
        "--weeks",
        nargs="+",
        type=size,
        default=SIZES,
        metavar="TALKSxINTERPRETERS",
        help="that `assignment` plans, such as 60x30 2000x500",
    )
    office = parser.add_argument_group("slots", "how large the office of `slots` is")
    for field in fields(Sizes):
        office.add_argument(
            f"--{field.name.replace('_', '-')}", type=int, default=field.default, metavar="N", help="%(default)s"
        )
    given = vars(parser.parse_args())
    chosen, weeks = given.pop("figures"), given.pop("weeks")
    if unknown := [name for name in chosen if name not in FIGURES]:
        parser.error(f"there is no figure '{unknown[0]}', only {', '.join(FIGURES)}")
    asyncio.run(main(chosen or list(FIGURES), weeks, Sizes(**given)))
