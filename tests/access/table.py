"""Who may call which route, written by hand from what KIM promises (docs and issue), never from the code.

Wrong role: 403. Without a token: 401. Somebody else's object: 404, as if there were none.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple, TypeAlias

from shared.auth import Role


class Stranger(Enum):
    """What somebody gets who has the right role, but nothing to do with the object."""

    NOT_THERE = auto()
    """404."""
    SEES_NOTHING = auto()
    """An answer in which nothing of the object stands: lists hold what is one's own."""
    REFUSED = auto()
    """403: there is no object yet, and none may be made for another municipality."""
    WELCOME = auto()
    """The role is all that counts."""


NOT_THERE, SEES_NOTHING, REFUSED, WELCOME = Stranger

NOBODY: Final = None
"""Who shows no token."""
Who: TypeAlias = Role | None
Access: TypeAlias = Mapping[Who, Stranger]
"""Whom a route lets through; whoever is not named is refused."""
CLERK, PARTICIPANT, MANAGER = Role.CLERK, Role.PARTICIPANT, Role.CASE_MANAGER
COORDINATOR, INTERPRETER, PARTNER = Role.COORDINATOR, Role.INTERPRETER, Role.PARTNER
ADMINISTRATOR, SERVICE, MONITOR = Role.ADMINISTRATOR, Role.SERVICE, Role.MONITOR
EVERYBODY: Access = dict.fromkeys([*Role, NOBODY], WELCOME)


class Route(NamedTuple):
    service: str
    method: str
    path: str

    def __str__(self) -> str:
        return " ".join(self)


_HEALTH: Mapping[tuple[str, str], Access] = {
    ("GET", "/health/live"): EVERYBODY,
    ("GET", "/health/ready"): EVERYBODY,
}

_METRICS: Mapping[tuple[str, str], Access] = {("GET", "/metrics"): {MONITOR: WELCOME, ADMINISTRATOR: WELCOME}}

