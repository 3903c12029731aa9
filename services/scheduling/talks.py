"""How a talk stands that has more than one booking, because it was moved or had to be searched anew. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.scheduling.booking import ENDED, Booking, State

_CAME_TO_NOTHING = frozenset({State.RELEASED, State.UNMET})


def former_stands(booking: Booking, among: Iterable[Booking]) -> bool:
    """Whether the talk whose place it is to take still stands, or was held as long as it could be."""
    return any(each.booking_id == booking.replaces and each.state not in _CAME_TO_NOTHING for each in among)


def current(bookings: Sequence[Booking]) -> frozenset[UUID]:
    """Of each talk the one booking that tells how it stands: the latest.

    Where another time was looked for in vain, that is the one whose time was to be changed. `bookings`: all of an
    enquiry, in the order in which they were requested.
    """
    first: dict[UUID, UUID] = {}
    shown: dict[UUID, UUID] = {}
    for booking in bookings:
        talk = first[booking.booking_id] = _first_of(booking, first)
        if not (booking.state in _CAME_TO_NOTHING and former_stands(booking, bookings)):
            shown[talk] = booking.booking_id
    return frozenset(shown.values())


def foremost(bookings: Sequence[Booking], now: datetime) -> UUID | None:
    """The one to show before all others: what is to be chosen, else the latest talk; of a series the next to come."""
    shown = [booking for booking in bookings if booking.booking_id in current(bookings)]
    heads = {_talk_of(booking): _head(shown, booking, now) for booking in shown}
    leading = [booking for booking in shown if booking in heads.values()]
    proposed = [booking for booking in leading if booking.state is State.PROPOSED]
    return next((booking.booking_id for booking in reversed(proposed or leading)), None)


def _talk_of(booking: Booking) -> UUID:
    return booking.series_id or booking.booking_id


def _head(shown: Sequence[Booking], booking: Booking, now: datetime) -> Booking:
    """Of the same series the next to come, or the last; of a single talk itself."""
    its = sorted((each for each in shown if _talk_of(each) == _talk_of(booking)), key=_begins)
    to_come = [each for each in its if each.state not in ENDED and _begins(each) > now]
    return to_come[0] if to_come else its[-1]


def _begins(booking: Booking) -> datetime:
    return booking.chosen.starts_at if booking.chosen else booking.occurrence or booking.requested_at


def _first_of(booking: Booking, first: dict[UUID, UUID]) -> UUID:
    """Of all that took each other's place."""
    return first.get(booking.replaces, booking.replaces) if booking.replaces else booking.booking_id
