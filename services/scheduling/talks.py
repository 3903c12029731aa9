"""How a talk stands that has more than one booking, because it was moved or had to be searched anew. Pure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.scheduling.booking import Booking, State

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


def _first_of(booking: Booking, first: dict[UUID, UUID]) -> UUID:
    """Of all that took each other's place."""
    return first.get(booking.replaces, booking.replaces) if booking.replaces else booking.booking_id
