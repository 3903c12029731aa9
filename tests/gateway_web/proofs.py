"""The second factor, as the latest participant of the town gets it."""

from uuid import UUID

from services.person import second_factor
from services.person.commands import Staff
from tests.gateway_web.town import Town


async def code_from_case_manager(town: Town) -> str:
    """What the case manager responsible tells them in a talk."""
    enquiry_id, case_manager_id = await latest(town)
    async with town.parts["person"].database.transaction() as conn:
        staff = Staff(str(case_manager_id), "case_manager")
        vault = town.parts["person"].app.state.vault
        return await second_factor.confirm_by_staff(conn, vault, staff, enquiry_id)


async def latest(town: Town) -> tuple[UUID, UUID]:
    """Enquiry and case manager of the case that was assigned last."""
    row = await town.parts["person"].database.pool.fetchrow(
        "select enquiry_id, case_manager_id from responsibility order by case_id desc limit 1"
    )
    return row["enquiry_id"], row["case_manager_id"]
