"""HTTP: somebody's other calendar, from which nothing but busy times is taken."""

from datetime import datetime
from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, Field

from services.scheduling import store_foreign as store
from services.scheduling.feeds_api import Keys, Owning, Reading, Transaction, own_resource
from services.scheduling.outward import NotReached, checked
from services.scheduling.store_foreign import Foreign, ForeignKind
from shared.bodies import Body, Text
from shared.clock import now
from shared.errors import DomainError, Invalid, NotFound
from shared.idempotency import Router

router = Router()


class AddressRefused(DomainError):
    """The address must be a public one that begins with https:// (or webcal://), without login and fragment."""

    status = 422


class ForeignInput(Body):
    kind: ForeignKind
    address: Annotated[str, Text(2000)]
    username: Annotated[str, Text(200)] | None = Field(default=None, repr=False)
    password: Annotated[str, Text(200)] | None = Field(default=None, repr=False)

    @property
    def login(self) -> tuple[str, str] | None:
        """Raises Invalid for a half one."""
        if self.username is None and self.password is None:
            return None
        if self.username is None or self.password is None:
            raise Invalid("username" if self.username is None else "password")
        return self.username, self.password


class ForeignView(BaseModel):
    """Neither address nor login are ever shown."""

    kind: ForeignKind
    read_at: datetime | None
    """When it was last read; None: not yet."""
    fault: str | None
    """Why the last look at it failed, as a code."""


@router.get("/calendar/foreign")
async def foreign(who: Owning, db: Reading) -> ForeignView:
    """How it is going with the caller's other calendar. 404 where there is none."""
    found = await store.state(db, await own_resource(db, who))
    if found is None:
        raise NotFound
    return ForeignView(kind=found.kind, read_at=found.read_at, fault=found.fault)


@router.put("/calendar/foreign", status_code=204)
async def put_foreign(body: ForeignInput, who: Owning, tx: Transaction, keys: Keys, request: Request) -> None:
    """The caller is busy when this calendar says so. It is looked into soon, and then every quarter of an hour."""
    resource_id = await own_resource(tx, who)
    try:
        checked(body.address, local=request.app.state.settings.development)
    except NotReached:
        raise AddressRefused("address") from None
    await store.put(tx, Foreign(resource_id, body.kind, body.address, body.login), keys, now())


@router.delete("/calendar/foreign", status_code=204)
async def remove_foreign(who: Owning, tx: Transaction) -> None:
    """With all busy times that it told."""
    if not await store.remove(tx, await own_resource(tx, who)):
        raise NotFound
