"""Every page of the gateway."""

from fastapi import APIRouter

from services.gateway_web import (
    calendars,
    cases,
    consents,
    contacts,
    duplicates,
    enquiry,
    interpreters,
    offer_links,
    office,
    plans,
    second_factor,
    series,
    staff,
    status,
    talks,
)
from shared.auth import public

router = APIRouter(dependencies=[public()], include_in_schema=False)
"""Open to browsers: who may see what is said by the services, which verify the token that a page sends them."""
router.include_router(enquiry.router)
router.include_router(status.router)
router.include_router(second_factor.router)
router.include_router(staff.router)
router.include_router(office.router)
router.include_router(interpreters.router)
router.include_router(offer_links.router)
router.include_router(calendars.router)
router.include_router(cases.router)
router.include_router(duplicates.router)
router.include_router(consents.router)
router.include_router(talks.router)
router.include_router(series.router)
router.include_router(contacts.router)
router.include_router(plans.router)
