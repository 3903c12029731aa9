"""Walks the main job with the running stack and prints its timeline.

Tigrinya in Dinslaken with consent, the same without it, Alpen for the Kreis's office, Arabic without interpreter.
"""

import argparse
import asyncio
import json
import sys
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from deploy.client import Client, RefusedError
from deploy.demo.participant import NothingHappenedError, Participant, Wish
from deploy.demo.timeline import Timeline, fields_of
from deploy.seed import seed
from shared.contracts.municipal import MunicipalEvent
from shared.contracts.vocabulary import Recipient
from shared.municipalities import by_postcode
from shared.settings import Settings

USERS = Path(__file__).parents[1] / "issuer" / "users.json"
WISHES = (
    Wish(
        "Tigrinya, 46535 Dinslaken, with consent for the office",
        "46535",
        ["ti"],
        ["housing", "residence"],
        Recipient.OFFICE_DINSLAKEN,
    ),
    Wish("the same without that consent", "46535", ["ti"], ["housing", "residence"], None),
    Wish("Tigrinya, 46519 Alpen: the Kreis's office", "46519", ["ti"], ["housing"], Recipient.OFFICE_KREIS_WESEL),
    Wish("Arabic, Dinslaken: a case manager speaks it", "46537", ["ar"], ["work"], Recipient.OFFICE_DINSLAKEN),
)
TO_CONFIRMATION = (
    "intake.enquiry.received.v1",
    "intake.enquiry.accepted.v1",
    "case.opened.v1",
    "case.assigned.v1",
    "case.counselling_requested.v1",
    "scheduling.booking.requested.v1",
    "scheduling.booking.proposed.v1",
    "scheduling.booking.held.v1",
    "scheduling.booking.confirmed.v1",
)
"""What the municipality's stream has of every talk, whatever consent there is. Across topics there is no order."""
ASKED = ("interpreter.offer.made.v1", "interpreter.offer.accepted.v1")
"""What it has besides where an interpreter is needed, if the participant consented."""
console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)


async def main() -> int:
    """0 when the whole job was seen, 1 with one sentence where it was not."""
    try:
        async with Client(Settings()) as client:
            await seed(client)
            for wish in WISHES:
                await walk(client, wish)
    except httpx.TransportError:
        console.print("KIM does not answer: start it with `make run`, then try again.")
        return 1
    except (RefusedError, NothingHappenedError, TimeoutError) as error:
        console.print(f"The demo stopped: {error or 'an event did not come in time'}. See the log files in .kim/log.")
        return 1
    return 0


async def walk(client: Client, wish: Wish) -> list[MunicipalEvent]:
    """One participant from the enquiry to the confirmed talk. Returns what the office saw of it."""
    municipality = by_postcode(wish.postcode)
    console.rule(f"[bold]{wish.title}")
    async with Timeline(client.settings.kafka_bootstrap_servers, municipality.ags, console) as timeline:
        participant = await Participant.ask(client, wish)
        timeline.follow(participant.enquiry_id)
        booking = await participant.booking("proposed")
        await participant.choose_first(booking)
        if booking["interpreter_needed"]:
            await accept(client, timeline)
        await participant.booking("confirmed")
        asked = ASKED if booking["interpreter_needed"] and wish.share_with else ()
        await timeline.until(*TO_CONFIRMATION, *asked)
        show_fields(timeline.stream)
    await show_sse(client, municipality.ags, municipality.coordinating_office, timeline.stream)
    return timeline.stream


async def accept(client: Client, timeline: Timeline) -> None:
    """The interpreter who was asked says yes, in their own name."""
    offer = await timeline.offer()
    token = await client.token(interpreter_user(offer["interpreter_id"]))
    await client.call("POST", f"{client.settings.interpreter_url}/offers/{offer['offer_id']}/accept", token=token)


def interpreter_user(interpreter_id: str) -> str:
    people = json.loads(USERS.read_text(encoding="utf-8"))["people"]
    return str(next(each["name"] for each in people if each["sub"] == interpreter_id))


def show_fields(stream: list[MunicipalEvent]) -> None:
    """What the office may know, field by field."""
    table = Table("event on the municipality's stream", "field", "declared", "the office sees", box=None)
    for event in stream:
        for position, row in enumerate(fields_of(event)):
            table.add_row(f"#{event.sequence} {event.type}" if position == 0 else "", *row)
    console.print(table)


async def show_sse(client: Client, ags: str, office: str, stream: list[MunicipalEvent]) -> None:
    """The same events over server-sent events, as the office's coordinator."""
    token = await client.token(f"coordinator-{office}")
    wanted = {event.sequence for event in stream}
    url = f"{client.settings.coordination_url}/municipalities/{ags}/stream?after={min(wanted) - 1}"
    seen: set[int] = set()
    async with (
        httpx.AsyncClient(timeout=20) as http,
        http.stream("GET", url, headers={"Authorization": f"Bearer {token}"}) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("id:"):
                seen.add(int(line[3:]))
            if seen >= wanted:
                break
    console.print(f"  office {office}: the same {len(wanted)} events over SSE\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.parse_args()
    sys.exit(asyncio.run(main()))
