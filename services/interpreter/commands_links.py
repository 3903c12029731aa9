"""Answering by link: looking changes nothing, each answer counts once."""

from enum import StrEnum
from uuid import UUID

from services.interpreter import commands_offers, offers, store_links, store_offers
from services.interpreter.links import LinkRefused, Links
from services.interpreter.offers import Answered, Offer, OfferState
from shared.clock import now
from shared.database import Connection


class Verb(StrEnum):
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    """Give back what was accepted."""


async def make_link(conn: Connection, links: Links, offer_id: UUID, made: Answered) -> tuple[str, Offer]:
    """The token, shown this once; `made` is kept of each answer by it.

    Raises NotFound, OfferHasExpired, OfferIsAnswered, OfferIsWithdrawn.
    """
    offer = await store_offers.lock_offer(conn, offer_id)
    offers.require_open(offer, now())
    token = links.new()
    await store_links.put_link(conn, offer_id, links.hash(token), made)
    return token, offer


async def look(conn: Connection, links: Links, token: str) -> Offer:
    """The offer as it stands. Raises LinkRefused."""
    found = await store_links.by_link(conn, links.hash(token), now())
    if found is None:
        raise LinkRefused
    return await store_offers.look(conn, found[0])


async def answer(conn: Connection, links: Links, token: str, verb: Verb) -> Offer:
    """Each answer once for each link: who has accepted by it can still give back by it, and nothing else.

    Raises LinkRefused, and as `commands_offers.answer_offer` and `give_back`: then the link stays.
    """
    hashed = links.hash(token)
    found = await store_links.by_link(conn, hashed, now())
    if found is None or (how := await store_links.lock_link(conn, hashed)) is None:
        raise LinkRefused
    if verb is Verb.WITHDRAW:
        offer = await commands_offers.give_back(conn, *found, how)
    elif (await store_offers.look(conn, found[0])).state is OfferState.ACCEPTED:
        raise LinkRefused
    else:
        verbs = {Verb.ACCEPT: offers.accept, Verb.DECLINE: offers.decline}
        offer = await commands_offers.answer_offer(conn, verbs[verb], *found, how)
    if offer.state is not OfferState.ACCEPTED:
        await store_links.use_link(conn, hashed)
    return offer
