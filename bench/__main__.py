"""`python -m bench`: prints the figures and writes bench/results.json."""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.consumer import consumer_faststream, consumer_plain
from bench.relay import relay
from bench.world import World, world

RESULTS = Path(__file__).parent / "results.json"
FIGURES: dict[str, Callable[[World], Awaitable[Figure]]] = {
    "relay": relay,
    "consumer": consumer_plain,
    "faststream": consumer_faststream,
}


async def main(names: list[str]) -> None:
    found: list[Figure] = []
    async with world() as started:
        for name in names:
            print(f"{name} ...", file=sys.stderr, flush=True)
            found.append(await FIGURES[name](started))
    _show(found)
    if names == list(FIGURES):
        RESULTS.write_text(json.dumps([figure.as_json() for figure in found], indent=2) + "\n")


def _show(figures: list[Figure]) -> None:
    table = Table("figure", "unit", "ours: median (least to most)", "bare", "ratio", "reach", box=None)
    for figure in figures:
        cells = (figure.ours, figure.bare or "-", figure.ratio or "-")
        table.add_row(figure.name, figure.unit, *map(str, cells), figure.reach)
    Console(width=180).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("figures", nargs="*", choices=[*FIGURES, []], help="only these; nothing is written then")
    asyncio.run(main(parser.parse_args().figures or list(FIGURES)))
