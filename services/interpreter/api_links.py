"""HTTP: an offer by its link. Nobody signs in: the token, in a header or a body and never logged, is what counts."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request
from pydantic import BaseModel, Field

from services.interpreter import commands_links
from services.interpreter.callers import Linking, Reading, Writing
from services.interpreter.commands_links import Verb
from services.interpreter.links import Links
from services.interpreter.offers import Answered, Way
from services.interpreter.views import OfferView
from shared.auth import Role, public
from shared.bodies import Body
from shared.idempotency import Router

router = Router(tags=["interpreter"])
FORM = r"^[A-Za-z0-9_-]{32}$"


def _links(request: Request) -> Links:
    found: Links = request.app.state.links
    return found


Known = Annotated[Links, Depends(_links)]
Token = Annotated[str, Header(alias="Offer-Token", pattern=FORM)]


class LinkView(BaseModel):
    token: str
    """Shown this once."""
    expires_at: datetime


class AnswerBody(Body):
    token: Annotated[str, Field(pattern=FORM)]
    answer: Verb


@router.post("/offers/{offer_id}/link", status_code=201)
async def make_link(offer_id: UUID, who: Linking, links: Known, tx: Writing) -> LinkView:
    """A link for an open offer, to be sent to its interpreter; an earlier one opens nothing any more.

    Who made it is kept of every answer by it: whoever has a link can answer.
    """
    way = Way.HANDED_LINK if Role.ADMINISTRATOR in who.roles else Way.MAILED_LINK
    token, offer = await commands_links.make_link(tx, links, offer_id, Answered(way, who.subject))
    return LinkView(token=token, expires_at=offer.expires_at)


@router.get("/offer-link", dependencies=[public()])
async def look(token: Token, links: Known, tx: Reading) -> OfferView:
    """What is asked; looking changes nothing, so that a preview of the link answers nothing."""
    return OfferView.of(await commands_links.look(tx, links, token))


@router.post("/offer-link/answer", dependencies=[public()])
async def answer(body: AnswerBody, links: Known, tx: Writing) -> OfferView:
    """Accept or decline, once; give back what was accepted, before the talk begins."""
    return OfferView.of(await commands_links.answer(tx, links, body.token, body.answer))
