"""Interpreter's API: profiles and weeks, and why somebody was ranked as they were. The rest has files of its own."""

from uuid import UUID

from services.interpreter import (
    api_assignments,
    api_feedback,
    api_links,
    api_offers,
    api_plans,
    commands,
    commands_profiles,
    store,
    store_rankings,
    store_rules,
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
from shared.contracts.interpreter import AvailabilityWindow
from shared.contracts.recurrence import HoursRule
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
    """The week, and what recurs otherwise; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    await store.require(tx, interpreter_id)
    windows, rules = await store.availability(tx, interpreter_id), await store_rules.rules(tx, interpreter_id)
    return AvailabilityView(interpreter_id=interpreter_id, windows=list(windows), rules=list(rules))


@router.put("/interpreters/{interpreter_id}/availability")
async def put_availability(
    interpreter_id: UUID, body: AvailabilityBody, who: OwnerOrAdministrator, tx: Writing
) -> AvailabilityView:
    """Replace the whole week and every rule; an interpreter's own only."""
    if Role.ADMINISTRATOR not in who.roles and who.subject != str(interpreter_id):
        raise NotFound
    given = tuple(AvailabilityWindow(**window.model_dump()) for window in body.windows)
    rules = tuple(HoursRule(**rule.model_dump()) for rule in body.rules)
    windows = await commands.put_availability(tx, interpreter_id, given, rules)
    return AvailabilityView(interpreter_id=interpreter_id, windows=list(windows), rules=list(rules))


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
