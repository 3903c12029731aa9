"""The search for canaries finds each of them in every form in which it could survive, and nothing else."""

import json
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote, quote_plus

import pytest

from tests.canaries import CANARIES, found_in

FORMS: Mapping[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "upper": lambda text: text.upper().encode(),
    "lower": lambda text: text.lower().encode(),
    "decomposed": lambda text: unicodedata.normalize("NFD", text).encode(),
    "compatible": lambda text: unicodedata.normalize("NFKC", text).encode(),
    "JSON": lambda text: json.dumps({"a": text}).encode(),
    "JSON in JSON": lambda text: json.dumps(json.dumps([text])).encode(),
    "JSON, decomposed": lambda text: json.dumps(unicodedata.normalize("NFD", text)).encode(),
    "percent": lambda text: quote(text, safe="").encode(),
    "form": lambda text: quote_plus(text).encode(),
    "HTML": lambda text: escape(text).encode(),
    "base64": lambda text: b64encode(text.encode()),
    "base64, later": lambda text: b64encode(b"{" + text.encode() + b"}"),
    "base64, later still": lambda text: b64encode(b"{ " + text.encode() + b"}"),
    "base64, of addresses": lambda text: urlsafe_b64encode(b"..." + text.encode()),
    "base64, upper": lambda text: b64encode(text.upper().encode()),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "UTF-16": lambda text: text.encode("utf-16-le"),
    "among bytes": lambda text: b"\xff\xfe\x00" + text.encode() + b"\x80",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_canary_is_found_in_every_form(form: str) -> None:
    assert {kind: found_in(b"x " + FORMS[form](text) + b" y") for kind, text in CANARIES.items()} == {
        kind: {kind} for kind in CANARIES
    }


@pytest.mark.parametrize("phone", [b"+4915794827391", b"01579 / 4827391".replace(b" ", b""), b"tel:4915794827391"])
def test_a_number_is_found_however_it_is_written(phone: bytes) -> None:
    assert found_in(phone) == {"phone"}


@pytest.mark.parametrize("date", [b"27.02.1903", b'{"born": "1903-02-27"}', b"19030227"])
def test_a_birth_date_is_found_however_it_is_written(date: bytes) -> None:
    assert found_in(date) == {"birth date"}


def test_what_is_coded_is_no_canary() -> None:
    assert (
        found_in(b'{"enquiry_id": "01a2b3c4-0000-7000-8000-000000000000", "ags": "05170008", "on": "2026-02-27"}')
        == set()
    )
