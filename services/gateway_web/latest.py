"""The end of a municipality's stream."""

from collections import deque

from services.gateway_web.clients import Services
from shared.contracts.municipal import MunicipalEvent

SHOWN, PAGE = 30, 500


async def latest(services: Services, ags: str) -> list[MunicipalEvent]:
    """Its last events in order, at most so many. Coordination pages forward only, so it is read to its end."""
    found: deque[MunicipalEvent] = deque(maxlen=SHOWN)
    after = 0
    while True:
        answer = await services.get("coordination", f"/municipalities/{ags}/events", after=after, limit=PAGE)
        found.extend(MunicipalEvent.model_validate(event) for event in answer["events"])
        if len(answer["events"]) < PAGE:
            return list(found)
        after = answer["last"]
