"""What is wrong about a request in the sense of the domain, by hand: the field has to be named."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from shared.clock import BERLIN, now
from shared.ids import new_id
from tests.access.table import Route

ALPEN, OUTSIDE = "05170004", "05112000"
TODAY = now().astimezone(BERLIN).date()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
IN_A_YEAR = (TODAY + timedelta(days=365)).isoformat()
IN_THREE_YEARS = (TODAY + timedelta(days=3 * 365)).isoformat()
OTHERS = str(new_id())
"""An id, but of nothing here."""


class Wrong(NamedTuple):
    change: Mapping[str, Any]
    """Members of the body, replaced."""
    field: str


_ENQUIRY = [
    Wrong({"postcode": "99999"}, "postcode"),
    Wrong({"postcode": "40210"}, "postcode"),
    Wrong({"postcode": "46535\n"}, "postcode"),
    Wrong({"postcode": "\uff14\uff16\uff15\uff13\uff15"}, "postcode"),
    Wrong({"languages": ["ku"]}, "languages.0"),
    Wrong({"languages": ["ti", "xx"]}, "languages.1"),
    Wrong({"languages": ["TI"]}, "languages.0"),
    Wrong({"languages": []}, "languages"),
    Wrong({"languages": ["ti", "ti"]}, "languages"),
    Wrong({"languages": ["ti", "am", "ar", "fa", "tr", "uk"]}, "languages"),
    Wrong({"topics": []}, "topics"),
    Wrong({"topics": ["housing", "gossip"]}, "topics.1"),
    Wrong({"mode": "by_pigeon"}, "mode"),
    Wrong({"criteria": ["complex_need", "complex_need"]}, "criteria"),
    Wrong({"sealed": "not base64!"}, "sealed"),
    Wrong({"sealed": "aGVsbG8="}, "sealed"),
    Wrong({"sealed": "QUFB" * 10000}, "sealed"),
    Wrong({"key_id": "1"}, "key_id"),
    Wrong({"gender_binding": True}, "gender_binding"),
    Wrong({"gender": "any"}, "gender"),
    Wrong({"dialect": "ar-SY"}, "dialect"),
    Wrong({"dialect": "Eritrean"}, "dialect"),
]
_WISHES = [
    Wrong({"gender": "any"}, "gender"), Wrong({"gender_binding": 1}, "gender_binding"),
    Wrong({"dialect": "ti_ER"}, "dialect"),
]  # fmt: skip
_NAMED = [
    Wrong({"of": [{"kind": "rumour", "value": "a"}]}, "of.0.kind"),
    Wrong({"of": [{"kind": "village", "value": "  "}]}, "of.0.value"),
    Wrong({"of": [{"kind": "village", "value": "a"}] * 51}, "of"),
]
_CONSENT = {"kind": "processing", "purpose": "coordination"}
_TO_A_CLERK = {"language_explained_in": "ti", "given_how": "orally"}
_FOR_A_YEAR = {"valid_until": IN_A_YEAR}


def _given_with_enquiry(**told: str) -> list[Wrong]:
    """`told`: what each of the consents says besides."""

    def consents(*each: Mapping[str, Any]) -> dict[str, Any]:
        return {"consents": [told | dict(consent) for consent in each]}

    return [
        Wrong(consents(_CONSENT | {"valid_until": YESTERDAY}), "consents.0.valid_until"),
        Wrong(consents(_CONSENT | {"valid_until": IN_THREE_YEARS}), "consents.0.valid_until"),
        Wrong(consents(_CONSENT | {"valid_until": "2027-02-30"}), "consents.0.valid_until"),
        Wrong(
            consents(_CONSENT | {"valid_until": IN_A_YEAR, "recipient": "foreigners-authority"}), "consents.0.recipient"
        ),
        Wrong(
            consents({"kind": "processing", "purpose": "referral", "recipient": "foreigners-authority"} | _FOR_A_YEAR),
            "consents.0.recipient",
        ),
        Wrong(consents(_CONSENT | _FOR_A_YEAR | {"topics": []}), "consents.0.topics"),
        Wrong(consents(_CONSENT | _FOR_A_YEAR | {"language_explained_in": "ku"}), "consents.0.language_explained_in"),
        Wrong(consents(*[_CONSENT | {"valid_until": IN_A_YEAR}] * 2), "consents"),
        Wrong(consents(*[_CONSENT | {"valid_until": IN_A_YEAR}] * 21), "consents"),
    ]


_CONSENTED = [
    Wrong({"valid_until": YESTERDAY}, "valid_until"),
    Wrong({"valid_until": "2027-02-30"}, "valid_until"),
    Wrong({"valid_until": IN_THREE_YEARS}, "valid_until"),
    Wrong({"recipient": "the-neighbours"}, "recipient"),
    Wrong({"recipient": "foreigners-authority", "purpose": "referral"}, "recipient"),
    Wrong({"recipient": "foreigners-authority", "recipient_confirmed": True}, "recipient"),
    Wrong({"kind": "everything"}, "kind"),
    Wrong({"topics": []}, "topics"),
    Wrong({"topics": ["gossip"]}, "topics.0"),
    Wrong({"language_explained_in": "ku"}, "language_explained_in"),
]
_OF_A_RECORD = [Wrong({"person_id": "nobody"}, "person_id"), Wrong({"person_id": None}, "person_id")]
_HOURS = {"weekday": 0, "starts": "09:00:00", "ends": "12:00:00"}


def _windows(**changed: Any) -> dict[str, Any]:
    return {"windows": [_HOURS | changed]}


RULE = {
    "starts": "2026-01-05T09:00:00", "minutes": 180, "rrule": "FREQ=WEEKLY;BYDAY=MO",
    "exdates": ["2026-01-12T09:00:00"], "rdates": ["2026-01-13T09:00:00"],
}  # fmt: skip


def _rule(**changed: Any) -> dict[str, Any]:
    return {"rules": [RULE | changed]}


_ABSENCES = [
    Wrong({"absences": [{}]}, "absences.0.starts_at"),
    Wrong({"absences": [{"starts_at": "2030-01-01T08:00", "ends_at": "2030-01-02T08:00Z"}]}, "absences.0.starts_at"),
    Wrong({"absences": [{"starts_at": "2030-01-02T08:00Z", "ends_at": "2030-01-02T08:00Z"}]}, "absences.0"),
]
_RULES = [
    *[
        Wrong(_rule(rrule=rule), "rules.0.rrule")
        for rule in (
            "FREQ=SECONDLY", "FREQ=HOURLY;COUNT=3", "BYDAY=MO", "FREQ=WEEKLY;COUNT=1001", "FREQ=WEEKLY;BYSECOND=0",
            "FREQ=WEEKLY;COUNT=2;UNTIL=20270101T000000Z", "FREQ=WEEKLY;UNTIL=20270230T000000Z",
            "FREQ=WEEKLY;FREQ=DAILY", "FREQ=DAILY;INTERVAL=0",
            "FREQ=YEARLY;BYMONTH=13", "FREQ=DAILY;BYDAY=1MO", "FREQ=WEEKLY;BYMONTHDAY=5", "RRULE:FREQ=WEEKLY",
            "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        )
    ],
    Wrong(_rule(rrule="FREQ=WEEKLY;BYDAY=TU"), "rules.0"),
    Wrong(_rule(starts="2026-01-05T09:00:00Z"), "rules.0.starts"),
    Wrong(_rule(starts=None), "rules.0.starts"), Wrong(_rule(starts="2026-01-05T09:00:01"), "rules.0.starts"),
    Wrong(_rule(minutes=14), "rules.0.minutes"), Wrong(_rule(minutes=1441), "rules.0.minutes"),
    Wrong(_rule(exdates=["2026-01-05T09:00:00+01:00"]), "rules.0.exdates.0"),
    Wrong(_rule(rdates=["2026-02-30T09:00:00"]), "rules.0.rdates.0"),
    Wrong(_rule(rdates=["2026-02-03T09:00:00"] * 401), "rules.0.rdates"), Wrong({"rules": [RULE] * 51}, "rules"),
]  # fmt: skip
_BY_SERVICE: Mapping[str, Mapping[tuple[str, str], list[Wrong]]] = {
    "intake": {
        ("POST", "/enquiries"): [
            *_ENQUIRY, *_given_with_enquiry(), Wrong({"channel": "clerk"}, "channel"),
        ],
        ("POST", "/clerk/enquiries"): [
            *_ENQUIRY, *_given_with_enquiry(**_TO_A_CLERK), Wrong({"channel": "web"}, "channel"),
            *[
                Wrong({"consents": [_CONSENT | _FOR_A_YEAR | _TO_A_CLERK | {name: value}]}, f"consents.0.{name}")
                for name, value in (("given_how", "with_enquiry"), ("given_how", None), ("language_explained_in", None))
            ],
        ],
        ("POST", "/participant/token"): [Wrong({"code": ""}, "code"), Wrong({"code": "7" * 65}, "code")],
        ("POST", "/enquiries/{enquiry_id}/triage"): [
            Wrong({"decision": "maybe"}, "decision"), Wrong({"service": "the-neighbours"}, "service"),
            Wrong({"decision": "accept"}, "service"),
        ],
        ("POST", "/enquiries/{enquiry_id}/withdraw"): [
            Wrong({"reason": "gone"}, "reason"), Wrong({"reason": "consent_expired"}, "reason"),
        ],
    },
    "case": {
        ("POST", "/cases/{case_id}/phase"): [
            Wrong({"phase": "limbo"}, "phase"), Wrong({"reason": None}, "outcome"), Wrong({"outcome": None}, "outcome"),
            Wrong({"reason": "enquiry_withdrawn"}, "reason"), Wrong({"reason": "consent_revoked"}, "reason"),
        ],
        ("POST", "/cases/{case_id}/goals"): [Wrong({"area": "weather"}, "area"), Wrong({"kind": "gossip"}, "kind")],
        ("POST", "/goals/{goal_id}/progress"): [
            Wrong({"progress": 101}, "progress"), Wrong({"progress": -1}, "progress"),
            Wrong({"progress": "5"}, "progress"),
        ],
        ("POST", "/cases/{case_id}/steps"): [
            Wrong({"due_on": YESTERDAY}, "due_on"), Wrong({"due_on": "2027-02-30"}, "due_on"),
            Wrong({"owner": "neighbour"}, "owner"),
        ],
        ("POST", "/steps/{step_id}/state"): [Wrong({"state": "forgotten"}, "state")],
        ("POST", "/cases/{case_id}/assessments"): [
            Wrong({"ratings": {}}, "ratings"), Wrong({"ratings": {"housing": 6}}, "ratings.housing"),
            Wrong({"ratings": {"housing": 0}}, "ratings.housing"),
        ],
        ("POST", "/cases/{case_id}/referrals"): [
            Wrong({"service": "the-neighbours"}, "service"), Wrong({"service": "foreigners-authority"}, "service"),
            Wrong({"area": "weather"}, "area"),
        ],
        ("POST", "/referrals/{referral_id}/state"): [Wrong({"state": "lost"}, "state")],
        ("POST", "/referrals/{referral_id}/answer"): [
            Wrong({"state": "revoked"}, "state"), Wrong({"state": "offered"}, "state"),
        ],
        ("POST", "/cases/{case_id}/conferences"): [
            Wrong({"held_on": YESTERDAY}, "held_on"), Wrong({"participants": [OTHERS] * 2}, "participants"),
            Wrong({"services": ["the-neighbours"]}, "services.0"), Wrong({"areas": ["weather"]}, "areas.0"),
            Wrong({"areas": []}, "areas"), Wrong({"areas": ["work"] * 2}, "areas"),
        ],
        ("POST", "/conferences/{conference_id}/outcome"): [Wrong({"outcome": "fun"}, "outcome")],
        ("POST", "/cases/{case_id}/hand-over"): [Wrong({"ags": OUTSIDE}, "ags")],
        ("POST", "/cases/{case_id}/hand-over/approval"): [Wrong({"approved": "true"}, "approved")],
        ("PUT", "/cases/{case_id}/interpreting"): [
            *_WISHES, Wrong({"gender": None}, "gender_binding"), Wrong({"dialect": "Eritrean"}, "dialect"),
        ],
        ("POST", "/case-managers/{case_manager_id}/absence"): [
            Wrong({"absent_from": "soon"}, "absent_from"), Wrong({"absent_until": "2029-12-31"}, "absent_until"),
            Wrong({"moves_cases": "perhaps"}, "moves_cases"),
        ],
        ("POST", "/cases/{case_id}/notes"): [Wrong({"text": "  "}, "text"), Wrong({"text": "a" * 4001}, "text")],
        ("POST", "/cases/{case_id}/counselling"): [
            Wrong({"mode": "by_pigeon"}, "mode"), Wrong({"duration_minutes": 14}, "duration_minutes"),
            Wrong({"purpose": "gossip"}, "purpose"),
            Wrong({"duration_minutes": 1441}, "duration_minutes"),
            Wrong({"duration_minutes": "60"}, "duration_minutes"),
        ],
        ("POST", "/cases/{case_id}/findings"): [
            Wrong({"kind": "gossip"}, "kind"), Wrong({"about": "weather"}, "about"),
        ],
        ("PUT", "/case-managers/{case_manager_id}"): [
            Wrong({"fte": "1.01"}, "fte"), Wrong({"fte": "-0.1"}, "fte"), Wrong({"fte": "0.123"}, "fte"),
            Wrong({"fte": "NaN"}, "fte"),
            Wrong({"municipalities": [OUTSIDE]}, "municipalities.0"), Wrong({"languages": ["ku"]}, "languages.0"),
            Wrong({"languages": ["de", "de"]}, "languages"), Wrong({"topics": ["weather"]}, "topics.0"),
            Wrong({"absent_from": "soon"}, "absent_from"), Wrong({"absent_until": "2029-12-31"}, "absent_until"),
        ],
    },
    "scheduling": {
        ("POST", "/bookings/{booking_id}/choice"): [Wrong({"slot_id": OTHERS}, "slot_id")],
        ("POST", "/bookings/{booking_id}/series"): [
            Wrong({"starts": "2030-01-01T09:00:00Z"}, "starts"), Wrong({"starts": "2030-01-01T09:00:30"}, "starts"),
            Wrong({"rrule": "FREQ=SECONDLY"}, "rrule"), Wrong({"rrule": "FREQ=DAILY"}, "rrule"),
            Wrong({"rrule": "FREQ=DAILY;COUNT=27"}, "rrule"), Wrong({"rrule": "FREQ=YEARLY;COUNT=3"}, "rrule"),
            Wrong({"whole": "true"}, "whole"),
        ],
        ("POST", "/bookings/{booking_id}/check-in"): [
            Wrong({"attended": "true"}, "attended"), Wrong({"attended": 1}, "attended"),
        ],
        ("PUT", "/resources/{resource_id}"): [
            Wrong({"kind": "client"}, "kind"), Wrong({"kind": "interpreter"}, "kind"),
            Wrong({"ags": [OUTSIDE]}, "ags.0"),
            Wrong(_windows(weekday=7), "windows.0.weekday"), Wrong(_windows(weekday="0"), "windows.0.weekday"),
            Wrong(_windows(ends="09:00:00"), "windows.0"), Wrong(_windows(starts="09:00:00+01:00"), "windows.0"),
            Wrong({"windows": [_HOURS] * 101}, "windows"),
            Wrong({"absences": [{"starts_at": "2030-01-01T08:00", "ends_at": "2030-01-02T08:00Z"}]},
                  "absences.0.starts_at"),
            Wrong({"absences": [{"starts_at": "2030-01-02T08:00Z", "ends_at": "2030-01-02T08:00Z"}]}, "absences.0"),
            *_RULES,
        ],
        ("PUT", "/calendar/foreign"): [
            Wrong({"kind": "exchange"}, "kind"), Wrong({"password": None}, "password"),
            Wrong({"username": None}, "username"),
            *[
                Wrong({"address": address}, "address")
                for address in (
                    "ftp://calendar.example/a.ics", "//calendar.example/a.ics", "https://", "calendar.example",
                    "https://anna:secret@calendar.example/a.ics", "https://calendar.example/a.ics#top",
                    "https://calendar.example:99999/a.ics",
                )
            ],
        ],
        ("PUT", "/resources/{resource_id}/hours"): [
            Wrong(_windows(weekday=7), "windows.0.weekday"), Wrong({"absences": [{}]}, "absences.0.starts_at"), *_RULES,
        ],
    },
    "interpreter": {
        ("PUT", "/interpreters/{interpreter_id}"): [
            Wrong({"languages": [{"language": "ku", "level": "c1"}]}, "languages.0.language"),
            Wrong({"languages": [{"language": "xx", "level": "c1"}]}, "languages.0.language"),
            Wrong({"languages": [{"language": "ti", "level": "c1"}] * 2}, "languages"),
            Wrong({"languages": []}, "languages"), Wrong({"municipalities": [OUTSIDE]}, "municipalities.0"),
            Wrong({"base_postcode": "\uff14\uff16\uff14\uff18\uff13"}, "base_postcode"),
            Wrong({"credentials": {"sworn": "2027-02-30"}}, "credentials.sworn"), Wrong({"active": 1}, "active"),
        ],
        ("POST", "/bookings/{booking_id}/feedback"): [
            Wrong({"understanding": 0}, "understanding"), Wrong({"understanding": 6}, "understanding"),
            Wrong({"punctuality": "5"}, "punctuality"), Wrong({"remarks": ["gossip"]}, "remarks.0"),
        ],
        ("POST", "/plans"): [
            Wrong({"from": "2027-02-30"}, "from"), Wrong({"from": 1}, "from"), Wrong({"to": None}, "to"),
            Wrong({"to": YESTERDAY}, "to"), Wrong({"to": IN_THREE_YEARS}, "to"),
            Wrong({"from": YESTERDAY, "to": YESTERDAY}, "to"), Wrong({"municipality": OUTSIDE}, "municipality"),
            Wrong({"municipality": None}, "municipality"), Wrong({"pool": "kreis-wesel"}, "municipality"),
            Wrong({"pool": "kreis-kleve", "municipality": None}, "pool"),
        ],
        ("POST", "/offer-link/answer"): [
            Wrong({"token": "short"}, "token"), Wrong({"answer": "perhaps"}, "answer"),
            Wrong({"answer": True}, "answer"),
        ],
        ("PUT", "/interpreters/{interpreter_id}/availability"): [
            Wrong(_windows(weekday=-1), "windows.0.weekday"), Wrong(_windows(weekday=False), "windows.0.weekday"),
            Wrong(_windows(ends="24:00:01"), "windows.0.ends"), Wrong(_windows(ends="08:00:00"), "windows"),
            Wrong(_windows(starts="09:00:00Z"), "windows.0.starts"), Wrong({"windows": [_HOURS] * 2}, "windows"),
            *_RULES, *_ABSENCES,
        ],
    },
    "person": {
        ("PUT", "/persons/by-enquiry/{enquiry_id}/contact"): [
            Wrong({"contact_kind": "pigeon"}, "contact_kind"), Wrong({"contact": ""}, "contact"),
            Wrong({"contact_kind": "none"}, "contact"), Wrong({"preferred_language": "xx"}, "preferred_language"),
            Wrong({"birth_year": 1850}, "birth_year"), Wrong({"birth_year": "1990"}, "birth_year"),
            Wrong({"message": "another"}, "message"),
        ],
        ("POST", "/persons/by-enquiry/{enquiry_id}/note-key"): [Wrong({"purpose": "curiosity"}, "purpose")],
        ("POST", "/persons/by-enquiry/{enquiry_id}/consents"): [
            *_CONSENTED, Wrong({"given_how": "online"}, "given_how"), Wrong({"given_how": "with_enquiry"}, "given_how"),
        ],
        ("POST", "/persons/by-enquiry/{enquiry_id}/duplicates/dismissal"): _OF_A_RECORD,
        ("POST", "/persons/by-enquiry/{enquiry_id}/merge"): _OF_A_RECORD,
        ("POST", "/persons/by-enquiry/{enquiry_id}/merge-undo"): _OF_A_RECORD,
        ("POST", "/outgoing/telegram/{message_id}/outcome"): [
            Wrong({"outcome": "too_late"}, "outcome"), Wrong({"outcome": None}, "outcome"),
        ],
        ("POST", "/me/codes"): [Wrong({"purpose": "curiosity"}, "purpose")],
        ("POST", "/me/codes/redeem"): [
            Wrong({"purpose": "curiosity"}, "purpose"), Wrong({"code": "12345"}, "code"),
            Wrong({"code": "abcdef"}, "code"), Wrong({"code": "\uff11\uff12\uff13\uff14\uff15\uff16"}, "code"),
        ],
        ("POST", "/me/consents"): [*_CONSENTED, Wrong({"given_how": "in_writing"}, "given_how")],
        ("POST", "/conflict-tokens"): [Wrong({"of": []}, "of"), *_NAMED],
        ("PUT", "/persons/by-enquiry/{enquiry_id}/conflicts"): _NAMED,
        ("PUT", "/interpreters/{interpreter_id}/conflicts"): _NAMED,
        ("PUT", "/interpreters/{interpreter_id}/contact"): [
            Wrong({"email": "nobody"}, "email"), Wrong({"email": "a b@example.org"}, "email"),
            Wrong({"email": "a@example.org, b@example.org"}, "email"), Wrong({"language": "xx"}, "language"),
        ],
    },
    "coordination": {
        ("POST", "/offices/{office}/measures"): [
            Wrong({"ags": ALPEN}, "ags"), Wrong({"ags": OUTSIDE}, "ags"), Wrong({"kind": "gossip"}, "kind"),
            Wrong({"about": "weather"}, "about"),
        ],
        ("POST", "/measures/{measure_id}/decision"): [
            Wrong({"adopted": "true"}, "adopted"), Wrong({"adopted": 1}, "adopted"),
            Wrong({"adopted": None}, "adopted"),
        ],
    },
}  # fmt: skip

WRONG: Mapping[Route, list[Wrong]] = {
    Route(service, *route): wrong for service, routes in _BY_SERVICE.items() for route, wrong in routes.items()
}
"""Every route that takes a body."""
FREE_TEXT: Mapping[Route, frozenset[str]] = {
    Route("person", "PUT", "/persons/by-enquiry/{enquiry_id}/contact"): frozenset({"name", "contact"}),
    Route("case", "POST", "/cases/{case_id}/notes"): frozenset({"text"}),
    Route("scheduling", "PUT", "/calendar/foreign"): frozenset({"username", "password"}),
    Route("person", "POST", "/conflict-tokens"): frozenset({"of.0.value"}),
    Route("person", "PUT", "/persons/by-enquiry/{enquiry_id}/conflicts"): frozenset({"of.0.value"}),
    Route("person", "PUT", "/interpreters/{interpreter_id}/conflicts"): frozenset({"of.0.value"}),
    Route("intake", "POST", "/participant/token"): frozenset({"code"}),
}
"""Where a strange word is no bad input: a note, a login, names, a village's too, and a code, which is then a wrong one.
"""
