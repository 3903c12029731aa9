"""What a booking refuses, by name."""

from collections.abc import Iterable
from types import MappingProxyType

from shared.contracts.scheduling import Slot
from shared.errors import Conflict, DomainError


class AlreadyRequested(Conflict):
    """For this request there is a booking already."""


class EnquiryIsWithdrawn(Conflict):
    """The enquiry is withdrawn, so that nothing is booked for it any more."""


class ConsentIsRevoked(Conflict):
    """The consent to counselling is revoked or over, so that nothing is booked until there is another."""


class NotSearching(Conflict):
    """Slots are searched for only until one is chosen."""


class NoAnswerAwaited(Conflict):
    """The booking does not wait for a ranking of interpreters."""


class RankingOutdated(Conflict):
    """The ranking is about slots that are no longer looked at, or all in the past."""


class NothingProposed(Conflict):
    """There is nothing to choose: a slot is chosen already, or the booking has come to an end."""


class ProposalExpired(Conflict):
    """The time to choose is over."""


class SlotNotProposed(DomainError):
    """This slot is not among those that are proposed, or lies in the past."""

    status = 422


class SlotTaken(Conflict):
    """Somebody else was faster: this slot is taken. What is still free stands in `alternatives`."""

    def __init__(self, alternatives: Iterable[Slot] = ()) -> None:
        super().__init__("slot_id")
        self.alternatives = tuple(alternatives)
        self.members = MappingProxyType({"alternatives": [slot.model_dump() for slot in self.alternatives]})


class SlotTooSoon(SlotTaken):
    """There is not time enough any more to ask an interpreter for this slot. What still is in time: `alternatives`."""


class NothingHeld(Conflict):
    """The booking holds nothing that could be confirmed: it was confirmed before, or released."""


class NothingConfirmed(Conflict):
    """There is no confirmed talk: it is still being arranged, or has come to an end."""


class NotStarted(Conflict):
    """Whether somebody came can be said once the talk has begun."""


class AlreadyMoving(Conflict):
    """Another time is being looked for already: choose from what is proposed, or cancel that first."""


class NotTheHeldInterpreter(Conflict):
    """Another interpreter is being asked by now."""


class HoldExpired(Conflict):
    """The time for which everything was held is over."""


class NotDue(Conflict):
    """The time limit is not reached, or there is none."""


class AlreadyEnded(Conflict):
    """The booking has come to an end already."""


class AlreadyStarted(Conflict):
    """The talk has started or is over: it can be neither cancelled nor moved any more."""
