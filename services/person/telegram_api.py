"""Messages by Telegram over HTTP, for the bot's gateway alone."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.person import telegram
from services.person.callers import Logged, OfVault, Transaction
from services.person.store_messages import Settled
from shared.auth import Principal, Role, allow
from shared.bodies import Body
from shared.errors import NotFound
from shared.idempotency import Router

router = Router(prefix="/outgoing/telegram")
Service = Annotated[Principal, allow(Role.SERVICE)]
_GATEWAY = "gateway_bot"


class OutgoingView(BaseModel):
    id: UUID
    chat_id: int = Field(repr=False)
    text: str = Field(repr=False)


class OutgoingPage(BaseModel):
    messages: list[OutgoingView]


class Outcome(Body):
    outcome: Literal[Settled.SENT, Settled.REFUSED]
    """Refused: for good, such as by somebody who blocked the bot."""


@router.post("/claim")
async def claim(who: Service, tx: Logged, vault: OfVault) -> OutgoingPage:
    """At most 20 that are due. Each comes again after a pause, until its outcome is told or its time is over."""
    _check(who)
    claimed = await telegram.claim(tx, vault)
    return OutgoingPage(messages=[OutgoingView(id=each.id, chat_id=each.chat_id, text=each.text) for each in claimed])


@router.post("/{message_id}/outcome", status_code=204)
async def tell_outcome(message_id: UUID, body: Outcome, who: Service, tx: Transaction) -> None:
    """What became of a message that was claimed. Told again, the first time counts."""
    _check(who)
    await telegram.settle(tx, message_id, body.outcome)


def _check(who: Principal) -> None:
    """Raises NotFound for every other service."""
    if who.subject != _GATEWAY:
        raise NotFound
