"""An interpreter's request in a chat: what is asked, and two buttons. Pure."""

from services.gateway_bot.clients import Offer
from services.gateway_bot.says import Button, Say
from services.gateway_bot.status import in_words
from services.gateway_bot.texts import ENDONYMS, Texts
from shared.municipalities import BY_AGS

OFFER = "offer"
"""Step of the buttons, and how the parameter of a deep link begins: `t.me/<bot>?start=offer_<token>`."""
ACCEPT, DECLINE, GIVE_BACK = "accept", "decline", "withdraw"
_TOKEN_LENGTH = 32


def token_in(parameter: str) -> str | None:
    """The token of the link, where a `/start` carries one (https://core.telegram.org/bots/features#deep-linking)."""
    kind, _, token = parameter.partition("_")
    fits = len(token) == _TOKEN_LENGTH and token.isascii() and token.replace("-", "").replace("_", "").isalnum()
    return token if kind == OFFER and fits else None


def told(offer: Offer, texts: Texts, *, in_place: bool = False) -> Say:
    """Buttons while it can be answered or given back; they carry no token, which the chat's session keeps."""
    place = BY_AGS[offer.ags].name if offer.ags in BY_AGS else offer.ags
    what = f"{in_words(offer.starts_at, texts)} · {ENDONYMS[offer.language]} · {place} · {texts.modes[offer.mode]}"
    return Say(f"{texts.offers[offer.state]}\n{what}", _buttons(offer.state, texts), in_place)


def _buttons(state: str, texts: Texts) -> tuple[tuple[Button, ...], ...]:
    if state == "open":
        return ((Button(texts.accept, f"{OFFER}:{ACCEPT}"), Button(texts.decline, f"{OFFER}:{DECLINE}")),)
    return ((Button(texts.give_back, f"{OFFER}:{GIVE_BACK}"),),) if state == "accepted" else ()
