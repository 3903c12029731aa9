"""An interpreter who serves Dinslaken: asked in one booking, engaged in another."""

from datetime import timedelta
from uuid import UUID

from shared.clock import now
from shared.contracts.interpreter import OfferMade
from shared.ids import new_id
from tests.access.house import Call, Owners, Running, Scene
from tests.access.wrong import RULE
from tests.interpreter.agency import Agency
from tests.interpreter.people import STARTS_AT, Booking, body, slot
from tests.interpreter.planning import OF_THE_DAY, planned

HOUR = timedelta(hours=1)


async def make(running: Running) -> Scene:
    agency = Agency(running.client, running.db, running.staff, running.service.dispatcher(running.db, running.settings))
    who = (await agency.knows()).id
    asked, engaged = Booking(), Booking()
    await agency.hears(asked.requested((slot(), [who])), asked.held(who), engaged.confirmed(who))
    [offer] = await agency.offers(who)
    given_back = await _accepted(agency, who)
    await agency.hears(Booking().held(who))
    linking = (await agency.told(OfferMade))[-1].offer_id
    token = await agency.link(linking)
    over = Booking()
    await agency.hears(over.confirmed(who, starts_at=now() - 2 * HOUR, ends_at=now() - HOUR))
    await agency.hears(Booking().requested((slot(STARTS_AT + 8 * HOUR), [who])))
    plan_id = (await planned(agency)).rpartition("/")[2]
    at, offered = {"interpreter_id": who}, {"offer_id": offer["offer_id"]}
    return Scene(
        Owners(
            interpreter=who, enquiry=UUID(str(over.ids["enquiry_id"])), manager=UUID(str(over.all["case_manager_id"]))
        ),
        {
            ("PUT", "/interpreters/{interpreter_id}"): Call({"interpreter_id": new_id()}, body=body()),
            ("GET", "/interpreters/{interpreter_id}/availability"): Call(at),
            ("PUT", "/interpreters/{interpreter_id}/availability"): Call(
                at, body={"windows": [{"weekday": 0, "starts": "09:00:00", "ends": "13:00:00"}], "rules": [RULE]}
            ),
            ("GET", "/interpreters"): Call(),
            ("GET", "/rankings/{booking_id}"): Call({"booking_id": asked.id}),
            ("POST", "/plans"): Call(body=OF_THE_DAY),
            ("GET", "/plans"): Call(),
            ("GET", "/plans/{plan_id}"): Call({"plan_id": plan_id}),
            ("POST", "/plans/{plan_id}/adoption"): Call({"plan_id": plan_id}, headers={"If-Match": '"2"'}),
            ("GET", "/offers"): Call(),
            ("POST", "/offers/{offer_id}/accept"): Call(offered),
            ("POST", "/offers/{offer_id}/decline"): Call(offered),
            ("POST", "/offers/{offer_id}/withdraw"): Call({"offer_id": given_back}),
            ("GET", "/interpreters/{interpreter_id}/statements/{month}"): Call(at | {"month": "2026-01"}),
            ("POST", "/offers/{offer_id}/link"): Call({"offer_id": linking}),
            ("GET", "/offer-link"): Call(headers={"Offer-Token": token}),
            ("POST", "/offer-link/answer"): Call(body={"token": token, "answer": "accept"}),
            ("GET", "/assignments"): Call(),
            ("GET", "/interpreters/{interpreter_id}/feedback"): Call(at),
            ("GET", "/neighbour-counties"): Call(),
            ("POST", "/bookings/{booking_id}/feedback"): Call(
                {"booking_id": over.id}, body={"understanding": 5, "punctuality": 4, "remarks": ["again_please"]}
            ),
        },
        traces=frozenset({str(who), offer["offer_id"], "assignment_id", plan_id}),
    )


async def _accepted(agency: Agency, who: UUID) -> str:
    """Id of an offer that was accepted."""
    await agency.hears(Booking().held(who))
    known = (await agency.told(OfferMade))[-1].offer_id
    await agency.answer("accept", known, who)
    return str(known)
