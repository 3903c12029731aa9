"""Fills a fresh installation: case managers, interpreters and rooms, through the services' own API.

`python -m deploy.seed` may run any number of times: it puts whole resources, so nothing is there twice.
Municipalities and coordinating offices come with the code (shared/data).
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.progress import track

from deploy.client import Client
from shared.settings import Settings

DATA = Path(__file__).parent / "data"
ADMINISTRATOR = "administrator"
AT_ONCE = 8
NOWHERE = "interpreters.invalid"
"""Of the interpreters' addresses: no mail server has this domain, now or ever (RFC 2606, 2)."""
Puts = Sequence[tuple[str, Any]]
"""What makes one resource: address and body, in this order."""


async def main() -> None:
    async with Client(Settings()) as client:
        await seed(client)


async def seed(client: Client) -> int:
    """Puts everything. Returns how many resources there are. Raises RefusedError where a service refuses.

    After the first refusal nothing more is put.
    """
    token = await client.token(ADMINISTRATOR)
    resources = [*_case_managers(client.settings), *_rooms(client.settings), *_interpreters(client.settings)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def put(puts: Puts) -> None:
        async with gate:
            for url, body in puts:
                await client.call("PUT", url, token=token, json=body)

    try:
        async with asyncio.TaskGroup() as group:
            work = [group.create_task(put(puts)) for puts in resources]
            group.create_task(_show(work))
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return len(work)


async def _show(work: Sequence[asyncio.Task[None]]) -> None:
    """What is done of the work; the group sees to what fails."""
    for done in track(asyncio.as_completed(work), "Case managers, interpreters, rooms", total=len(work)):
        with suppress(Exception):
            await done


def _case_managers(settings: Settings) -> Iterator[Puts]:
    for each in _read("case_managers"):
        known = {name: each[name] for name in ("fte", "municipalities", "languages", "topics")}
        calendar = {"kind": "case_manager", "rules": each["rules"]}
        yield [
            (f"{settings.case_url}/case-managers/{each['id']}", known),
            (f"{settings.scheduling_url}/resources/{each['id']}", calendar),
        ]


def _rooms(settings: Settings) -> Iterator[Puts]:
    for each in _read("rooms"):
        calendar = {"kind": "room", "ags": [each["municipality"]], "rules": each["rules"]}
        yield [(f"{settings.scheduling_url}/resources/{each['id']}", calendar)]


def _interpreters(settings: Settings) -> Iterator[Puts]:
    for each in _read("interpreters"):
        address = f"{settings.interpreter_url}/interpreters/{each['id']}"
        profile = {name: value for name, value in each.items() if name not in {"id", "rules"}}
        contact = {"email": f"interpreter-{each['id'][-2:]}@{NOWHERE}", "language": "de"}
        yield [
            (address, profile),
            (f"{address}/availability", {"rules": each["rules"]}),
            (f"{settings.person_url}/interpreters/{each['id']}/contact", contact),
        ]


def _read(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    asyncio.run(main())
