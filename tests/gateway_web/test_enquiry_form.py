"""The form: what is wrong with it, and what leaves the gateway of one with nothing wrong."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from nacl.public import PrivateKey, SealedBox
from starlette.datastructures import FormData

from services.gateway_web.enquiry_form import Typed

SECRET = b"of this gateway"
PRIVATE = PrivateKey.generate()
PUBLIC = {"public_key": b64encode(bytes(PRIVATE.public_key)).decode(), "key_id": "019a0000-0000-7000-8000-000000000001"}
GOOD: dict[str, Any] = {
    "key": "019a0000-0000-7000-8000-000000000002",
    "postcode": "46535",
    "topics": ["housing", "residence"],
    "languages": ["ti", "", "en"],
    "mode": "in_person",
    "criteria": ["complex_need"],
    "name": "Selam Tesfay",
    "birth_year": "1991",
    "contact_kind": "phone",
    "contact": "+49 2064 123456",
    "message": "ሰላም\r\nwir suchen",
    "consents": ["processing"],
}


def typed(**changed: Any) -> Typed:
    given = GOOD | changed
    pairs = [(name, each) for name, value in given.items() for each in (value if isinstance(value, list) else [value])]
    return Typed.of(FormData(pairs))


def opened(form: Typed) -> Any:
    return json.loads(SealedBox(PRIVATE).decrypt(b64decode(form.body(PUBLIC, SECRET, "de")["sealed"])))


def test_a_good_form_has_nothing_wrong() -> None:
    assert typed().wrong() == []


def test_whom_they_wish_to_be_interpreted_by_goes_with_the_enquiry() -> None:
    form = typed(dialect="ti-ER", gender="female", gender_binding="yes")
    assert form.wrong() == []
    body = form.body(PUBLIC, SECRET, "de")
    assert (body["dialect"], body["gender"], body["gender_binding"]) == ("ti-ER", "female", True)
    open_to_all = typed(gender_binding="yes").body(PUBLIC, SECRET, "de")
    assert (open_to_all["dialect"], open_to_all["gender"], open_to_all["gender_binding"]) == (None, None, False)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("postcode", "50667"),
        ("postcode", "4653"),
        ("topics", []),
        ("topics", ["astrology"]),
        ("languages", ["", "", ""]),
        ("languages", ["ti", "ti"]),
        ("languages", ["ku"]),
        ("mode", ""),
        ("criteria", ["poor"]),
        ("name", "  "),
        ("name", "Selam\x00Tesfay"),
        ("birth_year", "91"),
        ("birth_year", "1899"),
        ("birth_year", "2990"),
        ("birth_year", "١٩٩١"),
        ("contact_kind", "pigeon"),
        ("contact", ""),
        ("message", "x" * 4001),
        ("website", "https://spam.example"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: Any) -> None:
    assert typed(**{field: value}).wrong() == [field]


def test_without_consent_to_processing_nothing_is_sent() -> None:
    assert typed(consents=["coordination"]).wrong() == ["processing"]


def test_who_wants_no_contact_gives_none() -> None:
    form = typed(contact_kind="none", contact="")
    assert form.wrong() == []
    assert opened(form)["contact"] == ""


def test_who_does_not_tell_their_year_of_birth_is_asked_nothing_more() -> None:
    form = typed(birth_year="")
    assert form.wrong() == []
    assert opened(form)["birth_year"] is None


def test_each_consent_is_its_own() -> None:
    body = typed(consents=["processing", "special_categories"]).body(PUBLIC, SECRET, "de")
    assert [(each["kind"], each["purpose"]) for each in body["consents"]] == [
        ("processing", "counselling"),
        ("special_categories", "counselling"),
    ]


def test_what_people_say_about_themselves_leaves_sealed() -> None:
    form = typed()
    assert opened(form) == {
        "name": "Selam Tesfay",
        "contact_kind": "phone",
        "contact": "+49 2064 123456",
        "message": "ሰላም\nwir suchen",
        "preferred_language": "ti",
        "birth_year": 1991,
    }
    body = json.dumps(form.body(PUBLIC, SECRET, "de"), ensure_ascii=False)
    assert not any(canary in body for canary in ("Selam", "2064", "ሰላም", "suchen"))


def test_the_same_form_makes_the_same_body_so_that_a_double_click_makes_one_enquiry() -> None:
    assert typed().body(PUBLIC, SECRET, "de") == typed().body(PUBLIC, SECRET, "de")
    assert typed().body(PUBLIC, SECRET, "de") != typed(message="other").body(PUBLIC, SECRET, "de")


def test_a_form_shows_nothing_in_a_log() -> None:
    assert "Selam" not in repr(typed())


def test_a_made_up_key_is_replaced() -> None:
    assert typed(key="short\nkey").key != "short\nkey"
