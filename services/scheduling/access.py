"""Whose a booking or a series is."""

from typing import Protocol
from uuid import UUID

from services.scheduling import store_cases
from shared.auth import Principal, Role
from shared.database import Connection


class OfCase(Protocol):
    """What belongs to a case and to an enquiry."""

    @property
    def case_id(self) -> UUID: ...
    @property
    def enquiry_id(self) -> UUID: ...
    @property
    def case_manager_id(self) -> UUID: ...


async def concerns(conn: Connection, found: OfCase, who: Principal) -> bool:
    """A case manager sees what belongs to cases that they have now, while counselling is consented to (Art. 7(3) GDPR);
    whoever had them before sees it no more.
    """
    if Role.CASE_MANAGER not in who.roles:
        return who.enquiry_id == found.enquiry_id
    if await store_cases.has_counselling_ended(conn, found.enquiry_id):
        return False
    case = await store_cases.find(conn, found.case_id)
    return who.subject == str(case.case_manager_id if case else found.case_manager_id)
