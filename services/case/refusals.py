"""What a case refuses, by name."""

from collections.abc import Iterable
from types import MappingProxyType

from shared.contracts.vocabulary import Phase
from shared.errors import Conflict, DomainError, Invalid


class EnquiryHasEnded(Conflict):
    """The enquiry was withdrawn or erased, so that no case is opened for it."""


class AlreadyOpened(Conflict):
    """For this enquiry there is a case already."""


class AlreadyAssigned(Conflict):
    """The case has a case manager already."""


class PhaseNotReachable(Conflict):
    """This phase does not follow the present one. What does stands in `reachable`."""

    def __init__(self, present: Phase, reachable: Iterable[Phase]) -> None:
        super().__init__("phase")
        self.members = MappingProxyType({"present": present, "reachable": sorted(reachable)})


class ReasonMissing(Invalid):
    """A case is closed with a reason."""


class ReasonUncalledFor(Invalid):
    """Only closing a case has one of these reasons, and a withdrawal is told by intake alone."""


class CaseUnassigned(Conflict):
    """The case waits for a case manager. The first talk is asked for when it has one."""


class CaseIsClosed(Conflict):
    """The case is closed. Reopen it first."""


class TalkUnderWay(Conflict):
    """A talk is being arranged already. The next one is asked for when it is confirmed, or came to nothing."""


class TalkUnknown(Conflict):
    """The case waits for no such booking."""


class VersionMissing(DomainError):
    """If-Match must hold the ETag of the case as you read it."""

    status = 428


class VersionOutdated(Conflict):
    """Somebody changed the case since you read it. Its present version stands in `version`."""

    def __init__(self, version: int) -> None:
        super().__init__("If-Match")
        self.members = MappingProxyType({"version": version})
