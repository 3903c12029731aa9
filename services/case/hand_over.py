"""Giving a case to another case manager, here or in another municipality, and who has to agree.

Another municipality is another controller: nothing goes there without the participant's consent for it. Where a case
manager has a supervisor, a hand-over to another municipality is theirs to approve (configured per case manager).
"""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.case import refusals
from services.case.case import Case
from services.case.choice import Obstacle, for_colleagues, obstacle
from services.case.manager import CaseManager


@dataclass(frozen=True, slots=True)
class HandOver:
    hand_over_id: UUID
    ags: str
    """Of the municipality that gets the case."""
    case_manager_id: UUID | None
    """None: whoever is chosen there."""
    supervisor_id: UUID | None
    """Who has to approve it; None: nobody."""
    asked_on: date


def check_supervisor(post: CaseManager) -> None:
    """Raises SupervisorOfOneself."""
    if post.supervisor_id == post.id:
        raise refusals.SupervisorOfOneself("supervisor_id")


def ask(case: Case, present: CaseManager, wish: HandOver) -> HandOver:
    """Raises CaseIsClosed, HandOverToOneself."""
    if case.is_closed:
        raise refusals.CaseIsClosed
    if wish.case_manager_id == present.id:
        raise refusals.HandOverToOneself("case_manager_id")
    return wish


def check_successor(manager: CaseManager | None, ags: str, tokens: frozenset[str], today: date) -> None:
    """Somebody who is named needs no room, but all else. Raises SuccessorUnable."""
    found = Obstacle.OTHER_MUNICIPALITY if manager is None else obstacle(ags, tokens, manager, today)
    if found is not None and found is not Obstacle.AT_CAPACITY:
        raise refusals.SuccessorUnable(str(for_colleagues(found)))