_SERVICES: Mapping[str, Mapping[tuple[str, str], Access]] = {
    "intake": {
        ("GET", "/internal/enquiries/{enquiry_id}/export"): {SERVICE: NOT_THERE},
        ("POST", "/enquiries"): EVERYBODY,
        ("POST", "/participant/token"): EVERYBODY,
        ("GET", "/jwks"): EVERYBODY,
        ("GET", "/.well-known/openid-configuration"): EVERYBODY,
        ("POST", "/clerk/enquiries"): {CLERK: REFUSED},
        ("GET", "/enquiries"): {CLERK: SEES_NOTHING},
        ("GET", "/enquiries/{enquiry_id}"): {PARTICIPANT: NOT_THERE, CLERK: NOT_THERE},
        ("POST", "/enquiries/{enquiry_id}/triage"): {CLERK: NOT_THERE},
        ("POST", "/enquiries/{enquiry_id}/withdraw"): {PARTICIPANT: NOT_THERE, CLERK: NOT_THERE},
        ("DELETE", "/enquiries/{enquiry_id}/code"): {PARTICIPANT: NOT_THERE, CLERK: NOT_THERE},
        ("GET", "/internal/enquiries/{enquiry_id}/sealed"): {SERVICE: NOT_THERE},
    },
    "case": {
        ("GET", "/internal/enquiries/{enquiry_id}/export"): {SERVICE: NOT_THERE},
        ("GET", "/internal/enquiries/{enquiry_id}/accesses"): {SERVICE: NOT_THERE},
        ("GET", "/cases"): {MANAGER: SEES_NOTHING},
        ("GET", "/cases/{case_id}"): {MANAGER: NOT_THERE},
        ("GET", "/cases/{case_id}/talks"): {MANAGER: NOT_THERE},
        ("GET", "/cases/{case_id}/choice"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/phase"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/counselling"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/findings"): {MANAGER: NOT_THERE},
        ("GET", "/cases/{case_id}/plan"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/goals"): {MANAGER: NOT_THERE},
        ("POST", "/goals/{goal_id}/progress"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/steps"): {MANAGER: NOT_THERE},
        ("POST", "/steps/{step_id}/state"): {MANAGER: NOT_THERE},
        ("GET", "/tasks"): {MANAGER: SEES_NOTHING},
        ("GET", "/cases/{case_id}/assessments"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/assessments"): {MANAGER: NOT_THERE},
        ("GET", "/cases/{case_id}/referrals"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/referrals"): {MANAGER: NOT_THERE},
        ("POST", "/referrals/{referral_id}/state"): {MANAGER: NOT_THERE},
        ("GET", "/referrals"): {PARTNER: SEES_NOTHING},
        ("POST", "/referrals/{referral_id}/answer"): {PARTNER: NOT_THERE},
        ("GET", "/cases/{case_id}/conferences"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/conferences"): {MANAGER: NOT_THERE},
        ("POST", "/conferences/{conference_id}/outcome"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/hand-over"): {MANAGER: NOT_THERE},
        ("GET", "/approvals"): {MANAGER: SEES_NOTHING},
        ("POST", "/cases/{case_id}/hand-over/approval"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/conflict-of-interest"): {MANAGER: NOT_THERE},
        ("PUT", "/cases/{case_id}/interpreting"): {MANAGER: NOT_THERE},
        ("POST", "/case-managers/{case_manager_id}/absence"): {ADMINISTRATOR: WELCOME},
        ("GET", "/uncovered-cases"): {ADMINISTRATOR: WELCOME, MANAGER: SEES_NOTHING},
        ("GET", "/cases/{case_id}/notes"): {MANAGER: NOT_THERE},
        ("POST", "/cases/{case_id}/notes"): {MANAGER: NOT_THERE},
        ("GET", "/enquiries/{enquiry_id}/case"): {PARTICIPANT: NOT_THERE},
        ("PUT", "/case-managers/{case_manager_id}"): {ADMINISTRATOR: WELCOME},
    },
    "scheduling": {
        ("GET", "/internal/enquiries/{enquiry_id}/export"): {SERVICE: NOT_THERE},
        ("GET", "/bookings"): {PARTICIPANT: NOT_THERE, MANAGER: SEES_NOTHING},
        ("GET", "/bookings/{booking_id}"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("GET", "/bookings/{booking_id}/shortage"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("POST", "/bookings/{booking_id}/choice"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("POST", "/bookings/{booking_id}/cancel"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("POST", "/bookings/{booking_id}/reschedule"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("POST", "/bookings/{booking_id}/check-in"): {MANAGER: NOT_THERE},
        ("POST", "/bookings/{booking_id}/series"): {MANAGER: NOT_THERE},
        ("GET", "/series/{series_id}"): {PARTICIPANT: NOT_THERE, MANAGER: NOT_THERE},
        ("POST", "/series/{series_id}/end"): {MANAGER: NOT_THERE},
        ("GET", "/calendar"): {MANAGER: SEES_NOTHING, INTERPRETER: SEES_NOTHING},
        ("PUT", "/resources/{resource_id}"): {ADMINISTRATOR: WELCOME},
        ("GET", "/resources/{resource_id}"): {MANAGER: NOT_THERE, ADMINISTRATOR: WELCOME},
        ("POST", "/calendar/feed"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("GET", "/calendar/feed"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("DELETE", "/calendar/feed"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("GET", "/calendar/foreign"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("PUT", "/calendar/foreign"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("DELETE", "/calendar/foreign"): {MANAGER: NOT_THERE, INTERPRETER: NOT_THERE},
        ("POST", "/rooms/{room_id}/feed"): {ADMINISTRATOR: WELCOME},
        ("DELETE", "/rooms/{room_id}/feed"): {ADMINISTRATOR: WELCOME},
        ("GET", "/feeds/{secret}/kim.ics"): EVERYBODY,
        ("PUT", "/resources/{resource_id}/hours"): {MANAGER: NOT_THERE, ADMINISTRATOR: WELCOME},
    },
    "interpreter": {
        ("GET", "/internal/enquiries/{enquiry_id}/export"): {SERVICE: NOT_THERE},
        ("PUT", "/interpreters/{interpreter_id}"): {ADMINISTRATOR: WELCOME},
        ("GET", "/interpreters/{interpreter_id}/feedback"): {ADMINISTRATOR: WELCOME},
        ("GET", "/neighbour-counties"): {ADMINISTRATOR: WELCOME, CLERK: WELCOME, MANAGER: WELCOME},
        ("POST", "/bookings/{booking_id}/feedback"): {
            INTERPRETER: NOT_THERE, MANAGER: NOT_THERE, PARTICIPANT: NOT_THERE,
        },
        ("GET", "/interpreters/{interpreter_id}/availability"): {ADMINISTRATOR: WELCOME, INTERPRETER: NOT_THERE},
        ("PUT", "/interpreters/{interpreter_id}/availability"): {ADMINISTRATOR: WELCOME, INTERPRETER: NOT_THERE},
        ("GET", "/interpreters"): {ADMINISTRATOR: WELCOME, CLERK: SEES_NOTHING},
        ("GET", "/rankings/{booking_id}"): {ADMINISTRATOR: WELCOME, CLERK: NOT_THERE},
        ("POST", "/plans"): {ADMINISTRATOR: WELCOME, COORDINATOR: REFUSED},
        ("GET", "/plans"): {ADMINISTRATOR: WELCOME, COORDINATOR: SEES_NOTHING},
        ("GET", "/plans/{plan_id}"): {ADMINISTRATOR: WELCOME, COORDINATOR: NOT_THERE},
        ("POST", "/plans/{plan_id}/adoption"): {ADMINISTRATOR: WELCOME, COORDINATOR: NOT_THERE},
        ("GET", "/offers"): {INTERPRETER: SEES_NOTHING},
        ("POST", "/offers/{offer_id}/accept"): {INTERPRETER: NOT_THERE},
        ("POST", "/offers/{offer_id}/decline"): {INTERPRETER: NOT_THERE},
        ("POST", "/offers/{offer_id}/withdraw"): {INTERPRETER: NOT_THERE},
        ("POST", "/offers/{offer_id}/link"): {ADMINISTRATOR: WELCOME, SERVICE: WELCOME},
        ("GET", "/offer-link"): EVERYBODY,
        ("POST", "/offer-link/answer"): EVERYBODY,
        ("GET", "/interpreters/{interpreter_id}/statements/{month}"): {ADMINISTRATOR: WELCOME, INTERPRETER: NOT_THERE},
        ("GET", "/assignments"): {INTERPRETER: SEES_NOTHING},
    },
    "person": {
        ("GET", "/public-key"): EVERYBODY,
        ("GET", "/persons/by-enquiry/{enquiry_id}"): {MANAGER: NOT_THERE},
        ("PUT", "/persons/by-enquiry/{enquiry_id}/contact"): {MANAGER: NOT_THERE},
        ("GET", "/persons/by-enquiry/{enquiry_id}/consents"): {MANAGER: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/consents"): {MANAGER: NOT_THERE},
        ("DELETE", "/persons/by-enquiry/{enquiry_id}/consents/{consent_id}"): {MANAGER: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/note-key"): {MANAGER: NOT_THERE},
        ("GET", "/persons/by-enquiry/{enquiry_id}/duplicates"): {MANAGER: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/duplicates/dismissal"): {MANAGER: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/merge"): {MANAGER: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/merge-undo"): {MANAGER: NOT_THERE},
        ("POST", "/persons/{person_id}/erasure"): {MANAGER: NOT_THERE, ADMINISTRATOR: WELCOME},
        ("GET", "/erasures/{erasure_id}"): EVERYBODY,
        ("POST", "/conflict-tokens"): {SERVICE: WELCOME},
        ("PUT", "/persons/by-enquiry/{enquiry_id}/conflicts"): {MANAGER: NOT_THERE},
        ("PUT", "/interpreters/{interpreter_id}/conflicts"): {ADMINISTRATOR: WELCOME},
        ("GET", "/interpreters/contacts"): {ADMINISTRATOR: WELCOME},
        ("PUT", "/interpreters/{interpreter_id}/contact"): {ADMINISTRATOR: WELCOME, INTERPRETER: NOT_THERE},
        ("DELETE", "/interpreters/{interpreter_id}/contact"): {ADMINISTRATOR: WELCOME, INTERPRETER: NOT_THERE},
        ("GET", "/fetches"): {ADMINISTRATOR: WELCOME},
        ("POST", "/fetches/retry"): {ADMINISTRATOR: WELCOME},
        ("GET", "/messages"): {ADMINISTRATOR: WELCOME},
        ("POST", "/outgoing/telegram/claim"): {SERVICE: NOT_THERE},
        ("POST", "/outgoing/telegram/{message_id}/outcome"): {SERVICE: NOT_THERE},
        ("GET", "/me/access-log"): {PARTICIPANT: NOT_THERE},
        ("GET", "/me/export"): {PARTICIPANT: NOT_THERE},
        ("GET", "/me/messages"): {PARTICIPANT: NOT_THERE},
        ("GET", "/me/consents"): {PARTICIPANT: SEES_NOTHING},
        ("POST", "/me/consents"): {PARTICIPANT: NOT_THERE},
        ("DELETE", "/me/consents/{consent_id}"): {PARTICIPANT: NOT_THERE},
        ("POST", "/me/erasure-request"): {PARTICIPANT: NOT_THERE},
        ("POST", "/me/erasure"): {PARTICIPANT: NOT_THERE},
        ("POST", "/me/codes"): {PARTICIPANT: NOT_THERE},
        ("POST", "/me/codes/redeem"): {PARTICIPANT: NOT_THERE},
        ("POST", "/persons/by-enquiry/{enquiry_id}/second-factor"): {MANAGER: NOT_THERE},
    },
    "coordination": {
        ("GET", "/internal/enquiries/{enquiry_id}/export"): {SERVICE: NOT_THERE},
        ("GET", "/offices/{office}/overview"): {COORDINATOR: NOT_THERE},
        ("GET", "/offices/{office}/findings"): {COORDINATOR: NOT_THERE},
        ("GET", "/offices/{office}/measures"): {COORDINATOR: NOT_THERE},
        ("POST", "/offices/{office}/measures"): {COORDINATOR: NOT_THERE},
        ("POST", "/measures/{measure_id}/decision"): {COORDINATOR: NOT_THERE},
        ("GET", "/municipalities/{ags}/events"): {
            COORDINATOR: NOT_THERE, PARTNER: NOT_THERE, ADMINISTRATOR: WELCOME,
        },
        ("GET", "/municipalities/{ags}/stream"): {
            COORDINATOR: NOT_THERE, PARTNER: NOT_THERE, ADMINISTRATOR: WELCOME,
        },
    },
}  # fmt: skip

_PAGES: Mapping[str, list[tuple[str, str]]] = {
    "gateway_web": [
        ("GET", "/"),
        ("GET", "/enquiry"),
        ("POST", "/enquiry"),
        ("GET", "/status"),
        ("POST", "/status"),
        ("POST", "/status/leave"),
        ("POST", "/status/second-factor"),
        ("POST", "/status/second-factor/code"),
        ("POST", "/status/export"),
        ("POST", "/status/bookings/{booking_id}/choice"),
        ("POST", "/status/bookings/{booking_id}/cancel"),
        ("POST", "/status/bookings/{booking_id}/reschedule"),
        ("POST", "/status/bookings/{booking_id}/feedback"),
        ("POST", "/status/consents/{consent_id}/revoke"),
        ("GET", "/staff"),
        ("GET", "/staff/sign-in"),
        ("GET", "/staff/callback"),
        ("POST", "/staff/sign-out"),
        ("GET", "/office/{office}"),
        ("GET", "/office/{office}/stream"),
        ("GET", "/interpreter"),
        ("GET", "/offer/{token}"),
        ("POST", "/offer/{token}"),
        ("POST", "/interpreter/offers/{offer_id}/accept"),
        ("POST", "/interpreter/offers/{offer_id}/decline"),
        ("GET", "/kalender/{secret}.ics"),
        ("GET", "/staff/calendar"),
        ("POST", "/staff/calendar/feed"),
        ("POST", "/staff/calendar/feed/revoke"),
        ("POST", "/interpreter/offers/{offer_id}/withdraw"),
        ("GET", "/staff/plans"),
        ("POST", "/staff/plans"),
        ("GET", "/staff/plans/{plan_id}"),
        ("POST", "/staff/plans/{plan_id}/adoption"),
        ("GET", "/staff/cases"),
        ("GET", "/staff/cases/{case_id}/duplicates"),
        ("POST", "/staff/cases/{case_id}/duplicates"),
        ("POST", "/staff/cases/{case_id}/duplicates/confirm"),
        ("GET", "/staff/cases/{case_id}/consents"),
        ("GET", "/staff/cases/{case_id}/consents/new"),
        ("POST", "/staff/cases/{case_id}/consents"),
        ("POST", "/staff/cases/{case_id}/consents/{consent_id}/revoke"),
        ("GET", "/staff/cases/{case_id}/talks"),
        ("POST", "/staff/cases/{case_id}/talks/{booking_id}/cancel"),
        ("POST", "/staff/cases/{case_id}/talks/{booking_id}/reschedule"),
        ("POST", "/staff/cases/{case_id}/talks/{booking_id}/choice"),
        ("POST", "/staff/cases/{case_id}/talks/{booking_id}/feedback"),
        ("GET", "/staff/cases/{case_id}/talks/{booking_id}/series"),
        ("POST", "/staff/cases/{case_id}/talks/{booking_id}/series"),
        ("POST", "/staff/cases/{case_id}/series/{series_id}/end"),
        ("GET", "/staff/interpreters"),
        ("GET", "/staff/interpreters/{interpreter_id}/contact"),
        ("POST", "/staff/interpreters/{interpreter_id}/contact"),
        ("POST", "/staff/interpreters/{interpreter_id}/contact/remove"),
        ("GET", "/interpreter/talks/{booking_id}/feedback"),
        ("POST", "/interpreter/talks/{booking_id}/feedback"),
    ],
    "gateway_bot": [],
}
"""The gateways are open to browsers and own nothing: whose token a page sends on, the services above verify."""

TABLE: Mapping[Route, Access] = {
    Route(service, *route): access
    for service, routes in _SERVICES.items()
    for route, access in {**_HEALTH, **_METRICS, **routes}.items()
}
PAGES = frozenset(Route(gateway, *page) for gateway, pages in _PAGES.items() for page in [*_HEALTH, *pages])
SERVICES = tuple(_SERVICES)
