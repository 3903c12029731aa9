"""Strings that stand for what people say about themselves, and the search for them in whatever form they survived."""

import html
import re
import unicodedata
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from itertools import filterfalse
from types import MappingProxyType
from urllib.parse import unquote_plus

from tests.gateway_bot.people import NAME as BOT_NAME

CANARIES: Mapping[str, str] = MappingProxyType(
    {
        "name": "Zanétta Kanarová",
        "contact": "bei Familie Kanarowski, Hinterhof 3b",
        "e-mail": "zanetta@kanaripost.example",
        "phone": "+49 1579 4827391",
        "birth date": "1903-02-27",
        "free text": "Mein Bruder Kanarimir schläft im Keller.",
        "note": "Frau Kanarina weint und sagt „nein“ zum Amt.",
        "message": "ካናሪ ዘፋኝ ወፍ",
        "conference": "Runder Tisch wegen Kanarella",
        "referral": "Beratung wegen Kanarschulden",
        "idempotency key": "kanari-idempotency-7f3a9b",
        "query string": "kanarisuche <heute>",
        "header": "kanariheader/1.0",
        "path": "kanaripfad",
        "wrong type": "kanaritypus",
        "bot message": "Kanaribot, hörst du mich?",
        "bot name": BOT_NAME,
    }
)
"""Kind -> text. None of the texts is part of another one."""
_OTHERWISE: Mapping[str, tuple[str, ...]] = {
    "phone": ("+4915794827391", "4915794827391", "015794827391", "0049 1579 4827391", "1579/4827391"),
    "birth date": ("27.02.1903", "27.2.1903", "19030227"),
}
"""How else the same is written."""
_ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")
_SHORTEST = 8
"""Characters of base64 that are no accident."""


def found_in(haystack: bytes) -> set[str]:
    """The kinds of canaries in it: plain, in other letters, escaped, percent-encoded, base64, hex or UTF-16."""
    text = haystack.decode(errors="replace")
    views = {_folded(view) for view in set(_views(text))}
    small = haystack.lower()
    return {
        kind
        for kind in CANARIES
        if any(plain in view for plain in _PLAIN[kind] for view in views)
        or any(form in haystack for form in _ENCODED[kind])
        or any(form in small for form in _HEX[kind])
    }


def _views(text: str) -> Iterator[str]:
    """The text, and what it would be decoded to."""
    unescaped = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    yield from (text, unescaped, unquote_plus(text), unquote_plus(unescaped), html.unescape(text))


def _folded(text: str) -> str:
    """Without case, accents and compatibility: so that each normal form is found."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(filterfalse(unicodedata.combining, apart)).casefold()


def _texts(kind: str) -> Iterator[str]:
    for text in (CANARIES[kind], *_OTHERWISE.get(kind, ())):
        for form in ("NFC", "NFD"):
            normal = unicodedata.normalize(form, text)
            yield from (normal, normal.lower(), normal.upper())


def _base64(text: str) -> Iterator[bytes]:
    """What is the same whatever stands before and after it: for each of the three places at which it may begin."""
    for before in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            whole = encode(b"\0" * before + text.encode())
            first, last = -(-before * 4 // 3), -4 if whole.endswith(b"=") else len(whole)
            if len(core := whole[first:last]) >= _SHORTEST:
                yield core


_PLAIN = {kind: {_folded(text) for text in _texts(kind)} for kind in CANARIES}
_ENCODED = {
    kind: {
        form for text in _texts(kind) for form in (*_base64(text), text.encode("utf-16-le"), text.encode("utf-16-be"))
    }
    for kind in CANARIES
}
_HEX = {kind: {text.encode().hex().encode() for text in _texts(kind)} for kind in CANARIES}
