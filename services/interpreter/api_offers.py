"""HTTP: an interpreter with their own offers."""

from uuid import UUID

from services.interpreter import commands_offers, offers, store_offers
from services.interpreter.callers import Interpreting, Reading, Writing, own_id
from services.interpreter.views import OfferView
from shared.clock import now
from shared.idempotency import Router

router = Router(tags=["interpreter"])


@router.get("/offers")
async def list_offers(who: Interpreting, tx: Reading) -> list[OfferView]:
    """The caller's open offers, the most urgent first."""
    return [OfferView.of(offer) for offer in await store_offers.open_offers(tx, own_id(who), now())]


@router.post("/offers/{offer_id}/accept")
async def accept_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Accept an own offer while it is open; again is the same."""
    return OfferView.of(await commands_offers.answer_offer(tx, offers.accept, offer_id, own_id(who)))


@router.post("/offers/{offer_id}/decline")
async def decline_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Decline an own offer while it is open; again is the same."""
    return OfferView.of(await commands_offers.answer_offer(tx, offers.decline, offer_id, own_id(who)))


@router.post("/offers/{offer_id}/withdraw")
async def withdraw_offer(offer_id: UUID, who: Interpreting, tx: Writing) -> OfferView:
    """Give back an own offer that was accepted: the search for somebody else begins again. Again is the same."""
    return OfferView.of(await commands_offers.give_back(tx, offer_id, own_id(who)))
