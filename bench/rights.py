"""The rights of one person on the running stack, end to end: the export of Art. 15 GDPR, and the erasure of Art. 17.

Export: from the request behind the second factor to the zip with what six services hold. Erasure: from the request to
the receipt, issued when all have erased and the log, read from offset 0, is clean. `segment.ms` is 1 s here, 60 s else.
"""

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from bench.figures import REPEATS, Asked, Figure, Spread
from bench.memory import stack
from deploy.client import Client, RefusedError
from deploy.demo.participant import Participant, Wish
from deploy.issuer.identities import identities
from deploy.stack.settings import StackSettings
from shared.auth import Role
from shared.contracts.vocabulary import Recipient
from shared.settings import Settings

WISH = Wish("rights", "46535", ["ti"], ["housing"], Recipient.OFFICE_DINSLAKEN)
PATIENCE = 300


async def rights() -> list[Figure]:
    async with (
        stack(KIM_SEGMENT_MS="1000", KIM_MAX_COMPACTION_LAG_MS="1000") as (_, settings),
        Client(_addresses(settings)) as client,
    ):
        pairs = [await _once(client) for _ in range(REPEATS + 1)][1:]
    exports, erasures = zip(*pairs, strict=True)
    detail = " ".join(__doc__.split("\n\n")[1].split())
    return [
        Figure(Asked("export of one person (Art. 15)", "ms", "as it is"), Spread.of([1000 * each for each in exports])),
        Figure(Asked("erasure of one person, to the receipt", "s", "as it is"), Spread.of(erasures), detail=detail),
    ]


async def _once(client: Client) -> tuple[float, float]:
    """Seconds of an export and of an erasure of somebody whose talk is proposed."""
    participant = await Participant.ask(client, WISH)
    await participant.booking("proposed")
    person = client.settings.person_url
    manager = await _case_manager(client, participant)
    confirmed = f"{person}/persons/by-enquiry/{participant.enquiry_id}/second-factor"
    code = (await client.call("POST", confirmed, token=manager))["code"]
    typed = {"purpose": "second_factor", "code": code}
    proof = (await client.call("POST", f"{person}/me/codes/redeem", token=participant.token, json=typed))["proof"]
    started = perf_counter()
    await client.download(f"{person}/me/export", token=participant.token, proof=proof)
    exported = perf_counter() - started
    started = perf_counter()
    begun = await client.call("POST", f"{person}/me/erasure", token=participant.token, proof=proof)
    await _until(lambda: _done(client, begun["erasure_id"]))
    return exported, perf_counter() - started


async def _case_manager(client: Client, participant: Participant) -> str:
    """The token of whoever is responsible."""
    url = f"{client.settings.person_url}/persons/by-enquiry/{participant.enquiry_id}?purpose=counselling"
    managers = [each.name for each in identities().people if Role.CASE_MANAGER in each.roles]

    async def found() -> str | None:
        for name in managers:
            token = await client.token(name)
            try:
                await client.call("GET", url, token=token)
            except RefusedError:
                continue
            return token
        return None

    token: str = await _until(found)
    return token


async def _done(client: Client, erasure_id: str) -> bool:
    receipt: Any = await client.call("GET", f"{client.settings.person_url}/erasures/{erasure_id}")
    return bool(receipt["step"] == "done")


async def _until(look: Callable[[], Awaitable[Any]]) -> Any:
    """Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):
            await asyncio.sleep(0.1)
        return found


def _addresses(settings: StackSettings) -> Settings:
    urls = {
        f"{name}_url": f"http://127.0.0.1:{settings.ports[name]}" for name in ("intake", "case", "scheduling", "person")
    }
    return Settings.model_validate({**urls, "oidc_issuer": f"http://127.0.0.1:{settings.ports['issuer']}"})
