"""POST enquiry with 16 clients: intake as it runs, against a bare service that inserts the same row."""

import json
from base64 import b64encode
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

from bench.client import load
from bench.figures import Asked, Figure, compare, percentiles
from bench.world import World
from deploy.kafka.topics import ensure_topics
from services.intake.app import SCHEMA
from shared.contracts.vocabulary import Criterion
from shared.ids import new_id

CLIENTS = 16
REQUESTS = 2_000
INTAKE_PORT, BARE_PORT = 18301, 18302


async def enquiry(world: World) -> list[Figure]:
    url = await world.database_url(SCHEMA)
    await ensure_topics(world.bootstrap)
    body = new_enquiry()

    async def run(port: int) -> Sequence[float]:
        return percentiles(await load(port, "/enquiries", body, CLIENTS, REQUESTS))

    async with AsyncExitStack() as running:
        await running.enter_async_context(world.service("intake", INTAKE_PORT, url))
        bare_url = await world.database_url(SCHEMA)
        bare = {"DATABASE_URL": bare_url, "PORT": str(BARE_PORT)}
        await running.enter_async_context(world.process("bench.bare", BARE_PORT, bare))
        return await compare(
            [
                Asked("POST enquiry, 16 clients, p50", "ms", "at most 1.5"),
                Asked("POST enquiry, 16 clients, p99", "ms", "at most 1.5"),
            ],
            lambda: run(INTAKE_PORT),
            lambda: run(BARE_PORT),
        )


def new_enquiry() -> bytes:
    """As the web gateway sends it from Dinslaken, with all five criteria: received and accepted in one go."""
    until = (datetime.now(UTC).date() + timedelta(days=365)).isoformat()
    consent = {"kind": "processing", "valid_until": until}
    body = {
        "channel": "web",
        "postcode": "46535",
        "topics": ["housing", "residence"],
        "languages": ["ti"],
        "mode": "in_person",
        "criteria": list(Criterion),
        "consents": [consent | {"purpose": "counselling"}, consent | {"purpose": "coordination"}],
        "sealed": b64encode(token_bytes(400)).decode(),
        "key_id": str(new_id()),
    }
    return json.dumps(body).encode()
