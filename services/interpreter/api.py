"""Interpreter's API: profiles and weeks, and why somebody was ranked as they were. The rest has files of its own."""

from uuid import UUID

from services.interpreter import (
    absences,
    api_assignments,
    api_feedback,
    api_links,
    api_offers,
    api_plans,
    commands_profiles,
    store,
    store_availability,
    store_rankings,
)
from services.interpreter.callers import Administrator, Asking, OwnerOrAdministrator, Reading, Staff, Writing
from services.interpreter.domain import Interpreter
from services.interpreter.neighbours import NEIGHBOURS, Neighbour
from services.interpreter.views import (
    AvailabilityBody,
    AvailabilityView,
    InterpreterBody,
    InterpreterView,
    RankedView,
)
from shared.auth import Role
from shared.errors import NotFound
from shared.idempotency import Router

router = Router(tags=["interpreter"])
for _part in (api_offers, api_links, api_assignments, api_feedback, api_plans):
    router.include_router(_part.router)


@router.put("/interpreters/{interpreter_id}")
async def put_interpreter(
    interpreter_id: UUID, body: InterpreterBody, _who: Administrator, tx: Writing
) -> InterpreterView:
    """Make an interpreter known, or change the whole profile."""
    given = Interpreter(
        id=interpreter_id,
        gender=body.gender,
        languages=tuple(body.languages),
        municipalities=tuple(sorted(set(body.municipalities))),
        base_postcode=body.base_postcode,
        credentials=body.credentials,
        active=body.active,
        dialects=tuple(sorted(set(body.dialects))),
    )
    return InterpreterView.of(await commands_profiles.put_interpreter(tx, given))


@router.get("/interpreters/{interpreter_id}/availability")
async def availability(interpreter_id: UUID, who: OwnerOrAdministrator, tx: Reading) -> AvailabilityView:
    """The week, what recurs otherwise, and absences; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    await store.require(tx, interpreter_id)
    return AvailabilityView.of(interpreter_id, await store_availability.availability(tx, interpreter_id))


@router.put("/interpreters/{interpreter_id}/availability")
async def put_availability(
    interpreter_id: UUID, body: AvailabilityBody, who: OwnerOrAdministrator, tx: Writing
) -> AvailabilityView:
    """Replace the whole week, every rule and absence; an interpreter's own only.

    Whoever is away is not asked, nor asked any more. What they have agreed to, they give back themselves.
    """
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    changed = await absences.put_availability(tx, interpreter_id, body.availability)
    return AvailabilityView.of(interpreter_id, changed)


@router.get("/interpreters")
async def list_interpreters(who: Staff, tx: Reading) -> list[InterpreterView]:
    """Coded profiles, by id. A clerk sees those who serve the clerk's municipalities."""
    limit = None if Role.ADMINISTRATOR in who.roles else who.municipalities
    return [InterpreterView.of(found) for found in await store.interpreters(tx, limit)]


@router.get("/neighbour-counties")
async def neighbour_counties(_who: Asking) -> list[Neighbour]:
    """Whose pools can be asked where nobody here could be found; what is assumed is named."""
    return [each for each in NEIGHBOURS if each.takes_requests]


@router.get("/rankings/{booking_id}")
async def show_ranking(booking_id: UUID, who: Staff, tx: Reading) -> list[RankedView]:
    """Who could interpret which slot of the booking, and why in this order."""
    ags, candidates = await store_rankings.ranking(tx, booking_id)
    if Role.ADMINISTRATOR not in who.roles and ags not in who.municipalities:
        raise NotFound
    return [RankedView(**candidate) for candidate in candidates]
