"""The case manager of the participant who asked last, at a browser of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from deploy.issuer.identities import identities
from tests.gateway_web.browser import Browser
from tests.gateway_web.proofs import latest
from tests.gateway_web.town import Town


class Own(NamedTuple):
    """A case, by its ids."""

    case_id: UUID
    enquiry_id: UUID
    person_id: UUID

    @property
    def path(self) -> str:
        return f"/staff/cases/{self.case_id}"


async def own_case(town: Town) -> Own:
    """That of the enquiry that was assigned last."""
    enquiry_id, _ = await latest(town)
    row = await town.parts["case"].database.pool.fetchrow(
        "select case_file.id, enquiry_id, person_id from case_file join enquiry on enquiry.id = enquiry_id"
        " where enquiry_id = $1",
        enquiry_id,
    )
    return Own(*row)


async def give_to(town: Town, case_manager_id: UUID, *own: Own) -> None:
    """So that one case manager is responsible for all of them."""
    for each in own:
        await town.parts["case"].database.pool.execute(
            "update case_file set case_manager_id = $2 where id = $1", each.case_id, case_manager_id
        )
        await town.parts["person"].database.pool.execute(
            "update responsibility set case_manager_id = $2 where case_id = $1", each.case_id, case_manager_id
        )


@asynccontextmanager
async def signed_in(town: Town, case_manager_id: UUID, path: str = "/staff/cases") -> AsyncIterator[Browser]:
    name = next(each.name for each in identities().people if each.sub == str(case_manager_id))
    browser = Browser(town.url)
    async with browser.client:
        await browser.sign_in(path, name)
        yield browser


@asynccontextmanager
async def manager(town: Town, browser: Browser, **asked: object) -> AsyncIterator[tuple[Browser, Own]]:
    """Of what `browser` asks for now, and that case."""
    await browser.ask(**asked)
    await town.carry()
    own = await own_case(town)
    _, case_manager_id = await latest(town)
    async with signed_in(town, case_manager_id, own.path + "/duplicates") as made:
        yield made, own
