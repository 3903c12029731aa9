"""HTTP: who read what of a case, for person, which tells the participant."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel

from services.case import store_accesses
from services.case.callers import Reading
from services.case.store_accesses import Kept
from shared.auth import Principal, Role, allow
from shared.errors import NotFound
from shared.exporting import NothingHeld
from shared.idempotency import Router

router = Router()


class AccessKept(BaseModel):
    """`who` is the subject of a token: the id of a case manager, the code of a service."""

    id: UUID
    who: str
    role: str
    what: str
    why: str
    at: datetime

    @classmethod
    def of(cls, kept: Kept) -> Self:
        return cls(**kept._asdict())


@router.get("/internal/enquiries/{enquiry_id}/accesses")
async def accesses(enquiry_id: UUID, who: Annotated[Principal, allow(Role.SERVICE)], db: Reading) -> list[AccessKept]:
    """The newest first, for the person service alone. 404 `nothing-held` where nobody has read anything."""
    if who.subject != "person":
        raise NotFound
    if not (kept := await store_accesses.of(db, enquiry_id)):
        raise NothingHeld
    return [AccessKept.of(each) for each in kept]
