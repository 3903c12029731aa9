"""How an enquiry stands, in words and buttons. Pure."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from services.gateway_bot.clients import Booking, Shortage, Slot, Standing
from services.gateway_bot.says import Button, Say
from services.gateway_bot.texts import Texts
from shared.clock import BERLIN

SLOT, REFRESH = "slot", "refresh"
"""Steps of the buttons that stand outside the dialogue."""
_CODE_LENGTH = 28
_IGNORED = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\n\t")


def code_in(text: str) -> str | None:
    """The participant's code where the text is one, as intake gives it: 28 letters and digits, in groups."""
    code = text.translate(_IGNORED)
    return code if len(code) == _CODE_LENGTH and code.isascii() and code.isalnum() else None


def told(standing: Standing, texts: Texts, *, in_place: bool, still_free: frozenset[UUID] | None) -> Say:
    """`still_free`: of the proposed slots, those that get a button; None: all."""
    refresh = (Button(texts.refresh, f"{REFRESH}:"),)
    if standing.booking is None or standing.status != "accepted":
        return Say(texts.statuses[standing.status], (refresh,), in_place)
    text = "\n\n".join([_of_booking(standing.booking, texts), *_why_none(standing.shortage, texts)])
    return Say(text, (*_slots(standing.booking, texts, still_free), refresh), in_place)


def chosen(value: str) -> tuple[UUID, UUID] | None:
    """Booking and slot of a pressed slot button; None for one that we never showed."""
    booking, _, slot = value.partition(":")
    try:
        return _unpacked(booking), _unpacked(slot)
    except ValueError:
        return None


def _of_booking(booking: Booking, texts: Texts) -> str:
    when = in_words(booking.chosen.starts_at, texts) if booking.chosen else ""
    return texts.bookings[booking.state].format(when=when, mode=texts.modes[booking.mode])


def _why_none(shortage: Shortage | None, texts: Texts) -> list[str]:
    """Why no time was found, and what would help."""
    if shortage is None or shortage.missing is None:
        return []
    reliefs = [f"- {relief.words[texts.reasons_in]}" for relief in shortage.reliefs]
    return [shortage.words[texts.reasons_in], *(["\n".join([texts.would_help, *reliefs])] if reliefs else [])]


def _slots(booking: Booking, texts: Texts, still_free: frozenset[UUID] | None) -> list[tuple[Button]]:
    shown = [slot for slot in booking.slots if still_free is None or slot.slot_id in still_free]
    return [(Button(in_words(slot.starts_at, texts), _data(booking, slot)),) for slot in shown]


def in_words(moment: datetime, texts: Texts) -> str:
    """Wall time in Europe/Berlin, as in `Mo 05.01.2026, 14:30`."""
    local = moment.astimezone(BERLIN)
    return f"{texts.weekdays[local.weekday()]} {local:%d.%m.%Y, %H:%M}"


def _data(booking: Booking, slot: Slot) -> str:
    """50 of the 64 bytes that a button may carry."""
    return f"{SLOT}:{_packed(booking.booking_id)}:{_packed(slot.slot_id)}"


def _packed(value: UUID) -> str:
    return urlsafe_b64encode(value.bytes).rstrip(b"=").decode()


def _unpacked(text: str) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text + "=="))
